import { stopGradient } from "../autodiff/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";

/** How many samples of a batch train where a share of them does: rounded, one at least. */
export const hardestCount = (samples: number, share: number): number =>
  Math.max(1, Math.round(samples * share));

/**
 * Where the samples with the largest losses stand; of equal ones the earlier.
 *
 * @param losses  [N]
 * @param share   in (0, 1]
 * @returns       int64 [n], by falling loss; a choice, through which no gradient flows
 */
export function hardestRows(g: GraphBuilder, losses: Value, share: number): Value {
  const count = hardestCount(losses.shape[0], share);
  const [, rows] = g.op("TopK", [stopGradient(g, losses), g.ints([count])], { axis: 0 }, { outputs: 2 });
  return rows;
}
