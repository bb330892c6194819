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
import { normalizeAxis } from "../tensor/index.ts";

/** Rows that the graph is inferred for; the answer does not depend on it. */
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
): boolean => rowsIn(graph, input, image, frozen).mixing.size === 0;

/** A graph's values for a batch of {@link ROWS} images, and which of them are not rows of the images. */
export interface RowValues {
  /** By name; shapes are of a batch of {@link ROWS}. */
  readonly values: ReadonlyMap<string, Value>;
  /** Those that depend on the images, and are made by a node that is not sure to keep rows, or come behind one. */
  readonly mixing: ReadonlySet<string>;
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
  const dependent = new Set([input]);
  const mixed = new Set<string>();
  for (const node of g.nodes) {
    const reads = node.inputs.map((value) => value !== null && dependent.has(value.name));
    if (!reads.includes(true)) continue;
    const isBehind = node.inputs.some((value) => value !== null && mixed.has(value.name));
    const isKeeping = !isBehind && node.domain === "" && keepsRows(node, reads, frozen);
    for (const { name } of node.outputs) {
      dependent.add(name);
      if (!isKeeping) mixed.add(name);
    }
  }
  const mixing = [...values].filter(([, value]) => mixed.has(value.name)).map(([name]) => name);
  return { values, mixing: new Set(mixing) };
}

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
    return axis !== 0 && (opType === "Concat" ? !reads.includes(false) && rowsOfAll : isFirstAlone);
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

const typed = (node: TypedNode) => ({ ...node, outputCount: node.outputs.length });
