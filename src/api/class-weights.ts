/** What each class counts in the loss. */
import { type ImageSource, classCounts, normalizedClassName } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";

/** "balanced", numbers in the order of the data's classes, or by the name of a class. */
export type ClassWeights = "balanced" | readonly number[] | Readonly<Record<string, number>>;

export interface WeightsByLogit {
  /** Null where all count alike. */
  readonly byLogit: readonly number[] | null;
  readonly notes: readonly string[];
}

/**
 * "balanced" is N / (classes with images · images of the class), as scikit-learn's: a training set of classes of equal sizes
 * has 1 throughout.
 *
 * @param logitOf  the logit of each of the data's classes
 * @throws UsageError for weights that are not of the data's classes
 */
export function classWeightsOf(
  given: ClassWeights | null,
  data: Pick<ImageSource, "name" | "labels" | "classNames">,
  logitOf: readonly number[],
): WeightsByLogit {
  if (given === null) return { byLogit: null, notes: [] };
  const byClass = weightsByClass(given, data);
  const byLogit: number[] = Array.from({ length: Math.max(...logitOf) + 1 }, () => 1);
  byClass.forEach((weight, i) => (byLogit[logitOf[i]] = weight));
  const shown = data.classNames.map((name, i) => `${name} ${Number(byClass[i].toPrecision(3))}`);
  return { byLogit, notes: [`Classes count in the loss: ${listOf(shown)}.`] };
}

function weightsByClass(
  given: ClassWeights,
  data: Pick<ImageSource, "name" | "labels" | "classNames">,
): number[] {
  const { name: dataName, classNames } = data;
  if (given === "balanced") {
    const counts = classCounts(data);
    const present = counts.filter((count) => count > 0);
    const total = present.reduce((sum, count) => sum + count, 0);
    // A class without images has no loss to weigh.
    return counts.map((count) => (count === 0 ? 1 : total / (present.length * count)));
  }
  if (isList(given)) {
    if (given.length === classNames.length) return [...given];
    throw new UsageError(
      `classWeights has ${given.length} numbers; ${dataName} has ${classNames.length} classes: ${listOf(classNames)}. Give one ` +
        `for each, in this order, or by name.`,
    );
  }
  const known = new Map(classNames.map((name, i) => [normalizedClassName(name), i]));
  const weights = classNames.map(() => 1);
  for (const [name, weight] of Object.entries(given)) {
    const index = known.get(normalizedClassName(name));
    if (index === undefined) {
      throw new UsageError(
        `classWeights names the class "${name}", which ${dataName} has not. Its classes: ${listOf(classNames)}.`,
      );
    }
    weights[index] = weight;
  }
  return weights;
}

const isList = (given: ClassWeights): given is readonly number[] => Array.isArray(given);

const LISTED = 20;

const listOf = (items: readonly string[]): string =>
  items.length <= LISTED
    ? items.join(", ")
    : `${items.slice(0, LISTED).join(", ")} and ${items.length - LISTED} more`;
