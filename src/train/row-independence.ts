/**
 * Whether each row of every activation is a function of the same row of the images alone, in training as in evaluation
 * mode: no batch statistics, no dropout, nothing that mixes rows, and the rows always on the first axis.
 */
import {
  type Graph,
  GraphBuilder,
  type TypedNode,
  type Value,
  constantNumbers,
  inlineGraph,
  intAttribute,
  intsAttribute,
  reducedAxes,
  slicedAxes,
} from "../onnx/index.ts";
import { type Shape, normalizeAxis, numbersOf, sizeOf } from "../tensor/index.ts";

/** Rows that the graph is inferred for: a prime, so that a length which it divides has the images in it. */
export const ROWS = 7;

/** Operators that act on each row of their first input, and read nothing else that depends on the images. */
const perRow = new Set(
  ["Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool"].concat(
    ["InstanceNormalization", "GroupNormalization", "LRN", "DepthToSpace", "SpaceToDepth", "Resize"],
    ["Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "HardSigmoid", "HardSwish", "Mish", "Softplus"],
    ["Softsign", "Sigmoid", "Tanh", "Erf", "Exp", "Log", "Sqrt", "Abs", "Neg", "Reciprocal", "Sign"],
    ["Clip", "Identity", "Cast", "PRelu", "ThresholdedRelu"],
  ),
);

/** Operators that act on each element of all their inputs. */
const elementwise = new Set(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where"]);

/** Operators that keep the elements in their order: rows stay rows where the first length stays. */
const reshaping = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/** Operators that work along one axis, and its default. */
const alongAxis: Readonly<Record<string, number>> = {
  Softmax: -1,
  LogSoftmax: -1,
  LayerNormalization: -1,
  LpNormalization: -1,
  Concat: 0,
  Split: 0,
  Gather: 0,
};

/**
 * @param graph   at the current opset, of any batch size
 * @param image   shape of one image, as the graph takes it
 * @param frozen  running variances of BatchNormalization nodes that normalise by them in training too
 */
export const isRowIndependent = (
  graph: Graph,
  input: string,
  image: readonly number[],
  frozen: ReadonlySet<string> = new Set(),
): boolean => {
  const { mixing, turned } = rowsIn(graph, input, image, frozen);
  return mixing.size === 0 && turned.size === 0;
};

/** A graph's values for a batch of {@link ROWS} images, and which of them are not rows of the images. */
export interface RowValues {
  /** By name; shapes are of a batch of {@link ROWS}. */
  readonly values: ReadonlyMap<string, Value>;
  /** Those that depend on the images, and are made by a node that is not sure to keep rows apart, or come behind one. */
  readonly mixing: ReadonlySet<string>;
  /**
   * Those that have the images apart in another way than as rows: along another axis than the first, or each as several rows, as
   * the heads of attention come.
   */
  readonly turned: ReadonlySet<string>;
  /** Of those that are not mixing: the axis along which the images are apart. */
  readonly axes: ReadonlyMap<string, number>;
}

/** As {@link isRowIndependent}, for each value on its own. */
export function rowsIn(
  graph: Graph,
  input: string,
  image: readonly number[],
  frozen: ReadonlySet<string>,
): RowValues {
  const g = new GraphBuilder();
  const images = g.input(input, "float32", [ROWS, ...image]);
  const bindings = new Map([[input, images]]);
  for (const [name, value] of graph.initializers) {
    bindings.set(name, g.initializer(name, value, { constant: true }));
  }
  const values = inlineGraph(g, graph, bindings);
  // Of those that depend on the images; null where images are not sure to be apart.
  const axes = new Map<string, number | null>([[input, 0]]);
  for (const node of g.nodes) {
    const reads = node.inputs.map((value) => (value === null ? undefined : axes.get(value.name)));
    const read = reads.filter((axis) => axis !== undefined);
    if (read.length === 0) continue;
    const axis = node.domain === "" && !read.includes(null) ? rowAxis(node, reads as RowAxes, frozen) : null;
    // Statistics that are kept are nobody's images.
    const made =
      node.opType === "BatchNormalization" && axis !== null ? node.outputs.slice(0, 1) : node.outputs;
    for (const { name } of made) axes.set(name, axis);
  }
  const named = (is: (axis: number | null, value: Value) => boolean) =>
    new Set(
      [...values].flatMap(([name, value]) => {
        const axis = axes.get(value.name);
        return axis !== undefined && is(axis, value) ? [name] : [];
      }),
    );
  return {
    values,
    mixing: named((axis) => axis === null),
    turned: named((axis, { shape }) => axis !== null && !(axis === 0 && shape[0] === ROWS)),
    axes: new Map(
      [...values].flatMap(([name, value]) => {
        const axis = axes.get(value.name);
        return axis === undefined || axis === null ? [] : [[name, axis] as const];
      }),
    ),
  };
}

/** Of each input: the axis of the images; undefined where it does not depend on them. */
type RowAxes = readonly (number | undefined)[];

/** Along which axis of its outputs a node has the images apart; null where it is not sure to. */
function rowAxis(node: TypedNode, axes: RowAxes, frozen: ReadonlySet<string>): number | null {
  const reads = axes.map((axis) => axis !== undefined);
  const [first] = axes;
  if (node.opType === "Transpose") {
    const { shape } = (node.inputs as readonly Value[])[0];
    const order = intsAttribute(typed(node), "perm", [...shape.keys()].reverse());
    return order.indexOf(first!);
  }
  const areRows = node.inputs.every(
    (value, i) => axes[i] === undefined || (axes[i] === 0 && value!.shape[0] === ROWS),
  );
  if (areRows && keepsRows(node, reads, frozen)) return 0;
  return areRows && !reshaping.has(node.opType) ? null : turnedAxis(node, axes);
}

/** What acts on each number, or on one axis that is not the images', where these are not the first. */
function turnedAxis(node: TypedNode, axes: RowAxes): number | null {
  const { opType, outputs } = node;
  const inputs = node.inputs as readonly Value[];
  const [axis] = axes;
  const { shape } = inputs[0];
  const isFirstAlone = axis !== undefined && axes.slice(1).every((other) => other === undefined);
  if (elementwise.has(opType)) {
    const [own] = axes.filter((other) => other !== undefined);
    const full = outputs[0].shape.length;
    const isAlike = inputs.every((value, i) =>
      axes[i] === undefined
        ? isOneForAll(value, full, own)
        : axes[i] === own && value.shape.length === full && value.shape[own] === outputs[0].shape[own],
    );
    return isAlike ? own : null;
  }
  if (opType === "MatMul") {
    const isBatched =
      axes.every((other) => other === axis) &&
      inputs.every((value) => value.shape.length === shape.length && value.shape[axis!] === shape[axis!]);
    const isLeft = isFirstAlone && inputs[1].shape.length <= 2;
    return axis !== undefined && (isBatched || isLeft) && axis < shape.length - (isBatched ? 2 : 1)
      ? axis
      : null;
  }
  if (!isFirstAlone) return null;
  if (unary.has(opType)) return axis;
  if (opType === "Gather") {
    const taken = normalizeAxis(intAttribute(typed(node), "axis", 0), shape.length);
    if (taken === axis) return null;
    return taken > axis ? axis : axis - 1 + inputs[1].shape.length;
  }
  if (opType === "Split" || opType === "Softmax") {
    const along = normalizeAxis(intAttribute(typed(node), "axis", opType === "Split" ? 0 : -1), shape.length);
    return along === axis ? null : axis;
  }
  if (opType === "Slice")
    return slicedAxes(typed(node)).every((sliced) => sliced.axis !== axis) ? axis : null;
  if (reshaping.has(opType)) return reshapedAxis(shape, axis, outputs[0].shape);
  return null;
}

/** Acts on each number. */
const unary = new Set([
  "Identity",
  "Cast",
  "Relu",
  "Gelu",
  "Erf",
  "Tanh",
  "Sigmoid",
  "Sqrt",
  "Exp",
  "Neg",
  "Abs",
]);

/**
 * Where the images are after their tensor has got another shape: as many numbers before them as there were, and each one's
 * together. Null where they are not.
 */
function reshapedAxis(from: Shape, axis: number, to: Shape): number | null {
  const before = sizeOf(from.slice(0, axis));
  const found = to.findIndex(
    (length, i) => length > 0 && length % ROWS === 0 && sizeOf(to.slice(0, i)) === before,
  );
  return found < 0 ? null : found;
}

/** Whether a value that does not depend on the images is the same for each of them: it has none, or one, along their axis. */
const isOneForAll = ({ shape }: Value, rank: number, axis: number): boolean => {
  const own = axis - (rank - shape.length);
  return own < 0 || shape[own] === 1;
};

function keepsRows(node: TypedNode, reads: readonly boolean[], frozen: ReadonlySet<string>): boolean {
  const { opType, outputs } = node;
  const inputs = node.inputs as readonly Value[];
  const [x] = inputs;
  const rank = x.shape.length;
  if (opType === "BatchNormalization") return frozen.has(inputs[4].name);
  if (outputs.some(({ shape }) => shape[0] !== ROWS)) return false;
  const isFirstAlone = reads[0] && !reads.slice(1).includes(true);
  if (elementwise.has(opType)) {
    const full = outputs[0].shape.length;
    // An operand that depends on the images has their rows as its own; another has none, or one for all.
    return inputs.every(({ shape }, i) =>
      reads[i] ? shape.length === full && shape[0] === ROWS : shape.length < full || shape[0] === 1,
    );
  }
  if (opType === "MatMul") {
    const isBatched = inputs.every(({ shape }) => shape.length > 2 && shape[0] === ROWS);
    return isFirstAlone ? rank > 1 && inputs[1].shape.length <= 2 : !reads.includes(false) && isBatched;
  }
  if (Object.hasOwn(alongAxis, opType)) {
    const axis = normalizeAxis(intAttribute(typed(node), "axis", alongAxis[opType]), rank);
    const rowsOfAll = inputs.every(({ shape }, i) => !reads[i] || shape[0] === ROWS);
    const isSame = inputs.every((value, i) => reads[i] || hasEqualRows(value));
    return axis !== 0 && (opType === "Concat" ? isSame && rowsOfAll : isFirstAlone);
  }
  if (!isFirstAlone || x.shape[0] !== ROWS) return false;
  if (perRow.has(opType) || reshaping.has(opType)) return true;
  if (opType === "Gemm") return intAttribute(typed(node), "transA", 0) === 0;
  if (opType === "Transpose") {
    return (
      intsAttribute(
        typed(node),
        "perm",
        Array.from({ length: rank }, (_, i) => rank - 1 - i),
      )[0] === 0
    );
  }
  if (opType === "Pad") return inputs.length < 4 && constantNumbers(typed(node), 1)?.[0] === 0;
  if (opType === "Slice") return slicedAxes(typed(node)).every(({ axis }) => axis !== 0);
  if (opType.startsWith("Reduce")) return !reducedAxes(typed(node)).includes(0);
  return false;
}

/** Whether a stored value has the same row for every image, as a class token that was spread over the batch. */
function hasEqualRows({ constant, shape }: Value): boolean {
  if (!constant || shape[0] !== ROWS) return false;
  const numbers = numbersOf(constant);
  const size = numbers.length / ROWS;
  return numbers.every((value, i) => value === numbers[i % size]);
}

const typed = (node: TypedNode) => ({ ...node, outputCount: node.outputs.length });
