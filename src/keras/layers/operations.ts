/** Operations of `keras.ops` (and Keras 2's lambdas of TensorFlow's functions) between layers, by their classes' names. */
import { type GraphBuilder, type Value, float } from "../../onnx/index.ts";
import { UsageError, float32, sizeOf } from "../../tensor/index.ts";
import { isInput } from "../model-layer.ts";
import { activations, tanhGelu } from "./activation-functions.ts";
import {
  type LayerContext,
  type LayerConverter,
  channelsFirst,
  channelsFirstAxis,
  channelsLast,
} from "./converter.ts";

/** A setting of the operation, which the file has in its settings or in its call. */
function setting({ config, call }: LayerContext, names: readonly string[], position?: number): unknown {
  for (const name of names) {
    const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const value = config[camel] ?? call?.kwargs[name];
    if (value !== undefined && value !== null) return value;
  }
  return position === undefined ? undefined : call?.args[position];
}

/** An operand in Keras' order of axes: a value, a number, or an array that the file holds. */
function operand(context: LayerContext, inputs: readonly Value[], argument: unknown): Value {
  const { g } = context;
  if (isInput(argument)) return inputs[argument.input];
  if (typeof argument === "number") return g.scalar(argument);
  const { class_name: kind, config } = (argument ?? {}) as {
    class_name?: unknown;
    config?: { value?: unknown };
  };
  if (kind === "__numpy__" || kind === "__tensor__") return arrayOf(g, config?.value);
  if (Array.isArray(argument)) return arrayOf(g, argument);
  throw new UsageError(
    `one of its operands is ${JSON.stringify(argument)?.slice(0, 60)}; numbers and values are known.`,
  );
}

function arrayOf(g: GraphBuilder, value: unknown): Value {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = (inner as unknown[])[0]) shape.push(inner.length);
  const flat = [value].flat(Infinity as 1).map(Number);
  if (flat.length !== sizeOf(shape) || !flat.every((n) => !Number.isNaN(n)))
    throw new UsageError("one of its operands is an array of unequal rows, or not of numbers.");
  return g.constant(float32(shape, flat));
}

const binary = (apply: (g: GraphBuilder, a: Value, b: Value) => Value): LayerConverter => ({
  convert(context, inputs) {
    const { g, call } = context;
    const first = call?.args[0] ?? call?.kwargs.x1 ?? call?.kwargs.x;
    const second = call?.args[1] ?? call?.kwargs.x2 ?? call?.kwargs.y;
    const pair = Array.isArray(first) && second === undefined ? (first as unknown[]) : [first, second];
    const [a, b] = pair.map((argument) => operand(context, inputs, argument));
    const isScalar = (x: Value) => x.shape.length === 0;
    const areInputs = pair.every(isInput);
    if ((areInputs && a.shape.length === b.shape.length) || isScalar(a) || isScalar(b)) return apply(g, a, b);
    // Shapes are broadcast from their ends, which are Keras' ends.
    const last = pair.map((argument, i) => (isInput(argument) ? channelsLast(g, [a, b][i]) : [a, b][i]));
    return channelsFirst(g, apply(g, last[0], last[1]));
  },
});

const unary = (apply: (g: GraphBuilder, x: Value, context: LayerContext) => Value): LayerConverter => ({
  convert: (context, [x]) => apply(context.g, x, context),
});

const named = (name: string): LayerConverter => unary((g, x) => activations.get(name)!(g, x));
const node = (opType: string): LayerConverter => unary((g, x) => g.op1(opType, [x]));

/** An axis or several, in Keras' order of them, as axes here; all but the batch where none is said. */
function axesOf(context: LayerContext, x: Value): number[] {
  const axis = setting(context, ["axis", "dim"], 1);
  const rank = x.shape.length;
  if (axis === undefined)
    throw new UsageError("it goes along all axes, the batch too. Give it axes behind the first.");
  const axes = [axis as number | number[]].flat().map((a) => channelsFirstAxis(a, rank));
  if (axes.includes(0)) throw new UsageError("it goes along the batch. Give it axes behind the first.");
  return axes;
}

const reduction = (
  apply: (g: GraphBuilder, x: Value, axes: readonly number[], options: { keep: boolean }) => Value,
): LayerConverter =>
  unary((g, x, context) => {
    const keep = setting(context, ["keepdims"]) === true;
    const reduced = apply(g, x, axesOf(context, x), { keep: true });
    return keep ? reduced : withoutAxes(g, reduced, axesOf(context, x));
  });

/** Axes of length 1 left out; what is left of the others keeps Keras' order. */
function withoutAxes(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const order = [0, ...x.shape.slice(2).map((_, i) => i + 2), 1].slice(0, x.shape.length);
  const last = channelsLast(g, x);
  const gone = axes.map((axis) => order.indexOf(axis));
  return channelsFirst(g, g.squeeze(last, gone));
}

/** A shape behind the batch, in Keras' order, which stays. */
function reshaped(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const rest = sizeOf(x.shape.slice(1)) / Math.abs(sizeOf(shape));
  const lengths = shape.map((length) => (length === -1 ? rest : length));
  return channelsFirst(g, g.op1("Reshape", [channelsLast(g, x), g.ints([0, ...lengths])]));
}

const reshape: LayerConverter = unary((g, x, context) => {
  const shape = setting(context, ["newshape", "shape"], 1) as readonly (number | null)[];
  if (!Array.isArray(shape)) throw new UsageError("its new shape is not in the file.");
  const [batch, ...rest] = shape as (number | null)[];
  if (batch !== -1 && batch !== null)
    throw new UsageError(`its new shape fixes the batch at ${batch}. Give -1 there.`);
  return reshaped(
    g,
    x,
    rest.map((n) => n ?? -1),
  );
});

const transpose: LayerConverter = unary((g, x, context) => {
  const axes = setting(context, ["axes", "perm"], 1) as readonly number[];
  if (!Array.isArray(axes) || axes[0] !== 0)
    throw new UsageError("it moves the batch. Let axes begin with 0.");
  return channelsFirst(g, g.transpose(channelsLast(g, x), axes as number[]));
});

const expandDims: LayerConverter = unary((g, x, context) => {
  const axis = Number(setting(context, ["axis"], 1));
  const rank = x.shape.length + 1;
  const at = axis < 0 ? axis + rank : axis;
  if (at === 0) throw new UsageError("it adds an axis before the batch.");
  const lengths = [null, ...x.shape.slice(2), x.shape[1]].slice(0, x.shape.length) as number[];
  return reshaped(g, x, [...lengths.slice(1, at), 1, ...lengths.slice(at)]);
});

const squeeze: LayerConverter = unary((g, x, context) => withoutAxes(g, x, axesOf(context, x)));

const concatenate: LayerConverter = {
  convert(context, inputs) {
    const axis = Number(setting(context, ["axis"], 1) ?? -1);
    return context.g.concat(inputs, channelsFirstAxis(axis, inputs[0].shape.length));
  },
};

/** One of the parts that a value is cut into. */
const split: LayerConverter = {
  hasParts: true,
  convert(context, [x]) {
    const { g, call } = context;
    const axis = channelsFirstAxis(Number(setting(context, ["axis"], 2) ?? 0), x.shape.length);
    const given = setting(context, ["indices_or_sections", "num_or_size_splits"], 1);
    const length = x.shape[axis];
    const bounds = Array.isArray(given)
      ? [0, ...(given as number[]), length]
      : Array.from({ length: Number(given) + 1 }, (_, i) => (i * length) / Number(given));
    const part = call?.part ?? 0;
    return g.slice(x, [{ axis, start: bounds[part], end: bounds[part + 1] }]);
  },
};

interface SliceLike {
  readonly config?: Readonly<Record<string, number | null>>;
  readonly start?: number | null;
  readonly stop?: number | null;
  readonly step?: number | null;
}

const isEllipsis = (part: unknown): boolean =>
  (part as { class_name?: unknown } | null)?.class_name === "__ellipsis__";

/** The axes that an ellipsis stands for as slices of all. */
function withoutEllipsis(parts: readonly unknown[], rank: number): unknown[] {
  const at = parts.findIndex(isEllipsis);
  if (at < 0) return [...parts];
  const all = Array.from({ length: rank - parts.length + 1 }, () => ({
    start: null,
    stop: null,
    step: null,
  }));
  return [...parts.slice(0, at), ...all, ...parts.slice(at + 1)];
}

/** x[:, a:b, …, i]: slices and whole numbers behind the batch. */
const getItem: LayerConverter = unary((g, x, context) => {
  const { call } = context;
  const key = call?.args[1] ?? call?.kwargs.slice_spec ?? call?.kwargs.key;
  const last = channelsLast(g, x);
  const parts = withoutEllipsis(Array.isArray(key) ? (key as unknown[]) : [key], last.shape.length);
  const gone: number[] = [];
  const ranges = parts.flatMap((part, axis) => {
    const size = last.shape[axis];
    if (typeof part === "number") {
      gone.push(axis);
      const at = part < 0 ? part + size : part;
      return [{ axis, start: at, end: at + 1 }];
    }
    const record = (part ?? {}) as SliceLike;
    const { start = null, stop = null, step = null } = (record.config ?? record) as SliceLike;
    const isPlain =
      typeof part === "object" &&
      part !== null &&
      [start, stop, step].every((n) => n === null || typeof n === "number");
    if (!isPlain || (step ?? 1) < 1)
      throw new UsageError("its index is neither slices going up nor whole numbers.");
    if (start === null && stop === null && step === null) return [];
    const positive = (n: number) => Math.min(Math.max(n < 0 ? n + size : n, 0), size);
    return [{ axis, start: positive(start ?? 0), end: positive(stop ?? size), step: step ?? 1 }];
  });
  if (ranges.some(({ axis }) => axis === 0)) throw new UsageError("it takes single images out of the batch.");
  const taken = ranges.length > 0 ? g.slice(last, ranges) : last;
  return channelsFirst(g, gone.length > 0 ? g.squeeze(taken, gone) : taken);
});

const softmaxAlong = (opType: string): LayerConverter =>
  unary((g, x, context) => {
    const axis = Number(setting(context, ["axis", "dim"], 1) ?? -1);
    return g.op1(opType, [x], { axis: channelsFirstAxis(axis, x.shape.length) });
  });

const clip: LayerConverter = unary((g, x, context) => {
  const low = Number(setting(context, ["x_min", "clip_value_min"], 1));
  const high = Number(setting(context, ["x_max", "clip_value_max"], 2));
  return g.op1("Clip", [x, g.scalar(low), g.scalar(high)]);
});

const matMul: LayerConverter = {
  convert({ g }, inputs) {
    const [a, b] = inputs.map((x) => channelsLast(g, x));
    if (inputs.length !== 2) throw new UsageError("one of its factors is no value of the model.");
    return channelsFirst(g, g.matMul(a, b));
  },
};

const table: Readonly<Record<string, LayerConverter>> = {
  Add: binary((g, a, b) => g.add(a, b)),
  Subtract: binary((g, a, b) => g.sub(a, b)),
  Multiply: binary((g, a, b) => g.mul(a, b)),
  Divide: binary((g, a, b) => g.div(a, b)),
  TrueDivide: binary((g, a, b) => g.div(a, b)),
  Maximum: binary((g, a, b) => g.op1("Max", [a, b])),
  Minimum: binary((g, a, b) => g.op1("Min", [a, b])),
  Power: binary((g, a, b) => g.pow(a, b)),
  Relu: named("relu"),
  Relu6: named("relu6"),
  Sigmoid: named("sigmoid"),
  LogSigmoid: named("log_sigmoid"),
  HardSigmoid: named("hard_sigmoid"),
  HardSilu: named("hard_silu"),
  HardSwish: named("hard_silu"),
  Silu: named("silu"),
  Swish: named("silu"),
  Tanh: named("tanh"),
  Softplus: named("softplus"),
  Softsign: named("softsign"),
  Selu: named("selu"),
  Elu: unary((g, x, context) =>
    g.op1("Elu", [x], { alpha: float(Number(setting(context, ["alpha"], 1) ?? 1)) }),
  ),
  LeakyRelu: unary((g, x, context) =>
    g.op1("LeakyRelu", [x], { alpha: float(Number(setting(context, ["negative_slope"], 1) ?? 0.2)) }),
  ),
  // Unlike the activation, the operation approximates unless it is told not to.
  Gelu: unary((g, x, context) =>
    setting(context, ["approximate"], 1) === false ? g.op1("Gelu", [x]) : tanhGelu(g, x),
  ),
  Softmax: softmaxAlong("Softmax"),
  LogSoftmax: softmaxAlong("LogSoftmax"),
  Exp: node("Exp"),
  Log: node("Log"),
  Sqrt: node("Sqrt"),
  Rsqrt: unary((g, x) => g.op1("Reciprocal", [g.sqrt(x)])),
  Reciprocal: node("Reciprocal"),
  Absolute: node("Abs"),
  Abs: node("Abs"),
  Negative: node("Neg"),
  Square: unary((g, x) => g.mul(x, x)),
  Identity: unary((_, x) => x),
  StopGradient: {
    problems: () => ["gradients end at it. Freeze the layers before it instead (trainable = False)."],
    convert: (_, [x]) => x,
  },
  Mean: reduction((g, x, axes, options) => g.mean(x, axes, options)),
  Sum: reduction((g, x, axes, options) => g.sum(x, axes, options)),
  Max: reduction((g, x, axes, options) => g.max(x, axes, options)),
  Amax: reduction((g, x, axes, options) => g.max(x, axes, options)),
  Concatenate: concatenate,
  Reshape: reshape,
  Transpose: transpose,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  GetItem: getItem,
  Split: split,
  Clip: clip,
  Matmul: matMul,
};

export const operations: Readonly<Record<string, LayerConverter>> = Object.fromEntries(
  Object.entries(table).map(([name, converter]) => [`ops.${name}`, converter]),
);

/** Names of the operations that are known, as their classes have them. */
export const operationNames: ReadonlySet<string> = new Set(Object.keys(table));
