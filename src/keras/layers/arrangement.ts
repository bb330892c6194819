/** Layers that move, repeat or leave out elements; element order is TensorFlow.js's, channels last. */
import { sizeOf } from "../../tensor/index.ts";
import {
  type Dialect,
  type LayerConfig,
  type LayerConverter,
  channelsFirst,
  channelsLast,
  number,
  lengths,
  numbers,
  oneOrMore,
  reshapeEach,
  text,
} from "./converter.ts";
import { resized } from "./images.ts";

const flatten: LayerConverter = {
  convert: ({ g, name }, [x]) => g.op1("Flatten", [channelsLast(g, x)], { axis: 1 }, { name }),
};

const reshape: LayerConverter = {
  convert({ g, config }, [x]) {
    const target = lengths(config, "targetShape");
    const rest = sizeOf(x.shape.slice(1)) / sizeOf(target.map((n) => n ?? 1));
    return channelsFirst(
      g,
      reshapeEach(
        g,
        channelsLast(g, x),
        target.map((n) => n ?? rest),
      ),
    );
  },
};

/** `dims` counts the axes of an image from 1. */
const permute: LayerConverter = {
  convert: ({ g, config }, [x]) =>
    channelsFirst(g, g.transpose(channelsLast(g, x), [0, ...numbers(config, "dims")])),
};

/** Before and after each spatial axis: [[top, bottom], [left, right]], or [before, after] of sequences. */
function edges(config: LayerConfig, key: string): readonly (readonly number[])[] {
  const value = config[key];
  if (!Array.isArray(value) || !Array.isArray(value[0])) return [numbers(config, key, 2)];
  return value.map((pair: unknown) => numbers({ [key]: pair }, key, 2));
}

const zeroPadding: LayerConverter = {
  convert({ g, config }, [x]) {
    const around = edges(config, "padding");
    return g.pad(x, [0, 0, ...around.map(([before]) => before), 0, 0, ...around.map(([, after]) => after)]);
  },
};

const cropping: LayerConverter = {
  convert({ g, config }, [x]) {
    const ranges = edges(config, "cropping").map(([before, after], i) => ({
      axis: i + 2,
      start: before,
      end: x.shape[i + 2] - after,
    }));
    return g.slice(x, ranges);
  },
};

const interpolations = (dialect: Dialect): readonly string[] =>
  dialect === "keras" ? ["nearest", "bilinear"] : ["nearest"];

const interpolationOf = (config: LayerConfig): string =>
  config.interpolation === undefined ? "nearest" : text(config, "interpolation");

/** Every pixel becomes a block of equal ones, or (Keras alone; TensorFlow.js takes other positions) is interpolated. */
const upSampling: LayerConverter = {
  problems: ({ config, dialect }) =>
    interpolations(dialect).includes(interpolationOf(config))
      ? []
      : [
          `its interpolation "${interpolationOf(config)}" is not supported. Use ` +
            `${interpolations(dialect)
              .map((name) => `"${name}"`)
              .join(" or ")}.`,
        ],
  convert({ g, config }, [x]) {
    const [, channels, ...spatial] = x.shape;
    const factors = oneOrMore(config, "size");
    const target = spatial.map((length, i) => length * factors[i]);
    if (config.interpolation === "bilinear") return resized(g, x, target, "bilinear");
    const apart = reshapeEach(g, x, [channels, ...spatial.flatMap((length) => [length, 1])]);
    const repeated = g.op1("Expand", [apart, g.ints([1, 1, ...factors.flatMap((factor) => [1, factor])])]);
    return reshapeEach(g, repeated, [channels, ...target]);
  },
};

/** [N, K] -> [N, n, K]. */
const repeatVector: LayerConverter = {
  convert({ g, config }, [x]) {
    const n = number(config, "n");
    const apart = reshapeEach(g, x, [x.shape[1], 1]);
    return g.op1("Expand", [apart, g.ints([1, 1, n])]);
  },
};

export const arrangementLayers = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  UpSampling2D: upSampling,
  ZeroPadding1D: zeroPadding,
  Cropping1D: cropping,
  UpSampling1D: upSampling,
  RepeatVector: repeatVector,
} satisfies Record<string, LayerConverter>;
