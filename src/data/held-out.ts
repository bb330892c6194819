/** Images that a training held out, known again by their content. */
import type { ImageSource } from "./image-source.ts";
import { contentsOf } from "./image-sketch.ts";
import { sampleCount } from "./dataset.ts";
import type { Split } from "./source.ts";
import { sourceSubset } from "./source-subset.ts";

/** What a training held out of its data. */
export interface HeldOut {
  /** The name of the data. */
  readonly data: string;
  /** How many images it had. */
  readonly images: number;
  /** Each image that is held out to choose by, ten hex digits. */
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/** @param whole  of which the others are parts */
export async function heldOutOf(
  whole: ImageSource,
  parts: { readonly validation?: ImageSource; readonly test?: ImageSource },
): Promise<HeldOut> {
  const { validation, test } = parts;
  return {
    data: whole.name,
    images: sampleCount(whole),
    validation: validation ? await contentsOf(validation) : [],
    test: test ? await contentsOf(test) : [],
  };
}

/**
 * Of the data that a training divided, the part that was held out for what is asked: with "test" that of the test, else that for
 * validation; with "train" all that was not held out. A note says how many these are. Null where no image is one of them: it is
 * other data.
 */
export async function heldOutPart(
  source: ImageSource,
  heldOut: HeldOut,
  split: Split,
): Promise<ImageSource | null> {
  const contents = await contentsOf(source);
  const [validation, test] = [new Set(heldOut.validation), new Set(heldOut.test)];
  if (!contents.some((content) => validation.has(content) || test.has(content))) return null;
  const isTest = split === "test" && test.size > 0;
  const isWanted = (content: string): boolean => {
    if (split === "train") return !validation.has(content) && !test.has(content);
    return (isTest ? test : validation).has(content);
  };
  const indices = contents.flatMap((content, i) => (isWanted(content) ? [i] : []));
  if (indices.length === 0) return null;
  const purpose = isTest ? "the test" : "validation";
  const which = split === "train" ? "training did not hold out" : `training held out for ${purpose}`;
  const wanted = isTest ? heldOut.test : heldOut.validation;
  const gone = split === "train" ? 0 : wanted.length - indices.length;
  const note =
    `${source.name}: the ${indices.length} of ${contents.length} images are used that ${which}; the others are left out.` +
    (gone > 0 ? ` Of those held out ${gone} are not there any more.` : "") +
    (split === "test" && !isTest
      ? " The best epoch was chosen by them, so on other images it may do a little worse."
      : "");
  const name = split === "train" ? "training" : isTest ? "test" : "validation";
  return sourceSubset(source, indices, {
    name: `${source.name}, ${name} part`,
    notes: [...(source.notes ?? []), note],
    isUnsplit: false,
  });
}
