/** Products of matrices. */
import { ModelError } from "../../onnx/index.ts";
import type { NodeContext, OperatorConverter } from "../context.ts";
import { Laid } from "../held.ts";
import { biasOf, fused, withBias } from "./convolution.ts";

/** Rows by a matrix of weights [in, out], or [out, in] that is to be transposed. */
function matMul(context: NodeContext, bias: number | null): Laid {
  const { g, attributes } = context;
  const x = context.laid(0);
  if (x.shape.length !== 2 || attributes.truth("transpose_a")) {
    throw new ModelError(
      `it takes [N, ${x.shape.slice(1).join(", ")}]${x.shape.length === 2 ? " transposed" : ""}, no rows`,
    );
  }
  const transB = attributes.truth("transpose_b") ? 1 : 0;
  const w = context.weight(1, "weights", 2, () => ({}));
  const b = biasOf(context, bias, w.shape[transB === 1 ? 0 : 1]);
  return withBias(context, Laid.last(g, g.gemm(x.last, w, { transB }, b)), bias, b);
}

/** Matrices of each image by one another, or by weights for all of them. */
const batchMatMul: OperatorConverter = (context) => {
  const { g, attributes } = context;
  const sides = [0, 1].map((i) => {
    const side = context.laid(i).last;
    const rank = side.shape.length;
    if (!attributes.truth(i === 0 ? "adj_x" : "adj_y")) return side;
    const axes = side.shape.map((_, axis) => axis);
    return g.transpose(side, [...axes.slice(0, -2), rank - 1, rank - 2]);
  });
  const given = [0, 1].map((i) => context.held(i));
  const isEachOwn = given.every((held) => held.kind !== "laid" || held.shape.length >= 3);
  if (!isEachOwn) throw new ModelError("it multiplies matrices in which images are rows");
  return Laid.last(g, g.matMul(sides[0], sides[1]));
};

export const linearOperators: Readonly<Record<string, OperatorConverter>> = {
  MatMul: (context) => matMul(context, null),
  _FusedMatMul: (context) => fused(context, (bias) => matMul(context, bias)),
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
};
