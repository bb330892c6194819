import type { GraphBuilder, Value } from "../onnx/index.ts";

/** A·B over a batch, either one transposed inside the product: [..., M, K] [..., K, N] -> [..., M, N]. */
export const fusedMatMul = (
  g: GraphBuilder,
  a: Value,
  b: Value,
  { transA = 0, transB = 0 }: { readonly transA?: 0 | 1; readonly transB?: 0 | 1 },
): Value => g.op1("FusedMatMul", [a, b], { transA, transB }, { domain: "com.microsoft" });
