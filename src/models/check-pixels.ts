/** Whether pixels reach a classifier as it expects them. */
import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import { type InferredGraph, inferValues } from "./infer-values.ts";
import { type PixelExpectation, pixelExpectation } from "./pixel-expectation.ts";
import { pixelFront } from "./pixel-front.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** What the graph does to pixels before its first layer; null where it takes them as they are, as far as it shows. */
export function expectationOf(
  graph: Graph,
  input: string,
  inferred: InferredGraph = inferValues(graph, input),
): PixelExpectation | null {
  const shape = inferred.values.get(input)?.shape;
  if (shape?.length !== 4) return null;
  const isUsual = (channels: number) => channels === 3 || channels === 1;
  const axis = !isUsual(shape[1]) && isUsual(shape[3]) ? 3 : 1;
  return pixelExpectation(pixelFront(inferred, input, axis));
}

/** A span from black to white as wide as that of bytes, or wider. */
const BYTE_SPAN = 100;

/**
 * Compares what enters the graph with what it does to it first, and with what the file says.
 *
 * @param stated  what becomes of pixels in [0, 1] before they enter
 * @param name    what messages call the model
 * @returns what is not certain, a sentence each
 * @throws UsageError where pixels would be normalised twice, or be of another range or order of colours than expected
 */
export function checkPixels(classifier: Classifier, stated: Preprocessing, name: string): string[] {
  const found = expectationOf(classifier.graph, classifier.input);
  const { inputRange = 1, channelOrder = "rgb", normalization } = stated;
  const { mean, std } = normalization ?? { mean: [0], std: [1] };
  const isNormalized = mean.some((m) => m !== 0) || std.some((s) => s !== 1);
  const says = found ? `its graph ${found.does} first` : "its file says so";
  const normalizesItself = classifier.normalizesItself === true || found?.normalizesItself === true;
  if (normalizesItself && isNormalized) {
    throw new UsageError(
      `${name} normalises its images by itself (${says}): mean and std would do so a second time. Leave them out.`,
    );
  }
  if (normalizesItself && inputRange !== 1) {
    throw new UsageError(
      `${name} takes pixels in [0, 1] (${says}); inputRange is ${inputRange}. Leave it out.`,
    );
  }
  if (found?.range === 255) {
    if (inputRange === 255 && isNormalized) {
      throw new UsageError(
        `${name} takes bytes and normalises them by itself (${says}): mean and std would do so a second time. ` +
          `Leave them out, and keep inputRange 255.`,
      );
    }
    if (Math.min(...std.map((s) => inputRange / s)) < BYTE_SPAN) {
      throw new UsageError(
        `${name} takes pixels in [0, 255] (${says}); they would enter it in [0, 1] or normalised. ` +
          `Give inputRange: 255 (--input-range 255), and no mean and std.`,
      );
    }
  }
  const order = found?.order ?? null;
  if (order !== null && order !== channelOrder) {
    throw new UsageError(
      order === "bgr"
        ? `${name} takes the colours in the order blue, green, red (${says}); images are red, green, blue. ` +
            `Give channelOrder: "bgr" (--channel-order bgr).`
        : `${name} takes the colours in the order red, green, blue (${says}); channelOrder is "bgr". Leave it out.`,
    );
  }
  return found ? doubts(found, name, classifier) : silence(classifier, stated, name);
}

function doubts(
  { does, normalizesItself, range, order, reverses }: PixelExpectation,
  name: string,
  classifier: Classifier,
): string[] {
  if (classifier.normalizesItself === true && !reverses) return [];
  const before = `${name} ${does} before its first layer`;
  if (reverses && order === null) {
    return [
      `${before}; whether it takes red, green, blue or the reverse does not show. Images enter it as red, green, blue ` +
        `unless channelOrder (--channel-order) is "bgr".`,
    ];
  }
  if (normalizesItself) return [`${before}: it normalises pixels in [0, 1] by itself.`];
  if (range === 255) return [`${before}: it takes bytes, and pixels enter it in [0, 255].`];
  return [
    `${before}; check that what enters it (pixels in [0, 1], or as mean and std say) is what it was made for.`,
  ];
}

/** A file of outside origin of which nobody has said what its images are normalised by. */
function silence({ metadata, normalizesItself }: Classifier, stated: Preprocessing, name: string): string[] {
  const isStated = stated.normalization !== undefined || stated.inputRange !== undefined;
  if (metadata === undefined || normalizesItself !== undefined || isStated) return [];
  return [
    `${name} does not say what its images are normalised by: pixels enter it as they are, in [0, 1], red first. Give mean ` +
      `and std (--mean, --std) if its training normalised them, inputRange (--input-range) 255 if it takes bytes, ` +
      `channelOrder (--channel-order) "bgr" if it takes blue first.`,
  ];
}
