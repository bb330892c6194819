/** Training on a family with ranges: what cannot go with draws, and what is said of them. */
import { methodOf } from "../align/index.ts";
import { type TransformFamily, hasRanges } from "../augment/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { FitOptions } from "./fit-options.ts";
import type { FitSettings } from "./resolve-fit-options.ts";

/** A sentence where a family's views are drawn. @throws UsageError for options that need views which stay the same */
export function rangeNotes(
  family: TransformFamily,
  {
    method,
    selection,
    augmentation,
    compat,
  }: Pick<FitSettings, "method" | "selection" | "augmentation" | "compat">,
  { cache, draws, validation }: Pick<FitOptions, "cache" | "draws" | "validation">,
): readonly string[] {
  const { views } = methodOf(method);
  const hasMembers = views === "random" || views === "worst-case";
  if (!hasRanges(family) || (!hasMembers && !validation)) return [];
  const { parameters, draws: drawn } = family.ranges;
  const ranges = parameters.map(({ name, low, high }) => `${name} ${low} to ${high}`).join(", ");
  const tested = validation
    ? [`Validation is under ${drawn} fixed draws of ${family.name} (${ranges}).`]
    : [];
  if (!hasMembers) return tested;
  const fixed = "Name the family's values, as in rotation:-30,-15,15,30";
  if (views === "worst-case" && selection === "batch") {
    throw new UsageError(
      `selection "batch" takes one member for all images, and a range draws for each image by itself. ` +
        `Leave selection${compat ? " and compat" : ""} out, or: ${fixed}.`,
    );
  }
  if (augmentation === "eager") {
    throw new UsageError(
      `augmentation "eager" keeps views that never change; "${family.name}" draws them anew in each step. ` +
        `Leave augmentation out, or: ${fixed}.`,
    );
  }
  const kept = cache !== undefined && cache !== false ? "cache" : draws !== undefined ? "draws" : undefined;
  if (kept !== undefined) {
    throw new UsageError(
      `${kept} is of features of views that stay the same; "${family.name}" draws them anew in each step` +
        `${kept === "draws" ? " (how many says the family: rotation:-30..30,draws=10)" : ""}. Leave ${kept} out, or: ${fixed}.`,
    );
  }
  const many =
    views === "random"
      ? "one view of each image is drawn"
      : `${drawn} view${drawn === 1 ? "" : "s"} of each image ${drawn === 1 ? "is" : "are"} drawn`;
  return [`In each step ${many} from ${ranges}.`, ...tested];
}
