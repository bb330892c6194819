import { checkOptions, number, tested, type OptionTable, whole } from "../options/index.ts";
import { answersOf } from "./answers.ts";
import { type ClassReport, classReport } from "./class-report.ts";
import { type HardestImages, hardestImages } from "./hardest-images.ts";
import { type Predictions, checkPredictions } from "./predictions.ts";

/** What a test says class by class and image by image. */
export interface ClassResults {
  readonly perClass: ClassReport;
  readonly hardest: HardestImages;
}

export interface ClassResultsOptions {
  /** By class index; those beyond its end are named by their number (default: all are). */
  readonly classNames?: readonly string[];
  /** Indices of the classes that are listed even where no image and no answer is of them (default: all). */
  readonly listed?: readonly number[];
  /** Places of the samples in the test set, [N], where those are a part of it (default: 0 to N − 1). */
  readonly indices?: readonly number[];
  /** Images of each list of the hardest ones. Default 20. */
  readonly hardest?: number;
  /** By which logits are divided before they become probabilities (default 1). */
  readonly temperature?: number;
}

const isList = (value: unknown): value is readonly never[] => Array.isArray(value);

/** The rows of {@link ClassResultsOptions}. */
export const classResultsTable = {
  classNames: tested<readonly string[]>(isList, "a list of names", {
    description: "names by class index",
    otherwise: "the numbers",
  }),
  listed: tested<readonly number[]>(isList, "a list of class indices", {
    description: "classes that are listed even where no image and no answer is of them",
    otherwise: "all",
  }),
  indices: tested<readonly number[]>(isList, "a list of places", {
    description: "places of the samples in the test set, where they are a part of it",
    otherwise: "0 to N − 1",
  }),
  hardest: whole(
    {
      description: "images listed with the lowest margin: as they are, and broken by a transform",
      default: 20,
      flag: "--hardest <n>",
      alias: ["worst", "worstFiles", "mistakes"],
    },
    0,
  ),
  temperature: number(
    { above: 0 },
    {
      description: "by which logits are divided before they become probabilities",
      default: 1,
    },
  ),
} satisfies OptionTable<ClassResultsOptions>;

/**
 * Confusion matrix, precision, recall and F1 of each class, and the images with the lowest margins: as they are, and in the
 * worst case. Definitions: docs/procedure.md.
 *
 * @throws as `scorePredictions` does
 */
export function classResults(predictions: Predictions, options: ClassResultsOptions = {}): ClassResults {
  checkPredictions(predictions);
  checkOptions("classResults", classResultsTable, options);
  const { labels, classes } = predictions;
  const { classNames = [], hardest = classResultsTable.hardest.default, indices, temperature } = options;
  const listed = options.listed ?? Array.from({ length: classes }, (_, i) => i);
  const nameOf = (index: number) => classNames[index] ?? String(index);
  const answers = answersOf(predictions);
  return {
    perClass: classReport({ labels, answers, classes, nameOf, listed }),
    hardest: hardestImages(predictions, answers, { nameOf, count: hardest, indices, temperature }),
  };
}
