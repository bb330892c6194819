/**
 * Where a tensor of the graph is in the layers model. TensorFlow.js has channels last throughout; ONNX has them first, but for
 * graphs that were Keras models, which turn their images around. Neither order moves a number here: it is only remembered.
 */
import type { Shape } from "../../tensor/index.ts";

export interface Placed {
  /** Name of the layer whose output it is. */
  readonly layer: string;
  /** As the graph has it, for one image: without the batch. */
  readonly shape: Shape;
  /**
   * "map": [H, W, C] in the layers model. "row": [K], of a map's channels where all other axes are 1, or flat.
   */
  readonly form: "map" | "row";
  /** Which axis of `shape` has the channels of a map; of a row, the one of all its numbers. */
  readonly channelAxis: number;
  /** A row that is a map laid flat, channels last, where the graph has them first: [C, H, W]. */
  readonly flatOf?: readonly [channels: number, height: number, width: number];
}

/** [H, W, C] of a map. */
export function mapLengths({
  shape,
  channelAxis,
}: Placed): [height: number, width: number, channels: number] {
  const spatial = shape.filter((_, axis) => axis !== channelAxis);
  return [spatial[0], spatial[1], shape[channelAxis]];
}
