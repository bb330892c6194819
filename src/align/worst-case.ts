import type { GraphBuilder, Value } from "../onnx/index.ts";
import { int64 } from "../tensor/index.ts";

/** Whether each sample gets its own worst member (the paper), or the whole batch one by mean loss (its package). */
export type Selection = "sample" | "batch";

/**
 * The member of the family with the largest loss; at ties the earlier one, so the identity wins them.
 *
 * @param losses  [A, N], one row per member
 * @returns       member index of each sample, int64 [N]
 */
export function worstMember(g: GraphBuilder, losses: Value, selection: Selection): Value {
  const samples = losses.shape[1];
  if (selection === "sample") return g.op1("ArgMax", [losses], { axis: 0, keepdims: 0 });
  const worst = g.op1("ArgMax", [g.mean(losses, [1])], { axis: 0, keepdims: 1 });
  return g.expand(worst, [samples]);
}

/**
 * Where the clean images and the chosen views of each stand among all views.
 *
 * @param members  one or more choices, each int64 [N]; view a of sample i is row a·N + i, block 0 the clean images
 * @returns        row indices, int64 [(1 + choices)·N]: the clean rows, then those of each choice
 */
export function cleanAndChosenRows(g: GraphBuilder, members: readonly Value[]): Value {
  const [samples] = members[0].shape;
  const clean = g.constant(int64(Array.from({ length: samples }, (_, i) => i)));
  const chosen = members.map((member) => g.add(g.mul(member, g.constant(int64([samples], []))), clean));
  return g.concat([clean, ...chosen], 0);
}
