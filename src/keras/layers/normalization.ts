import { float } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type LayerConverter, type LayerFacts, channelsFirst, channelsLast, number } from "./converter.ts";

const rankOf = ({ inputShapes }: LayerFacts): number => inputShapes[0].length;

const axesOf = ({ config }: LayerFacts, rank: number): number[] =>
  [config.axis as number | number[]].flat().map((axis) => (axis < 0 ? axis + rank : axis));

/** Where there is no gamma or beta, ONNX takes ones or zeros. */
const batchNormalization: LayerConverter = {
  problems: (facts) =>
    axesOf(facts, rankOf(facts))[0] === rankOf(facts) - 1
      ? []
      : ["it normalises along another axis than the channels. Leave axis out."],
  convert({ g, config, weight, name }, [x]) {
    const channels = x.shape[1];
    const filled = (value: number) => g.constant(float32([channels], new Float32Array(channels).fill(value)));
    return g.op1(
      "BatchNormalization",
      [
        x,
        weight("gamma") ?? filled(1),
        weight("beta") ?? filled(0),
        weight("moving_mean"),
        weight("moving_variance"),
      ],
      { epsilon: float(number(config, "epsilon")), momentum: float(number(config, "momentum")) },
      { name },
    );
  },
};

/** Over the last axes, in TensorFlow.js's order of them, as its weights are. */
const layerNormalization: LayerConverter = {
  problems: (facts) => {
    const rank = rankOf(facts);
    const axes = axesOf(facts, rank);
    const isSuffix = !axes.includes(0) && axes.every((axis, i) => axis === rank - axes.length + i);
    return isSuffix
      ? []
      : [`its axes [${axes}] are not the last ones, in order. Normalise the last axis, or all.`];
  },
  convert({ g, config, weight, name }, [x]) {
    const last = channelsLast(g, x);
    const axes = [config.axis as number | number[]].flat();
    const shape = last.shape.slice(-axes.length);
    const size = shape.reduce((a, b) => a * b, 1);
    const scale = weight("gamma") ?? g.constant(float32(shape, new Float32Array(size).fill(1)));
    return channelsFirst(
      g,
      g.op1(
        "LayerNormalization",
        [last, scale, weight("beta")],
        { axis: -axes.length, epsilon: float(number(config, "epsilon")) },
        { name },
      ),
    );
  },
};

/** TensorFlow.js runs a rate of 0 or 1 as no dropout. */
const dropout: LayerConverter = {
  problems: ({ config }) =>
    config.noiseShape == null ? [] : ["its noiseShape is not supported. Leave it out."],
  convert({ g, config, name }, [x]) {
    const rate = number(config, "rate");
    return rate > 0 && rate < 1 ? g.op1("Dropout", [x, g.constant(float32([], [rate]))], {}, { name }) : x;
  },
};

export const normalizationLayers = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Dropout: dropout,
} satisfies Record<string, LayerConverter>;
