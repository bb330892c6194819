import { UsageError } from "../tensor/index.ts";
import type { ImageSource } from "./image-source.ts";
import { partOf } from "./subset.ts";

/** The images that have a label. */
export interface LabelledPart {
  readonly data: ImageSource;
  /** Places in the whole of the part's images; null where it is the whole. */
  readonly indices: readonly number[] | null;
  /** How many were left out, a sentence. */
  readonly notes: readonly string[];
}

/** Leaves out the images whose label is −1. @throws UsageError where no image has one */
export function labelledPart(whole: ImageSource, purpose: string): LabelledPart {
  const { name, labels } = whole;
  const indices = Array.from(labels.keys()).filter((i) => labels[i] >= 0);
  if (indices.length === labels.length) return { data: whole, indices: null, notes: [] };
  if (indices.length === 0) {
    throw new UsageError(
      `None of the ${labels.length} images of ${name} has a label, which ${purpose} needs. Give images by class.`,
    );
  }
  const missing = labels.length - indices.length;
  const note =
    `${name}: ${missing} of ${labels.length} images ${missing === 1 ? "has" : "have"} no label (-1) and ` +
    `${missing === 1 ? "is" : "are"} left out of ${purpose}.`;
  return { data: partOf(whole, indices, { name, notes: whole.notes }), indices, notes: [note] };
}
