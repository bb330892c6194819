import { type GraphBuilder, ModelError, type Value, float } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import {
  type LayerContext,
  type LayerConverter,
  type LayerFacts,
  channelsFirst,
  channelsLast,
  number,
  oneOrMore,
  reshapeEach,
} from "./converter.ts";

const rankOf = ({ inputShapes }: LayerFacts): number => inputShapes[0].length;

const axesOf = ({ config }: LayerFacts, rank: number): number[] =>
  oneOrMore(config, "axis").map((axis) => (axis < 0 ? axis + rank : axis));

/** Where there is no gamma or beta, ONNX takes ones or zeros. */
const batchNormalization: LayerConverter = {
  problems: (facts) =>
    axesOf(facts, rankOf(facts))[0] === rankOf(facts) - 1
      ? []
      : ["it normalises along another axis than the channels. Leave axis out."],
  convert({ g, config, weight, name, trainable, numbersOf }, [x]) {
    const channels = x.shape[1];
    // Nothing of it would tell a training that its statistics stay.
    if (!trainable && !numbersOf("gamma") && !numbersOf("beta")) {
      const shape = [-1, ...x.shape.slice(2).map(() => 1)];
      const variance = g.add(weight("moving_variance", { shape })!, g.scalar(number(config, "epsilon")));
      return g.div(g.sub(x, weight("moving_mean", { shape })!), g.sqrt(variance));
    }
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
    if (facts.config.rmsScaling === true)
      return ["it scales by the root mean square (rms_scaling). Use RMSNormalization."];
    const rank = rankOf(facts);
    const axes = axesOf(facts, rank);
    const isSuffix = !axes.includes(0) && axes.every((axis, i) => axis === rank - axes.length + i);
    return isSuffix
      ? []
      : [`its axes [${axes}] are not the last ones, in order. Normalise the last axis, or all.`];
  },
  convert({ g, config, weight, name }, [x]) {
    const last = channelsLast(g, x);
    const axes = oneOrMore(config, "axis");
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

/** Each image's channels in groups, with their places; gamma and beta are the channels'. */
const groupNormalization: LayerConverter = {
  problems: (facts) => [
    ...(axesOf(facts, rankOf(facts))[0] === rankOf(facts) - 1
      ? []
      : ["it groups along another axis than the channels. Leave axis out."]),
  ],
  convert({ g, config, weight, name }, [x]) {
    const [, channels, ...spatial] = x.shape;
    const given = number(config, "groups");
    const groups = given === -1 ? channels : given;
    if (groups < 1 || channels % groups !== 0) {
      throw new ModelError(`its ${channels} channels are not divided into ${groups} groups of one size.`);
    }
    const size = (channels / groups) * spatial.reduce((a, b) => a * b, 1);
    const filled = (value: number) => g.constant(float32([groups], new Float32Array(groups).fill(value)));
    const normalized = g.op1(
      "InstanceNormalization",
      [reshapeEach(g, x, [groups, size]), filled(1), filled(0)],
      { epsilon: float(number(config, "epsilon")) },
      { name },
    );
    return affine(g, reshapeEach(g, normalized, [channels, ...spatial]), weight);
  },
};

/** x·gamma + beta of channels, where they are. */
function affine(g: GraphBuilder, x: Value, weight: LayerContext["weight"]): Value {
  const shape = [-1, ...x.shape.slice(2).map(() => 1)];
  const gamma = weight("gamma", { shape });
  const beta = weight("beta", { shape });
  const scaled = gamma ? g.mul(x, gamma) : x;
  return beta ? g.add(scaled, beta) : scaled;
}

const alongChannels = (facts: LayerFacts): string[] => {
  const axes = axesOf(facts, rankOf(facts));
  return axes.length === 1 && axes[0] === rankOf(facts) - 1
    ? []
    : [`it goes along the axes [${axes}]. Normalise the last one.`];
};

/** x/√(mean(x²) + ε)·scale, along the channels. */
const rmsNormalization: LayerConverter = {
  problems: alongChannels,
  convert({ g, config, weight }, [x]) {
    const square = g.mean(g.mul(x, x), [1], { keep: true });
    const normalized = g.div(x, g.sqrt(g.add(square, g.scalar(number(config, "epsilon")))));
    return g.mul(normalized, weight("scale", { shape: [-1, ...x.shape.slice(2).map(() => 1)] })!);
  },
};

/** x/‖x‖ along the channels; a length below 1e-12 counts as that. */
const unitNormalization: LayerConverter = {
  problems: alongChannels,
  convert({ g }, [x]) {
    const square = g.sum(g.mul(x, x), [1], { keep: true });
    return g.div(x, g.sqrt(g.op1("Max", [square, g.scalar(1e-24)])));
  },
};

/** ConvNeXt's, in Keras' own applications: a factor for each channel. */
const layerScale: LayerConverter = {
  convert: ({ g, weight }, [x]) => affine(g, x, weight),
};

export const normalizationLayers = {
  GroupNormalization: groupNormalization,
  RMSNormalization: rmsNormalization,
  UnitNormalization: unitNormalization,
  LayerScale: layerScale,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
} satisfies Record<string, LayerConverter>;
