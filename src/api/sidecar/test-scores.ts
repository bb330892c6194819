import type { ClassReport, Interval } from "../../evaluate/index.ts";
import type { TestScores } from "./schema.ts";

/** Classes of a matrix that is kept whole; of more, the most frequent mistakes. */
const MOST_CLASSES = 20;
const MOST_MISTAKES = 20;

/** What a card shows of a test. */
export function testScores(test: {
  readonly images: number;
  readonly clean: Interval;
  readonly robust: Interval;
  readonly invariance: Interval;
  readonly perClass: Pick<ClassReport, "classes" | "confusion" | "mistakes">;
}): TestScores {
  const { images, clean, robust, invariance, perClass } = test;
  const names = perClass.classes.map(({ name }) => name);
  const isFew = names.length <= MOST_CLASSES;
  return {
    images,
    clean,
    robust,
    invariance,
    confusions: {
      names: isFew ? names : [],
      matrix: isFew ? (perClass.confusion?.clean ?? null) : null,
      mistakes: perClass.mistakes.clean.slice(0, MOST_MISTAKES),
    },
  };
}
