/** Layers that move, repeat or leave out elements; element order is TensorFlow.js's, channels last. */
import { sizeOf } from "../../tensor/index.ts";
import {
  type LayerConverter,
  channelsFirst,
  channelsLast,
  number,
  numbers,
  reshapeEach,
} from "./converter.ts";

const flatten: LayerConverter = {
  convert: ({ g, name }, [x]) => g.op1("Flatten", [channelsLast(g, x)], { axis: 1 }, { name }),
};

const reshape: LayerConverter = {
  convert({ g, config }, [x]) {
    const target = config.targetShape as readonly (number | null)[];
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

/** [[top, bottom], [left, right]]. */
type Edges = readonly [readonly [number, number], readonly [number, number]];

const zeroPadding: LayerConverter = {
  convert({ g, config }, [x]) {
    const [[top, bottom], [left, right]] = config.padding as Edges;
    return g.pad(x, [0, 0, top, left, 0, 0, bottom, right]);
  },
};

const cropping: LayerConverter = {
  convert({ g, config }, [x]) {
    const [rows, columns] = config.cropping as Edges;
    return g.slice(
      x,
      [rows, columns].map(([before, after], i) => ({
        axis: i + 2,
        start: before,
        end: x.shape[i + 2] - after,
      })),
    );
  },
};

/** Every pixel becomes a block of equal ones. */
const upSampling: LayerConverter = {
  problems: ({ config }) =>
    config.interpolation === "nearest"
      ? []
      : [`its interpolation "${String(config.interpolation)}" is not supported. Use "nearest".`],
  convert({ g, config }, [x]) {
    const [, channels, height, width] = x.shape;
    const [rows, columns] = numbers(config, "size");
    const apart = reshapeEach(g, x, [channels, height, 1, width, 1]);
    const repeated = g.op1("Expand", [apart, g.ints([1, 1, 1, rows, 1, columns])]);
    return reshapeEach(g, repeated, [channels, height * rows, width * columns]);
  },
};

const rescaling: LayerConverter = {
  convert({ g, config }, [x]) {
    const scaled = g.scale(x, number(config, "scale"));
    const offset = number(config, "offset");
    return offset === 0 ? scaled : g.add(scaled, g.scalar(offset));
  },
};

export const arrangementLayers = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  UpSampling2D: upSampling,
  Rescaling: rescaling,
} satisfies Record<string, LayerConverter>;
