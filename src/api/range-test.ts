/** A test under a family with ranges: what is searched, what is said of it, and the views that broke images, by name. */
import {
  type RangedFamily,
  type Ranges,
  type TransformFamily,
  hasRanges,
  withSample,
} from "../augment/index.ts";
import {
  type ClassResults,
  type PlannedSearch,
  type RangeSearch,
  type RangeSearchOptions,
  type Searched,
  plannedSearch,
  rangeSearchTable,
} from "../evaluate/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";

/** A test of a family with ranges. */
export interface PlannedRangeTest {
  readonly ranges: Ranges;
  readonly search: PlannedSearch;
  /** The family with the fixed sample that scores of members are of. */
  readonly sampled: RangedFamily;
}

type Options = RangeSearchOptions & Pick<EvaluateOptions, "cache" | "jobs">;

/** What only a search of a range reads. */
const searchNames = [...(Object.keys(rangeSearchTable) as (keyof RangeSearchOptions)[]), "jobs"] as const;

/** Null for a family without ranges. @throws UsageError for options of a search that it has not, or that do not go together */
export function plannedRangeTest(
  family: TransformFamily,
  options: Options,
  seed: number,
): PlannedRangeTest | null {
  const given = searchNames.filter((name) => options[name] !== undefined);
  if (!hasRanges(family)) {
    if (given.length === 0) return null;
    throw new UsageError(
      `${given.join(" and ")} ${given.length > 1 ? "are" : "is"} of a family with a range, and "${family.name}" is tested ` +
        `under each of its members. Leave ${given.length > 1 ? "them" : "it"} out, or give a range, as rotation:-30..30.`,
    );
  }
  const { search = "grid", points } = options;
  const kind = points ? "points" : search;
  const unused = given.filter((name) => !usedBy[kind].includes(name));
  if (unused.length > 0) {
    const kinds = {
      points: "the given points are",
      grid: "a grid is",
      random: "drawn points are",
      gradient: "what gradients lead to is",
    };
    const meant = (["random", "gradient"] as const).find((each) => usedBy[each].includes(unused[0]));
    throw new UsageError(
      `${unused.join(" and ")} would change nothing, as ${kinds[kind]} searched. ` +
        `Leave ${unused.length > 1 ? "them" : "it"} out${meant && !points ? `, or search ${meant === "random" ? "at random" : "by gradients"} (search "${meant}", --search ${meant})` : ""}.`,
    );
  }
  if (options.cache !== undefined) {
    throw new UsageError(
      `cache keeps features of views that stay the same, and a search of ${family.name} makes others. Leave cache out (--cache).`,
    );
  }
  return {
    ranges: family.ranges,
    search: plannedSearch(family.ranges, options, seed),
    sampled: withSample(family, options.sample ?? family.ranges.draws, seed),
  };
}

/** @throws UsageError for a search that the family has not */
export const checkRangeSearch = (family: TransformFamily, options: RangeSearchOptions): void =>
  void plannedRangeTest(family, options, 0);

/** The options that each search reads. */
const usedBy: Readonly<Record<RangeSearch["kind"], readonly (typeof searchNames)[number][]>> = {
  points: ["points", "sample", "jobs"],
  grid: ["search", "grid", "sample", "jobs"],
  random: ["search", "searchDraws", "sample", "jobs"],
  gradient: ["search", "searchStarts", "searchSteps", "searchStepSize", "sample"],
};

/** What robust accuracy is of, and what the others are. */
export function searchNotes(
  { kind, parameters, points, views, gradient, sample, robustOnSample }: RangeSearch,
  samples: number,
): readonly string[] {
  const ranges = parameters
    .map(({ name, low, high, values }) => `${name} ${low} to ${high}${values ? ` by ${values} values` : ""}`)
    .join(", ");
  const of = {
    grid: `a grid of ${count(points)} points`,
    random: `${count(points)} drawn points`,
    gradient: `${count(points)} points an image at most, ${count(gradient?.steps ?? 0)} steps uphill from each of ${count(gradient?.starts ?? 0)} drawn ones`,
    points: `the ${count(points)} given points`,
  };
  return [
    `Robust accuracy and the worst case are of ${of[kind]} (${ranges}): ${count(views)} of ${count(samples * points)} views were ` +
      `predicted${gradient ? ` and ${count(gradient.gradients)} gradients taken` : ""}, as an image that is wrong is tested no further.`,
    `All other scores of shifts are of ${count(sample)} points drawn from the range${sample === 1 ? "" : "s"} (sample, --sample), ` +
      `at all of which ${(100 * robustOnSample.value).toFixed(1)} % are right.`,
  ];
}

/** The search's options, for the manifest: those that were left out are null. */
export const searchConfig = (options: RangeSearchOptions) =>
  Object.fromEntries(
    (Object.keys(rangeSearchTable) as (keyof RangeSearchOptions)[])
      .filter((name) => name !== "search")
      .map((name) => [name, options[name] ?? null]),
  );

/** The hardest images with the member that makes each one's worst view. @param indices  places of the samples in the test set */
export function namedBy(
  results: ClassResults,
  searched: Searched | undefined,
  indices: readonly number[] | null,
): ClassResults {
  if (!searched) return results;
  const sampleAt = new Map(indices?.map((index, i) => [index, i]));
  const broken = results.hardest.broken.map((image) => {
    const member = searched.worst(sampleAt.get(image.index) ?? image.index);
    return member ? { ...image, member: member.name } : image;
  });
  return { ...results, hardest: { ...results.hardest, broken } };
}

const count = (n: number): string => n.toLocaleString("en");
