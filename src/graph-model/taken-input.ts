/** The one input of a graph model, its images. */
import { ModelError } from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";
import type { GraphNode } from "./graph-nodes.ts";

export interface TakenInput {
  /** Of its node. */
  readonly name: string;
  /** As the graph takes it, for one image: channels first. */
  readonly shape: Shape;
  /** Whether the model takes [N, H, W, C], as nearly all do. */
  readonly isChannelsLast: boolean;
  readonly notes: readonly string[];
}

/** Channels that an image has. */
const channelCounts = new Set([1, 3, 4]);
const wholeNumbers = new Set(["DT_UINT8", "DT_INT32"]);

/**
 * @param needed  nodes that the outputs need
 * @param stated  shapes of inputs that the signature states, by node
 * @param image   one image, [C, H, W], for a model that leaves its size open
 * @throws UsageError for a model that takes something else than images
 */
export function takenInput(
  needed: readonly GraphNode[],
  stated: ReadonlyMap<string, readonly (number | null)[]>,
  model: string,
  image: readonly [channels: number, height: number, width: number] | undefined,
): TakenInput {
  const inputs = needed.filter(({ op }) => op === "Placeholder");
  if (inputs.length !== 1) {
    const named = inputs.map(({ name }) => JSON.stringify(name)).join(", ");
    throw new UsageError(
      `${model} takes ${inputs.length} inputs (${named || "none"}); an image classifier has one, the images. Convert the part of ` +
        `it that classifies.`,
    );
  }
  const [{ name, attributes }] = inputs;
  const shape = attributes.shape("shape") ?? stated.get(name);
  const type = attributes.type("dtype") ?? "DT_FLOAT";
  if (type !== "DT_FLOAT" && !wholeNumbers.has(type)) {
    throw new UsageError(`${model} takes numbers of the type ${type}; images are float32 or whole numbers.`);
  }
  const [batch, ...lengths] = shape ?? [null, null, null, null];
  if (batch !== null && batch > 1) {
    throw new UsageError(
      `${model} takes ${batch} images at a time, no more and no fewer. Convert the original with a batch that is open (None).`,
    );
  }
  if (lengths.length !== 3) {
    throw new UsageError(
      `${model} takes [N, ${lengths.map((n) => n ?? "?").join(", ")}]; an image classifier takes images [N, height, width, channels].`,
    );
  }
  const isFirst = channelCounts.has(lengths[0] ?? 0) && !channelCounts.has(lengths[2] ?? 0);
  const own = isFirst ? lengths : [lengths[2], lengths[0], lengths[1]];
  const isOpen = own.some((n) => n === null);
  if (isOpen && !image) {
    throw new UsageError(
      `${model} leaves the size of its images open: [${lengths.map((n) => n ?? "None").join(", ")}]. Give imageShape, ` +
        `[channels, height, width] (--image-size).`,
    );
  }
  const size = own.map((n, i) => n ?? image![i]);
  if (size.some((n) => !(n >= 1))) throw new ModelError(`${model} takes images of [${size.join(", ")}].`);
  const notes = wholeNumbers.has(type)
    ? [
        `${model} takes whole numbers (${type}), bytes as they are: give inputRange 255 (--input-range 255). Views are not rounded ` +
          `to whole numbers before they enter it.`,
      ]
    : [];
  return { name, shape: [1, ...size], isChannelsLast: !isFirst, notes };
}
