import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Definable, Definition } from "../options/index.ts";

/** What the model's answer on an image costs, beside the cross-entropy: the loss of each sample. */
export interface Loss extends Definition<"loss"> {
  /** In words. */
  readonly title: string;
  /**
   * @param logits  [N, K]
   * @param labels  class indices, int64 [N]
   * @returns       the loss of each sample, [N]; of no sample does it depend on another
   */
  perSample(g: GraphBuilder, logits: Value, labels: Value): Value;
  /** The same in plain numbers, for tests. Left out, nothing is compared. */
  reference?(logits: readonly (readonly number[])[], labels: readonly number[]): readonly number[];
}

/** What `defineLoss` takes: a loss, whose title may be left out. */
export type LossDefinition = Pick<Loss, "perSample" | "reference"> &
  Partial<Pick<Loss, "title">> &
  Definable<"loss">;
