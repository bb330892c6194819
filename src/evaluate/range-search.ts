import type { Ranges, Transform } from "../augment/family.ts";
import { checkPoints, gridPoints, hardestFirst, randomPoints } from "../augment/ranges/points.ts";
import type { Point } from "../augment/ranges/ranges.ts";
import { type OptionTable, choice, numbers, tested, whole } from "../options/index.ts";
import { countCorrect } from "./accuracy.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { Predict } from "./predict-members.ts";
import type { Predictions } from "./predictions.ts";
import { type SearchPointsOptions, searchPoints } from "./search-points.ts";
import { type Interval, wilson } from "./wilson.ts";

const kinds = ["grid", "random"] as const;

/** How a family with ranges is searched for what breaks an image. */
export interface RangeSearchOptions {
  /** Evenly spaced points of the ranges (default), or drawn ones, the same for all images. */
  readonly search?: (typeof kinds)[number];
  /** Values of each parameter on the grid, in the family's order (default: 31 of an angle or of the only one, 5 of others). */
  readonly grid?: readonly number[];
  /** Points of a random search (default 100). */
  readonly searchDraws?: number;
  /** The points to search, each a value for each parameter, in place of a grid or drawn ones. */
  readonly points?: readonly Point[];
  /** Drawn points that invariance, gap and all other scores of members are of (default: as many as training draws). */
  readonly sample?: number;
}

/** The rows of {@link RangeSearchOptions}. */
export const rangeSearchTable = {
  search: choice(kinds, {
    description: "how a family with a range is searched for what breaks an image",
    otherwise: "grid",
    flag: "--search <kind>",
    alias: ["attack", "searchKind"],
  }),
  grid: numbers(
    { least: 1 },
    {
      description: "values of each parameter on the grid, in the family's order, as 31,5,5",
      otherwise: "31 of an angle of rotation or of the only parameter, 5 of others",
      flag: "--grid <n,n>",
      alias: ["gridValues", "gridSize"],
    },
  ),
  searchDraws: whole({
    description: "points of a random search",
    otherwise: "100",
    flag: "--search-draws <n>",
    alias: ["randomSteps", "trials"],
  }),
  points: tested<readonly Point[]>(Array.isArray, "a list of points, each a value for each parameter", {
    description: "points to search, in place of a grid or drawn ones",
    otherwise: "those of the search",
    flag: "--points <file>",
    alias: ["drawn", "candidates"],
  }),
  sample: whole({
    description: "drawn points of a range that invariance, gap and the other scores of members are of",
    otherwise: "as many as the range's draws",
    flag: "--sample <n>",
    alias: ["sampleSize"],
  }),
} satisfies OptionTable<RangeSearchOptions>;

/** A search, said with its result. */
export interface RangeSearch {
  readonly kind: "grid" | "random" | "points";
  readonly parameters: readonly {
    readonly name: string;
    readonly low: number;
    readonly high: number;
    /** Values on the grid. */
    readonly values?: number;
  }[];
  /** Points that every image was to be right at, besides being right as it is. */
  readonly points: number;
  /** Views that were predicted of N·points: an image that is wrong is tested no further. */
  readonly views: number;
  /** Drawn points that all scores but robust accuracy and those of the worst case are of. */
  readonly sample: number;
  /** The share of images that are right as they are and at each point of that sample. */
  readonly robustOnSample: Interval;
}

/** What is searched. */
export interface PlannedSearch {
  readonly kind: RangeSearch["kind"];
  readonly points: readonly Point[];
  readonly counts?: readonly number[];
}

/** The points of a search, the hardest first. @throws UsageError for options that do not go together, or not with the ranges */
export function plannedSearch(
  ranges: Ranges,
  { search, grid, searchDraws, points }: RangeSearchOptions,
  seed: number,
): PlannedSearch {
  if (points) {
    checkPoints(ranges, points);
    return { kind: "points", points: hardestFirst(ranges, points) };
  }
  if (search === "random") {
    return { kind: "random", points: hardestFirst(ranges, randomPoints(ranges, searchDraws ?? 100, seed)) };
  }
  const counts = grid ?? ranges.parameters.map(({ gridValues }) => gridValues);
  return { kind: "grid", points: hardestFirst(ranges, gridPoints(ranges, counts)), counts };
}

/** What a search found, in the place of members. */
export interface Searched {
  readonly search: RangeSearch;
  readonly robustAccuracy: Interval;
  /** The images as they are, and each in the worst view that was found: what scores of the worst case are made of. */
  readonly predictions: Predictions;
  /** The member that makes the worst view of an image; undefined where that is the image as it is. */
  readonly worst: (image: number) => Transform | undefined;
}

/** Searches the ranges. @param sampled  predictions for the images as they are and the fixed sample */
export async function searchRanges(
  predict: Predict,
  data: LabelledImages,
  ranges: Ranges,
  { kind, points, counts }: PlannedSearch,
  sampled: Predictions,
  robustOnSample: Interval,
  options: SearchPointsOptions = {},
): Promise<Searched> {
  const clean = sampled.logits[0];
  const at = (point: number) => ranges.at(points[point]);
  const found = await searchPoints(predict, data, at, points.length, clean, options);
  return {
    robustAccuracy: wilson(countCorrect(found.correct), data.labels.length),
    predictions: {
      labels: sampled.labels,
      classes: sampled.classes,
      memberNames: [sampled.memberNames[0], SEARCHED],
      logits: [clean, found.logits],
    },
    worst: (image) => (found.worst[image] < 0 ? undefined : at(found.worst[image])),
    search: {
      kind,
      parameters: ranges.parameters.map(({ name, low, high }, i) => ({
        ...{ name, low, high },
        ...(counts && { values: counts[i] }),
      })),
      points: points.length,
      views: found.views,
      sample: sampled.memberNames.length - 1,
      robustOnSample,
    },
  };
}

/** What stands for the worst view that was found, whatever it is. */
const SEARCHED = "search";
