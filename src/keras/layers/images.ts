/** Layers that prepare images: sizes, and the numbers of pixels. */
import type { Attributes, GraphBuilder, Value } from "../../onnx/index.ts";
import { UsageError, sizeOf } from "../../tensor/index.ts";
import { toInitializer } from "../weight-layout.ts";
import {
  type LayerConfig,
  type LayerConverter,
  type LayerFacts,
  channelsFirstOrder,
  number,
  text,
} from "./converter.ts";

/** Height and width of an input [N, H, W, C]. */
const sizeOfImages = ({ inputShapes: [shape] }: LayerFacts): number[] => shape.slice(1, 3).map(Number);
const wanted = ({ height, width }: LayerConfig): number[] => [Number(height), Number(width)];

/** The middle, `size` long, of each spatial axis; the odd pixel is left at the end. */
const centre = (g: GraphBuilder, x: Value, size: readonly number[]): Value =>
  g.slice(
    x,
    size.map((length, i) => {
      const start = Math.floor((x.shape[i + 2] - length) / 2);
      return { axis: i + 2, start, end: start + length };
    }),
  );

const centerCrop: LayerConverter = {
  problems: (facts) => {
    const size = wanted(facts.config);
    return sizeOfImages(facts).every((length, i) => length >= size[i])
      ? []
      : [
          `its input, ${sizeOfImages(facts).join("×")}, is smaller than ${size.join("×")}, and would be enlarged. ` +
            "Use Resizing.",
        ];
  },
  convert: ({ g, config }, [x]) => centre(g, x, wanted(config)),
};

/** How ONNX's Resize does what TensorFlow does: positions of pixels' centres, no antialiasing. */
const resizings: ReadonlyMap<string, Attributes> = new Map<string, Attributes>([
  ["bilinear", { mode: "linear" }],
  ["nearest", { mode: "nearest", nearest_mode: "round_prefer_ceil" }],
]);

export const resized = (g: GraphBuilder, x: Value, size: readonly number[], interpolation: string): Value =>
  size.every((length, i) => length === x.shape[i + 2])
    ? x
    : g.op1("Resize", [x, null, null, g.ints(size)], {
        axes: [2, 3],
        coordinate_transformation_mode: "half_pixel",
        ...resizings.get(interpolation),
      });

const resizing: LayerConverter = {
  problems: ({ config }) => [
    ...(resizings.has(text(config, "interpolation"))
      ? []
      : [
          `its interpolation "${text(config, "interpolation")}" is not supported. Use "bilinear" or "nearest".`,
        ]),
    ...(config.antialias === true ? ["it antialiases. Build it with antialias=False."] : []),
    ...(config.padToAspectRatio === true
      ? ["it pads to the aspect ratio. Put a ZeroPadding2D before a Resizing without it."]
      : []),
  ],
  convert({ g, config }, [x]) {
    const size = wanted(config);
    const from = x.shape.slice(2);
    // As Keras does: cut to the target's aspect ratio first, rounding down.
    const cut = [
      Math.max(Math.min(from[0], Math.floor((from[1] * size[0]) / size[1])), 1),
      Math.max(Math.min(from[1], Math.floor((from[0] * size[1]) / size[0])), 1),
    ];
    const kept = config.cropToAspectRatio === true ? centre(g, x, cut) : x;
    return resized(g, kept, size, text(config, "interpolation"));
  },
};

/** Nested lists as one; numbers alone. */
const flattened = (value: unknown): number[] => ([value] as unknown[]).flat(Infinity as 1).map(Number);

const isNumeric = (value: unknown): boolean => flattened(value).every((n) => Number.isFinite(n));

/** Numbers for each channel, or one for all, beside a channels-first value. */
const perChannel = (g: GraphBuilder, x: Value, values: readonly number[]): Value => {
  const shape = values.length === 1 ? [] : [values.length, ...x.shape.slice(2).map(() => 1)];
  return g.constant({ dtype: "float32", shape, data: Float32Array.from(values) });
};

const rescaling: LayerConverter = {
  problems: ({ config, inputShapes: [shape] }) =>
    [config.scale, config.offset ?? 0].every(
      (value) => isNumeric(value) && [1, shape.at(-1)].includes(flattened(value).length),
    )
      ? []
      : ["its scale and offset are neither numbers nor lists with one for each channel."],
  convert({ g, config }, [x]) {
    const [scale, offset] = [flattened(config.scale), flattened(config.offset ?? 0)];
    const scaled = scale.every((s) => s === 1) ? x : g.mul(x, perChannel(g, x, scale));
    return offset.every((o) => o === 0) ? scaled : g.add(scaled, perChannel(g, x, offset));
  },
};

/** Keras' least standard deviation. */
const EPSILON = 1e-7;

/** (x − mean)/max(√variance, ε), or its inverse; the statistics are of the axes that it keeps. */
const normalization: LayerConverter = {
  convert({ g, config, numbersOf }, [x]) {
    const rank = x.shape.length;
    const order = channelsFirstOrder(rank);
    const kept =
      config.axis === null ? [] : [config.axis ?? -1].flat().map((a) => (number({ a }, "a") + rank) % rank);
    // Keras' order of axes: channels last.
    const lengths = order.map((_, axis) => x.shape[order.indexOf(axis)]);
    const shape = lengths.map((length, axis) => (kept.includes(axis) ? length : 1));
    const broadcast = (what: string): Float32Array => {
      const values = config[what] == null ? numbersOf(what) : flattened(config[what]);
      const size = sizeOf(shape);
      if (!values || (values.length !== size && values.length !== 1)) {
        throw new UsageError(`its ${what} has ${values?.length ?? "no"} numbers; ${size} are needed.`);
      }
      return Float32Array.from({ length: size }, (_, i) => values[values.length === 1 ? 0 : i]);
    };
    const beside = (values: Float32Array): Value => g.constant(toInitializer(values, shape, { perm: order }));
    const mean = beside(broadcast("mean"));
    const std = beside(broadcast("variance").map((v) => Math.max(Math.fround(Math.sqrt(v)), EPSILON)));
    return config.invert === true ? g.add(mean, g.mul(x, std)) : g.div(g.sub(x, mean), std);
  },
};

export const imageLayers = {
  CenterCrop: centerCrop,
  Resizing: resizing,
  Rescaling: rescaling,
  Normalization: normalization,
} satisfies Record<string, LayerConverter>;
