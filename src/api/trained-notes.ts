/** What a user should know of what trains, and of what stays. */
import { type Trainable, exportNotes, headNames, namePatterns } from "../parameters/index.ts";
import type { PreparedModel } from "./prepare-model.ts";

/** Whether nothing but a new head trains. */
export const trainsHeadOnly = ({ trained, use }: Pick<PreparedModel, "trained" | "use">): boolean => {
  const head = headNames(use.metadata);
  return trained.length > 0 && trained.every((name) => head.has(name));
};

/**
 * Of a new head alone, that the rest stays; else what `exportNotes` has to say of parameters.
 *
 * @param isDefault  nobody said what trains
 */
export function trainedNotes(prepared: PreparedModel, choice: Trainable, isDefault: boolean): string[] {
  const { part, use, trained, frozen } = prepared;
  // What an exporter made of the network before the head is no business of who trains the head.
  if (!trainsHeadOnly(prepared)) return exportNotes(part, use, choice === "all");
  if (!isDefault) return [];
  const normalized =
    frozen.size === 0
      ? ""
      : `, and ${frozen.size === 1 ? "its BatchNormalization normalises" : `its ${frozen.size} BatchNormalizations normalise`} by the running statistics`;
  return [
    `The new head trains alone (${namePatterns(trained)}); the network before it stays as it is${normalized}. To train more, say ` +
      `what (trainable, --trainable all).`,
  ];
}
