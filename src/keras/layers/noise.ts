/** Layers that switch off parts of their input at random in training, seeded as `fit` seeds them. */
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type LayerConverter, channelsFirstOrder, lengths, number } from "./converter.ts";

const dropped = (g: GraphBuilder, x: Value, rate: number, name: string): Value =>
  g.op1("Dropout", [x, g.constant(float32([], [rate]))], {}, { name });

/** Drops whole slices, which share what they get along some axes: x times a dropout of ones. */
function droppedTogether(
  g: GraphBuilder,
  x: Value,
  rate: number,
  shared: readonly number[],
  name: string,
): Value {
  if (shared.length === 0) return dropped(g, x, rate, name);
  // Ones in as many images as there are: what a mean makes of itself.
  const mean = g.mean(x, shared, { keep: true });
  const ones = g.add(g.scale(mean, 0), g.scalar(1));
  return g.mul(x, dropped(g, ones, rate, name));
}

/** A rate of 0 or 1 is no dropout in TensorFlow.js; Keras knows none of 1. */
const isDropping = (rate: number): boolean => rate > 0 && rate < 1;

const dropout: LayerConverter = {
  problems: ({ config, dialect, inputShapes: [shape] }) => {
    if (config.noiseShape == null) return [];
    const noise = lengths(config, "noiseShape");
    const isBroadcast =
      dialect === "keras" &&
      noise.length === shape.length &&
      noise.every((n, i) => n === null || n === shape[i] || (n === 1 && i > 0));
    return isBroadcast ? [] : ["its noiseShape is not supported. Leave it out."];
  },
  convert({ g, config, name }, [x]) {
    const rate = number(config, "rate");
    if (!isDropping(rate)) return x;
    const noise = config.noiseShape == null ? [] : lengths(config, "noiseShape");
    const order = channelsFirstOrder(x.shape.length);
    const shared = order.flatMap((from, to) => (noise[from] === 1 && x.shape[to] !== 1 ? [to] : []));
    return droppedTogether(g, x, rate, shared, name);
  },
};

/** Whole channels, or (`StochasticDepth`) whole images. */
const together = (axes: (rank: number) => number[], key: string): LayerConverter => ({
  convert({ g, config, name }, [x]) {
    const rate = number(config, key);
    return isDropping(rate) ? droppedTogether(g, x, rate, axes(x.shape.length), name) : x;
  },
});

const behind = (first: number) => (rank: number) => Array.from({ length: rank - first }, (_, i) => i + first);

export const noiseLayers = {
  Dropout: dropout,
  SpatialDropout1D: together(behind(2), "rate"),
  SpatialDropout2D: together(behind(2), "rate"),
  StochasticDepth: together(behind(1), "dropPathRate"),
} satisfies Record<string, LayerConverter>;
