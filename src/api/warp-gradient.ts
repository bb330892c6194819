/** The derivative of a model's loss by how its images are warped, as a graph that ONNX Runtime runs. */
import { crossEntropy } from "../align/index.ts";
import type { Fill, InverseAffine } from "../augment/index.ts";
import { backward, semanticInference } from "../autodiff/index.ts";
import { type WarpGradient, batchImages } from "../evaluate/index.ts";
import { lower } from "../lower/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, GraphBuilder, UnsupportedOpError, type Value, upgradeGraph } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { type ImageBatch, type Shape, UsageError, float32, int64, sizeOf } from "../tensor/index.ts";
import { evaluationPass, modelInput } from "../train/index.ts";
import type { OpenedTestable, TestableOptions } from "./open-testable.ts";

export interface OpenWarpGradient {
  readonly warpGradient: WarpGradient;
  /** Logits of the warped images by the same graph, for who wants to compare: [n, K]. */
  readonly logits: (images: ImageBatch, matrices: readonly InverseAffine[]) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** What the graph is made for. */
interface Made {
  /** Images in a run; fewer are filled up. */
  readonly batch: number;
  /** [C, H, W], what the model takes. */
  readonly image: Shape;
  /** The same with what lies around, of which the image is the middle. */
  readonly source: Shape;
  /** What lies outside the source. */
  readonly fill: Fill;
}

/**
 * Opens the gradient of an opened model's cross-entropy by bilinear affine warps of its images.
 *
 * @param data  shape of its images, and of what lies around them
 * @param fill  what the warps show outside that
 * @throws UsageError for a function, and for a file that only ONNX Runtime reads
 * @throws UnsupportedOpError for an operator without a gradient rule
 */
export async function openWarpGradient(
  { graph, classifier, preprocessing, title }: OpenedTestable,
  data: { readonly shape: Shape; readonly surround?: { readonly shape: Shape } },
  fill: Fill,
  {
    batchSize,
    executionProvider,
    threads,
  }: { readonly batchSize: number } & Pick<TestableOptions, "executionProvider" | "threads">,
): Promise<OpenWarpGradient> {
  if (!graph || !classifier) {
    throw new UsageError(
      `A search by gradients needs the graph of the model, and ${title[0].toLowerCase()}${title.slice(1)} gives none that is read here. ` +
        `Search a grid or at random (search, --search).`,
    );
  }
  const source = data.surround?.shape ?? data.shape;
  // What is kept for the way back takes several times what a prediction does.
  const batch = Math.min(batchSize, 64, batchImages(source));
  const made = { batch, image: data.shape, source, fill };
  const withGradient = warpGradientGraph({ ...classifier, ...preprocessing, graph }, made);
  const session = await createSession(lower(withGradient), {
    // The kernels of the way back are the processor's, or CUDA's.
    executionProvider: executionProvider === "cuda" ? "cuda" : "cpu",
    threads,
    source: `the gradient of ${title}`,
  });
  const run = async (
    images: ImageBatch,
    matrices: readonly InverseAffine[],
    labels: Int32Array,
    output: "gradient" | "logits",
  ): Promise<Float32Array[]> => {
    const { data: pixels } = images.surround ?? images;
    const imageSize = sizeOf(source);
    const results: Float32Array[] = [];
    for (let start = 0; start < matrices.length; start += batch) {
      const taken = Math.min(batch, matrices.length - start);
      const padded = new Float32Array(batch * imageSize);
      padded.set(pixels.subarray(start * imageSize, (start + taken) * imageSize));
      const theta = new Float32Array(batch * 6);
      matrices.slice(start, start + taken).forEach((m, i) => theta.set(thetaOf(m, made), 6 * i));
      const feeds = {
        images: float32([batch, ...source], padded),
        labels: int64(
          Array.from({ length: batch }, (_, i) => (i < taken ? labels[start + i] : 0)),
          [batch],
        ),
        theta: float32([batch, 2, 3], theta),
      };
      const rows = (await session.run(feeds, {}, [output]))[output].data as Float32Array;
      results.push(rows.subarray(0, (rows.length / batch) * taken));
    }
    return results;
  };
  return {
    async warpGradient(images, matrices, labels) {
      const parts = await run(images, matrices, labels, "gradient");
      const scales = thetaScales(made);
      const all = parts.flatMap((part) => Array.from(part));
      return Float64Array.from(all, (value, i) => value * scales[i % 6]);
    },
    async logits(images, matrices) {
      const parts = await run(images, matrices, new Int32Array(matrices.length), "logits");
      return Float32Array.from(parts.flatMap((part) => Array.from(part)));
    },
    release: () => session.release(),
  };
}

/**
 * images [B, C, Hs, Ws], theta [B, 2, 3], labels [B] -> the warped images' logits, and d Σ cross-entropy / d theta:
 *
 *   AffineGrid -> GridSample (bilinear) -> the model in evaluation mode -> cross-entropy
 */
export function warpGradientGraph(classifier: Classifier, { batch, image, source, fill }: Made): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const images = g.input("images", "float32", [batch, ...source]);
  const theta = g.input("theta", "float32", [batch, 2, 3]);
  const labels = g.input("labels", "int64", [batch]);
  const corners = { align_corners: alignsCorners(fill) ? 1 : 0 };
  const grid = g.op1("AffineGrid", [theta, g.ints([batch, ...image])], corners);
  const views = g.op1("GridSample", [images, grid], {
    ...corners,
    mode: "linear",
    padding_mode: paddingModes[fill],
  });
  const pass = evaluationPass(g, {
    graph: upgradeGraph(classifier.graph),
    input: classifier.input,
    logits: classifier.logits,
    bindings: new Map([[classifier.input, modelInput(g, classifier, views)]]),
    prefix: PREFIX,
  });
  const logits = rowsOf(g, pass.logits, batch);
  const loss = g.sum(crossEntropy(g, logits, labels), [0]);
  return g.build(`gradient of ${classifier.graph.name}`, { logits, gradient: derivative(g, loss, theta) });
}

const paddingModes: Readonly<Record<Fill, string>> = { zero: "zeros", edge: "border", reflect: "reflection" };

/** Whether −1 … 1 are the centres of the outer pixels: members mirror at those, where GridSample else mirrors at the edges. */
const alignsCorners = (fill: Fill): boolean => fill === "reflect";

/** Put before the names of the model's values, beside which there are others here. */
const PREFIX = "model/";

/** What has no gradient is said as it concerns a test. */
function derivative(g: GraphBuilder, loss: Value, theta: Value): Value {
  try {
    return backward(g, loss, [theta])[0];
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
    const { opType, node } = error;
    throw new UnsupportedOpError(
      `A search by gradients needs the gradient of all operators of the model, and there is no rule for ${opType} ` +
        `(node "${node.replace(PREFIX, "")}"). Search a grid or at random (search, --search).`,
      { opType, node },
    );
  }
}

/** [B, K] of what may have more axes of length 1, or one logit an image, that of the second of two classes. */
function rowsOf(g: GraphBuilder, logits: Value, batch: number): Value {
  const classes = sizeOf(logits.shape) / batch;
  const rows = g.reshape(logits, [batch, classes]);
  return classes > 1 ? rows : g.concat([g.full([batch, 1], 0), rows], 1);
}

/**
 * AffineGrid's matrix, for which −1 … 1 are the edges, or the outer pixels' centres, of the image on the left and of the source on
 * the right, from a map in pixels from their common centre.
 */
function thetaOf(matrix: InverseAffine, made: Made): number[] {
  const scales = thetaScales(made);
  return matrix.map((value, i) => value * scales[i]);
}

/** d theta / d map, which is linear: one factor for each number. */
function thetaScales({ image, source, fill }: Made): readonly number[] {
  const less = alignsCorners(fill) ? 1 : 0;
  const [height, width] = [image[1] - less, image[2] - less];
  // A source of one pixel has no extent to divide by: every place shows that pixel.
  const [down, across] = [Math.max(1, source[1] - less), Math.max(1, source[2] - less)];
  return [width / across, height / across, 2 / across, width / down, height / down, 2 / down];
}
