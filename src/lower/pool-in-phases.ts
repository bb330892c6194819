/**
 * Convolution and max pooling at once.
 *
 * Pooling by p takes the maximum over p² *phases*: the convolution's output at positions (p·i + a, p·j + b). Each phase
 * is a convolution of stride p whose kernel is the original one shifted by (a, b), so one convolution of stride p with
 * p² times the channels and a kernel longer by p − 1 makes them all; the maximum of its channel groups is the pool.
 *
 *   W'[(a,b)·Co, Ci, k+p−1, k+p−1] = W shifted by (a, b), zeros around
 *
 * It costs ((k+p−1)/k)² times the products, but lays out a third of the patches, gives the matrix product p² times the
 * rows, and turns the pool and its gradient into a few elementwise operations on a quarter of the data. With few
 * channels, where laying out dominates, that halves the time of both passes (docs/performance.md).
 */
import { PHASE_MAX, SEMANTIC_DOMAIN } from "../autodiff/index.ts";
import {
  type Attributes,
  type Graph,
  type GraphNode,
  intsAttribute,
  stringAttribute,
} from "../onnx/index.ts";
import { type Shape, type Tensor, int64 } from "../tensor/index.ts";
import { allEqual, product } from "./conv-window.ts";
import { isStandard, readersOf } from "./readers.ts";

/**
 * Up to this product of input and output channels, laying out patches costs more than multiplying them. Measured on
 * LeNet: 1·6 gains, 6·16 loses.
 */
const FEW_CHANNELS = 32;

/** A convolution of stride 1 and the disjoint pool that alone reads it. */
export interface PooledConvolution {
  /** [Co, Ci, k, k]. */
  readonly weight: Shape;
  /** The pool's window, and its stride. */
  readonly window: readonly number[];
}

/** Whether phases pay in a training step. */
const paysInTraining = ({ weight: [output, input] }: PooledConvolution): boolean =>
  output * input <= FEW_CHANNELS;

/**
 * Rewrites each convolution of few channels whose only reader is a disjoint max pooling.
 *
 * @param keep  tensors that somebody reads by name, and that must stay what they are
 * @param pays  which of them
 */
export function poolInPhases(
  graph: Graph,
  keep: ReadonlySet<string> = new Set(),
  pays: (pair: PooledConvolution) => boolean = paysInTraining,
): Graph {
  const named = new Set([...graph.outputs.map((o) => o.name), ...keep]);
  const readers = readersOf(graph);
  const initializers = new Map(graph.initializers);
  const constant = (name: string, value: Tensor) => {
    initializers.set(name, value);
    return name;
  };
  const taken = [
    ...graph.inputs.map(({ name }) => name),
    ...initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
  const unused = (stem: string): string => {
    if (taken.some((name) => name.startsWith(`${stem}/`))) return unused(`${stem}/pooled`);
    taken.push(`${stem}/`);
    return stem;
  };
  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  for (const conv of graph.nodes) {
    const [pool, ...others] = readers.get(conv.outputs[0]) ?? [];
    if (others.length > 0 || named.has(conv.outputs[0]) || !pool) continue;
    const weight = initializers.get(conv.inputs[1]);
    if (!weight || !isPlainConvolution(conv, weight) || !isDisjointPool(pool)) continue;
    if (!pays({ weight: weight.shape, window: intsAttribute(pool, "kernel_shape") })) continue;
    replaced.set(conv, []);
    replaced.set(pool, phases(conv, pool, weight, { stem: unused(conv.outputs[0]), constant }));
  }
  return { ...graph, initializers, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) };
}

function isPlainConvolution(node: GraphNode, { dtype, shape }: Tensor): boolean {
  return (
    isStandard(node, "Conv") &&
    dtype === "float32" &&
    shape.length === 4 &&
    (node.attributes.group ?? 1) === 1 &&
    ["NOTSET", "VALID"].includes(stringAttribute(node, "auto_pad", "NOTSET")) &&
    allEqual([...intsAttribute(node, "strides", [1]), ...intsAttribute(node, "dilations", [1])], 1)
  );
}

function isDisjointPool(node: GraphNode): boolean {
  if (!isStandard(node, "MaxPool") || node.outputs.length > 1) return false;
  const kernel = intsAttribute(node, "kernel_shape");
  return (
    kernel.join() === intsAttribute(node, "strides", [1, 1]).join() &&
    product(kernel) > 1 &&
    allEqual(intsAttribute(node, "pads", [0]), 0) &&
    allEqual(intsAttribute(node, "dilations", [1]), 1) &&
    (node.attributes.ceil_mode ?? 0) === 0 &&
    ["NOTSET", "VALID"].includes(stringAttribute(node, "auto_pad", "NOTSET"))
  );
}

/** The nodes that make the pool's output from the convolution's input. */
function phases(
  conv: GraphNode,
  pool: GraphNode,
  weight: Tensor,
  { stem, constant }: { stem: string; constant: (name: string, value: Tensor) => string },
): GraphNode[] {
  const [x, w, b] = conv.inputs;
  const [rows, columns] = intsAttribute(pool, "kernel_shape");
  const shifts = Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns]);
  const shifted = shifts.map(([down, right]) => {
    const output = `${stem}/kernel ${down} ${right}`;
    const pads = [0, 0, down, right, 0, 0, rows - 1 - down, columns - 1 - right];
    return step("Pad", [w, constant(`${output} pads`, int64(pads))], [output]);
  });
  const kernel = `${stem}/kernel`;
  const bias = `${stem}/bias`;
  const all = `${stem}/phases`;
  const [, , kh, kw] = weight.shape;
  const window = {
    kernel_shape: [kh + rows - 1, kw + columns - 1],
    strides: [rows, columns],
    pads:
      stringAttribute(conv, "auto_pad", "NOTSET") === "VALID"
        ? [0, 0, 0, 0]
        : intsAttribute(conv, "pads", [0, 0, 0, 0]),
  };
  const axis = { axis: 0 };
  return [
    ...shifted,
    step(
      "Concat",
      shifted.map((node) => node.outputs[0]),
      [kernel],
      axis,
    ),
    ...(b
      ? [
          step(
            "Concat",
            shifts.map(() => b),
            [bias],
            axis,
          ),
        ]
      : []),
    { ...step("Conv", [x, kernel, ...(b ? [bias] : [])], [all], window), name: conv.name },
    { ...step(PHASE_MAX, [all], pool.outputs, { phases: shifts.length }), domain: SEMANTIC_DOMAIN },
  ];
}

const step = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
): GraphNode => ({ opType, domain: "", name: "", inputs, outputs, attributes });
