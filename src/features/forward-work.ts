import type { GraphNode, Value } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";

/** Operators that multiply and add, and how many products go into each element that they make. */
const products: ReadonlyMap<string, (inputs: readonly (Value | undefined)[]) => number> = new Map([
  ["Conv", ([, kernel]) => (kernel ? sizeOf(kernel.shape.slice(1)) : 1)],
  ["ConvTranspose", ([, kernel]) => (kernel ? sizeOf([kernel.shape[0], ...kernel.shape.slice(2)]) : 1)],
  ["MatMul", ([x]) => x?.shape.at(-1) ?? 1],
  ["Gemm", ([x]) => x?.shape.at(-1) ?? 1],
]);

/** Operators that at most copy. */
const copying = new Set([
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Identity",
  "Cast",
  "Transpose",
  "Dropout",
]);

/** About how many products a node takes, elementwise work counted as one each and copies as none; 0 where its shapes are not known. */
export function forwardWork(node: GraphNode, values: ReadonlyMap<string, Value>): number {
  if (copying.has(node.opType)) return 0;
  const made = node.outputs.reduce((sum, name) => {
    const value = values.get(name);
    return value && !value.constant ? sum + sizeOf(value.shape) : sum;
  }, 0);
  const perElement = products.get(node.opType)?.(node.inputs.map((name) => values.get(name))) ?? 1;
  return made * perElement;
}
