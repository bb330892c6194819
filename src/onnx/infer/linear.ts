import { ShapeError, broadcastShapes } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import { type InferenceNode, type InferenceRule, firstTypeWith, required } from "./rule.ts";

/** A·B over batches: [..., M, K] [..., K, N] -> [..., M, N]; vectors lose their axis again. */
function matMulShape(node: InferenceNode, a: readonly number[], b: readonly number[]): number[] {
  const left = a.length === 1 ? [1, a[0]] : a;
  const right = b.length === 1 ? [b[0], 1] : b;
  const [m, k] = left.slice(-2);
  const [k2, n] = right.slice(-2);
  if (a.length === 0 || b.length === 0 || k !== k2) {
    throw new ShapeError(`${describeNode(node)}: the inner lengths of [${a}] and [${b}] differ.`);
  }
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  return [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
}

const swapLast = (shape: readonly number[]) => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];

const gemm: InferenceRule = (node) => {
  const transposed = (index: number, key: string) => {
    const { shape } = required(node, index);
    if (shape.length !== 2) {
      throw new ShapeError(`${describeNode(node)} needs matrices; input ${index} has shape [${shape}].`);
    }
    return intAttribute(node, key, 0) ? swapLast(shape) : shape;
  };
  const shape = matMulShape(node, transposed(0, "transA"), transposed(1, "transB"));
  const bias = node.inputs[2]?.shape ?? [];
  if (broadcastShapes(bias, shape).join() !== shape.join()) {
    throw new ShapeError(`${describeNode(node)}: the bias [${bias}] does not broadcast to [${shape}].`);
  }
  return firstTypeWith(node, shape);
};

const matMul: InferenceRule = (node) =>
  firstTypeWith(node, matMulShape(node, required(node, 0).shape, required(node, 1).shape));

const fusedMatMul: InferenceRule = (node) => {
  const [a, b] = ["transA", "transB"].map((key, i) => {
    const { shape } = required(node, i);
    return intAttribute(node, key, 0) ? swapLast(shape) : shape;
  });
  return firstTypeWith(node, matMulShape(node, a, b));
};

export const linearInference = {
  Gemm: gemm,
  MatMul: matMul,
  "com.microsoft.FusedMatMul": fusedMatMul,
} satisfies Record<string, InferenceRule>;
