/**
 * What a graph does to each pixel before its first layer: scaling, normalisation, another order of channels. Every value on the way
 * is an affine function of one channel of the images; the way ends where that stops.
 */
import {
  type GraphNode,
  type Value,
  floatAttribute,
  intAttribute,
  intsAttribute,
  slicedAxes,
} from "../onnx/index.ts";
import { AlignregError, type Tensor, normalizeAxis, numbersOf, sizeOf } from "../tensor/index.ts";
import { channelMixing } from "./channel-mixing.ts";
import type { InferredGraph } from "./infer-values.ts";

/** A channel as it enters the first layer: scale·(channel `source` of the images) + offset. */
export interface FrontChannel {
  readonly source: number;
  readonly scale: number;
  readonly offset: number;
}

/** A tensor whose elements are such channels. */
interface Front {
  /** The axis of the channels; null where they have none of their own: one was picked, or they are in one row with the pixels. */
  readonly axis: number | null;
  readonly channels: readonly FrontChannel[];
}

/**
 * The channels as the first layer gets them.
 *
 * @param channelAxis  of the images, 1 or 3
 * @returns null where they cannot be told: several ways lead from the images, and differ
 */
export function pixelFront(
  { values, nodes }: InferredGraph,
  input: string,
  channelAxis: number,
): readonly FrontChannel[] | null {
  const count = values.get(input)?.shape[channelAxis];
  if (count === undefined || count > MOST_CHANNELS) return null;
  const plain = Array.from({ length: count }, (_, source) => ({ source, scale: 1, offset: 0 }));
  const fronts = new Map<string, Front>([[input, { axis: channelAxis, channels: plain }]]);
  const ends = new Set<string>();
  for (const node of nodes) {
    const reading = node.inputs.filter((name) => fronts.has(name));
    if (reading.length === 0 || node.opType === "Shape" || node.opType === "Size") continue;
    const made = followed(node, fronts, values);
    if (made) node.outputs.forEach((output, i) => made[i] && fronts.set(output, made[i]));
    else reading.forEach((name) => ends.add(name));
  }
  const reached = [...ends].map((name) => fronts.get(name)!);
  const told = reached.map(({ channels }) => JSON.stringify(channels));
  const isOneWay = reached.length > 0 && told.every((text) => text === told[0]);
  // A single channel that was picked says nothing of the others.
  const isWhole = reached.every(({ axis, channels }) => axis !== null || channels.length === count);
  return isOneWay && isWhole ? reached[0].channels : null;
}

const MOST_CHANNELS = 64;

/** What a node makes of the fronts that it reads; undefined where it does more than scale, shift and move pixels. */
function followed(
  node: GraphNode,
  fronts: ReadonlyMap<string, Front>,
  values: ReadonlyMap<string, Value>,
): Front[] | undefined {
  try {
    const isKnown = node.domain === "" && Object.hasOwn(rules, node.opType);
    return isKnown ? rules[node.opType](reader(node, fronts, values)) : undefined;
  } catch (error) {
    if (error instanceof AlignregError) return undefined;
    throw error;
  }
}

interface Reader {
  readonly node: GraphNode;
  /** The front that an input is; undefined for others. */
  readonly front: (index: number) => Front | undefined;
  readonly constant: (index: number) => Tensor | undefined;
  readonly shape: (index: number) => readonly number[];
  /** Shape of an output, where it is known. */
  readonly output: (index: number) => readonly number[] | undefined;
  /** The node as operators' own arithmetic wants it. */
  readonly typed: () => {
    opType: string;
    name: string;
    inputs: Value[];
    attributes: GraphNode["attributes"];
    outputCount: number;
  };
}

const reader = (
  node: GraphNode,
  fronts: ReadonlyMap<string, Front>,
  values: ReadonlyMap<string, Value>,
): Reader => ({
  node,
  front: (index) => fronts.get(node.inputs[index]),
  constant: (index) => values.get(node.inputs[index])?.constant,
  shape: (index) => values.get(node.inputs[index])?.shape ?? [],
  output: (index) => values.get(node.outputs[index])?.shape,
  typed: () => ({
    opType: node.opType,
    name: node.name,
    inputs: node.inputs.map((name) => values.get(name)!),
    attributes: node.attributes,
    outputCount: node.outputs.length,
  }),
});

type FrontRule = (read: Reader) => Front[] | undefined;

const same: FrontRule = ({ front }) => [front(0)!];

/** x·a + b for one operand that is constant. */
const affine =
  (apply: (channel: FrontChannel, value: number, isFirst: boolean) => FrontChannel | undefined): FrontRule =>
  ({ front, constant, shape }) => {
    const at = front(0) ? 0 : 1;
    const [x, other] = [front(at)!, constant(1 - at)];
    if (!other || (x.axis === null && other.data.length !== 1)) return undefined;
    const perChannel = channelValues(other, x, shape(at));
    const made = perChannel && x.channels.map((channel, c) => apply(channel, perChannel[c], at === 0));
    return made?.every((channel) => channel !== undefined) ? [{ ...x, channels: made }] : undefined;
  };

/** What leaves pixels in [0, 1] as they are, and is a layer of its own behind anything else. */
const onPixels: FrontRule = ({ front, constant, node }) => {
  const [x, ...more] = node.inputs.flatMap((_, i) => front(i) ?? []);
  const isPlain = x.channels.every(({ scale, offset }) => scale === 1 && offset === 0);
  const others = node.inputs.flatMap((name, i) => (name === "" || front(i) ? [] : [constant(i)]));
  return isPlain && more.length === 0 && others.every((other) => other?.data.length === 1) ? [x] : undefined;
};

/** Axes of length 1 come and go, or pixels are put in one row. */
const reshaped: FrontRule = ({ node, front, shape, output }) => {
  const x = front(0)!;
  if (x.axis === null) return [x];
  const [from, to] = [shape(0), output(0)];
  if (!to) return undefined;
  // The channels' axis is the one of their length before which there is as much.
  const before = sizeOf(from.slice(0, x.axis));
  const axis = to.findIndex((length, i) => length === from[x.axis!] && sizeOf(to.slice(0, i)) === before);
  if (axis >= 0 && node.opType !== "Flatten") return [{ ...x, axis }];
  return [{ ...x, axis: null }];
};

const scaled = ({ source, scale, offset }: FrontChannel, by: number, shift = 0): FrontChannel => ({
  source,
  scale: scale * by,
  offset: offset * by + shift,
});

const rules: Readonly<Record<string, FrontRule>> = {
  Identity: same,
  Cast: same,
  CastLike: same,
  Dropout: same,
  // What they make of the border is beside the point here.
  Pad: same,
  Resize: same,
  Clip: onPixels,
  Relu: onPixels,
  Max: onPixels,
  Min: onPixels,
  AveragePool: onPixels,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Neg: ({ front }) => {
    const x = front(0)!;
    return [{ ...x, channels: x.channels.map((channel) => scaled(channel, -1)) }];
  },
  Expand: ({ front, shape, output }) => {
    const x = front(0)!;
    const to = output(0);
    if (!to || x.axis === null) return undefined;
    const axis = x.axis + to.length - shape(0).length;
    const channels = x.channels.length === 1 ? Array(to[axis]).fill(x.channels[0]) : x.channels;
    return [{ axis, channels: channels as FrontChannel[] }];
  },
  Add: affine((channel, value) => scaled(channel, 1, value)),
  Sub: affine((channel, value, isFirst) =>
    isFirst ? scaled(channel, 1, -value) : scaled(channel, -1, value),
  ),
  Mul: affine((channel, value) => scaled(channel, value)),
  Div: affine((channel, value, isFirst) => (isFirst && value !== 0 ? scaled(channel, 1 / value) : undefined)),
  Transpose: ({ node, front }) => {
    const x = front(0)!;
    const perm = intsAttribute(node, "perm", []);
    if (x.axis === null || perm.length === 0) return undefined;
    return [{ ...x, axis: perm.indexOf(x.axis) }];
  },
  Gather: ({ node, front, constant, shape }) => {
    const x = front(0)!;
    const indices = constant(1);
    const axis = normalizeAxis(intAttribute(node, "axis", 0), shape(0).length);
    if (x.axis === null || axis !== x.axis || !indices || indices.shape.length > 1) return undefined;
    const picked = numbersOf(indices).map((i) => x.channels[i < 0 ? i + x.channels.length : i]);
    return [{ axis: indices.shape.length === 0 ? null : x.axis, channels: picked }];
  },
  Slice: ({ front, typed }) => {
    const x = front(0)!;
    if (x.axis === null) return undefined;
    const own = slicedAxes(typed()).find(({ axis }) => axis === x.axis);
    if (!own) return [x];
    const channels = Array.from({ length: own.length }, (_, i) => x.channels[own.start + i * own.step]);
    return [{ ...x, channels }];
  },
  Split: ({ node, front, constant, shape }) => {
    const x = front(0)!;
    if (x.axis === null || normalizeAxis(intAttribute(node, "axis", 0), shape(0).length) !== x.axis)
      return undefined;
    const given = constant(1);
    const each = x.channels.length / node.outputs.length;
    const lengths = given ? numbersOf(given) : node.outputs.map(() => each);
    let start = 0;
    return lengths.map((length) => ({ ...x, channels: x.channels.slice(start, (start += length)) }));
  },
  Unsqueeze: (read) => {
    const { front, constant, shape } = read;
    const x = front(0)!;
    const axes = constant(1);
    if (x.axis !== null) return reshaped(read);
    if (!axes || axes.data.length !== 1 || x.channels.length !== 1) return undefined;
    return [{ ...x, axis: normalizeAxis(Number(axes.data[0]), shape(0).length + 1) }];
  },
  Concat: ({ node, front, shape }) => {
    const parts = node.inputs.map((_, i) => front(i));
    const axis = normalizeAxis(intAttribute(node, "axis"), shape(0).length);
    if (!parts.every((part) => part?.axis === axis)) return undefined;
    return [{ axis, channels: parts.flatMap((part) => part!.channels) }];
  },
  Conv: ({ node, front, constant }) => {
    const x = front(0);
    const [weight, bias] = [constant(1), constant(2)];
    if (x?.axis !== 1 || !weight || (node.inputs[2] && !bias)) return undefined;
    const mixed = channelMixing(weight, bias, intAttribute(node, "group", 1));
    if (mixed?.length !== x.channels.length) return undefined;
    return [
      { ...x, channels: mixed.map(({ from, factor, shift }) => scaled(x.channels[from], factor, shift)) },
    ];
  },
  BatchNormalization: ({ node, front, constant }) => {
    const x = front(0)!;
    // Its learnt scale and bias say nothing of the images; the statistics do.
    const [mean, variance] = [constant(3), constant(4)].map((value) => value && numbersOf(value));
    if (x.axis !== 1 || !mean || !variance) return undefined;
    const epsilon = floatAttribute(node, "epsilon", 1e-5);
    const factors = variance.map((v) => 1 / Math.sqrt(v + epsilon));
    return [{ ...x, channels: x.channels.map((it, c) => scaled(it, factors[c], -mean[c] * factors[c])) }];
  },
};

/** One number for each channel of x out of a constant that is broadcast to it; a mean image is averaged. */
function channelValues(
  constant: Tensor,
  { axis, channels }: Front,
  shape: readonly number[],
): number[] | undefined {
  const numbers = numbersOf(constant);
  if (numbers.length === 0 || constant.shape.length > shape.length) return undefined;
  if (axis === null) return channels.map(() => numbers[0]);
  const lengths = [...Array<number>(shape.length - constant.shape.length).fill(1), ...constant.shape];
  const own = lengths[axis];
  if (own !== 1 && own !== channels.length) return undefined;
  const inside = sizeOf(lengths.slice(axis + 1));
  const sums = Array<number>(own).fill(0);
  numbers.forEach((value, i) => (sums[Math.floor(i / inside) % own] += value));
  return channels.map((_, c) => (sums[own === 1 ? 0 : c] * own) / numbers.length);
}
