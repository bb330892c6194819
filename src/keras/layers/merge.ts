import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { type LayerConverter, type LayerFacts, channelsFirstAxis, number } from "./converter.ts";

/** Equal ranks broadcast alike in both layouts; unequal ones do not. */
const sameRank = ({ inputShapes }: LayerFacts): string[] =>
  inputShapes.every((shape) => shape.length === inputShapes[0].length)
    ? []
    : ["its inputs have different numbers of axes. Give them equal ones with a Reshape."];

const merge = (join: (g: GraphBuilder, inputs: readonly Value[]) => Value): LayerConverter => ({
  problems: sameRank,
  convert: ({ g }, inputs) => join(g, inputs),
});

const add = (g: GraphBuilder, inputs: readonly Value[]): Value => inputs.reduce((a, b) => g.add(a, b));

/** Of vectors: Σ a·b, [N, 1]. */
const dot: LayerConverter = {
  problems: ({ config, inputShapes }) => [
    ...(inputShapes.length === 2 && inputShapes.every((shape) => shape.length === 2)
      ? []
      : ["it multiplies what are no two vectors. Flatten them before."]),
    ...(config.normalize === true ? ["it normalises. Put a UnitNormalization before it."] : []),
  ],
  convert: ({ g }, [a, b]) => g.sum(g.mul(a, b), [1], { keep: true }),
};

export const mergeLayers = {
  Add: merge(add),
  Subtract: merge((g, [a, b]) => g.sub(a, b)),
  Dot: dot,
  Multiply: merge((g, inputs) => inputs.reduce((a, b) => g.mul(a, b))),
  Average: merge((g, inputs) => g.scale(add(g, inputs), 1 / inputs.length)),
  Maximum: merge((g, inputs) => g.op1("Max", inputs)),
  Minimum: merge((g, inputs) => g.op1("Min", inputs)),
  Concatenate: {
    problems: sameRank,
    convert: ({ g, config }, inputs) =>
      g.concat(inputs, channelsFirstAxis(number(config, "axis"), inputs[0].shape.length)),
  },
} satisfies Record<string, LayerConverter>;
