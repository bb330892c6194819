/** Activations named in a layer's settings, and as layers of their own. */
import { type GraphBuilder, type Value, float } from "../../onnx/index.ts";
import { activations, cappedRelu } from "./activation-functions.ts";
import { type LayerConfig, type LayerConverter, channelsFirstAxis } from "./converter.ts";

/** An activation that is a layer: Keras 3 takes one where it takes a function. */
interface ActivationLayer {
  readonly className: string;
  readonly config: LayerConfig;
}

const isLayer = (activation: unknown): activation is ActivationLayer =>
  typeof activation === "object" && activation !== null && "className" in activation;

/** What is wrong with a layer's activation, if something is. */
export function activationProblems(config: LayerConfig): string[] {
  const { activation } = config;
  if (isLayer(activation)) {
    return withoutWeights.has(activation.className)
      ? []
      : [`its activation is a layer ${activation.className}. Put that layer behind it.`];
  }
  if (typeof activation === "string" && activations.has(activation)) return [];
  const named = typeof activation === "string" ? activation : JSON.stringify(activation);
  return [`its activation "${named}" is unknown. Use one of: ${[...activations.keys()].join(", ")}.`];
}

/** The activation that a layer's settings name. */
export function activate(g: GraphBuilder, x: Value, config: LayerConfig): Value {
  const { activation } = config;
  return isLayer(activation)
    ? withoutWeights.get(activation.className)!(g, x, activation.config)
    : activations.get(activation as string)!(g, x);
}

type Function = (g: GraphBuilder, x: Value, config: LayerConfig) => Value;

const given = (config: LayerConfig, key: string, otherwise: number): number =>
  typeof config[key] === "number" ? config[key] : otherwise;

/** x from the threshold to the maximum, slope·(x − threshold) below, the maximum above. */
const relu: Function = (g, x, config) => {
  const threshold = given(config, "threshold", 0);
  const slope = given(config, "negativeSlope", 0);
  const limit = given(config, "maxValue", Infinity);
  if (threshold === 0 && slope === 0)
    return limit === Infinity ? g.op1("Relu", [x]) : cappedRelu(g, x, limit);
  const capped = limit === Infinity ? x : g.op1("Min", [x, g.scalar(limit)]);
  const below = g.scale(g.sub(x, g.scalar(threshold)), slope);
  return g.where(g.greater(g.scalar(threshold), x), below, capped);
};

const leakyRelu: Function = (g, x, config) =>
  g.op1("LeakyRelu", [x], { alpha: float(given(config, "negativeSlope", given(config, "alpha", 0.3))) });

const elu: Function = (g, x, config) => g.op1("Elu", [x], { alpha: float(given(config, "alpha", 1)) });

const thresholded: Function = (g, x, config) =>
  g.where(g.greater(x, g.scalar(given(config, "theta", 1))), x, g.scalar(0));

const softmax: Function = (g, x, config) =>
  g.op1("Softmax", [x], { axis: channelsFirstAxis(axisOf(config), x.shape.length) });

const axisOf = ({ axis = -1 }: LayerConfig): number => [axis as number | number[]].flat()[0];

/** Layers that have no weights, and so may stand where a function does. */
const withoutWeights: ReadonlyMap<string, Function> = new Map([
  ["ReLU", relu],
  ["LeakyReLU", leakyRelu],
  ["ELU", elu],
  ["ThresholdedReLU", thresholded],
  ["Softmax", softmax],
]);

const single = (convert: Function): LayerConverter => ({
  convert: ({ g, config }, [x]) => convert(g, x, config),
});

export const activationLayers = {
  Activation: {
    problems: ({ config }) => activationProblems(config),
    convert: ({ g, config }, [x]) => activate(g, x, config),
  },
  ReLU: single(relu),
  LeakyReLU: single(leakyRelu),
  ELU: single(elu),
  ThresholdedReLU: single(thresholded),
  PReLU: {
    // The slope is [H, W, C], with 1 for each axis that shares it.
    convert({ g, weight }, [x]) {
      const rank = x.shape.length - 1;
      const perm = [rank - 1, ...Array.from({ length: rank - 1 }, (_, i) => i)];
      return g.op1("PRelu", [x, weight("alpha", { perm })]);
    },
  },
  Softmax: {
    problems: ({ config, inputShapes: [{ length: rank }], dialect }) => {
      const axes = [config.axis ?? -1].flat();
      if (axes.length > 1) return [`it goes along several axes, ${JSON.stringify(axes)}. Set one.`];
      const isLast = axes[0] === -1 || axes[0] === rank - 1;
      return isLast || dialect === "keras"
        ? []
        : [
            `its axis ${JSON.stringify(config.axis)} is not the last one, as TensorFlow.js needs. Set it to -1.`,
          ];
    },
    convert: ({ g, config }, [x]) => softmax(g, x, config),
  },
} satisfies Record<string, LayerConverter>;
