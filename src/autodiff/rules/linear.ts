import { type GraphBuilder, type Value, float, floatAttribute, intAttribute } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * Y = α·op(A)·op(B) + β·C, where op transposes or not (Gemm-11).
 *
 *   d op(A) = α·dY·op(B)ᵀ   [m,n] [n,k] -> [m,k]
 *   d op(B) = α·op(A)ᵀ·dY   [k,m] [m,n] -> [k,n]
 *   dC      = β·dY
 */
export const gemm: GradientRule = (g, node, [dy]) => {
  const [a, b, c] = node.inputs;
  const transA = intAttribute(node, "transA", 0);
  const transB = intAttribute(node, "transB", 0);
  const alpha = float(floatAttribute(node, "alpha", 1));
  return [
    transA
      ? g.gemm(b, dy, { transA: transB, transB: 1, alpha })
      : g.gemm(dy, b, { transA: 0, transB: 1 - transB, alpha }),
    transB
      ? g.gemm(dy, a, { transA: 1, transB: transA, alpha })
      : g.gemm(a, dy, { transA: 1 - transA, transB: 0, alpha }),
    c ? g.scale(dy, floatAttribute(node, "beta", 1)) : null,
  ];
};

/**
 * Y = A·B over broadcast batches; a vector is a row on the left, a column on the right (MatMul-13).
 *
 *   dA = dY·Bᵀ   […,m,n] […,n,k] -> […,m,k]
 *   dB = Aᵀ·dY   […,k,m] […,m,n] -> […,k,n]
 */
export const matMul: GradientRule = (g, { inputs: [a, b] }, [dy]) => {
  const left = a.shape.length === 1 ? g.reshape(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? g.reshape(b, [b.shape[0], 1]) : b;
  const [m, k] = left.shape.slice(-2);
  const n = right.shape.at(-1)!;
  const batch = dy.shape.slice(0, dy.shape.length - Number(a.shape.length > 1) - Number(b.shape.length > 1));
  if (right.shape.length > 2) {
    const d = g.reshape(dy, [...batch, m, n]);
    return [
      vectorOr(g, g.matMul(d, swapLast(g, right)), a, -2),
      vectorOr(g, g.matMul(swapLast(g, left), d), b, -1),
    ];
  }
  // One matrix on the right, as in a linear layer: all rows of the batch at once, nothing to sum afterwards.
  const rows = sizeOf(batch) * m;
  const d = g.reshape(dy, [rows, n]);
  const dA = g.gemm(d, right, { transB: 1 });
  const dB = g.gemm(g.reshape(left, [rows, k]), d, { transA: 1 });
  return [g.reshape(dA, a.shape), g.reshape(dB, b.shape)];
};

/** The gradient of a matrix that stood for the vector `of`, without the axis of length 1 that it was given. */
const vectorOr = (g: GraphBuilder, matrix: Value, of: Value, axis: number): Value =>
  of.shape.length === 1 ? g.squeeze(matrix, [axis]) : matrix;

function swapLast(g: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return g.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}
