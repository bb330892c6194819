import type { Ranges, Transform } from "../augment/family.ts";
import { checkPoints, gridPoints, hardestFirst, randomPoints, spaced } from "../augment/ranges/points.ts";
import type { Point } from "../augment/ranges/ranges.ts";
import { type OptionTable, checkLimit, choice, number, numbers, tested, whole } from "../options/index.ts";
import { UsageError } from "../tensor/errors.ts";
import { countCorrect } from "./accuracy.ts";
import {
  type FollowedRanges,
  type GradientSteps,
  type WarpGradient,
  searchByGradient,
} from "./gradient-search.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { Predict } from "./predict-members.ts";
import type { Predictions } from "./predictions.ts";
import type { PointList } from "./search-block.ts";
import { type SearchPointsOptions, type SharedSearch, searchPoints } from "./search-points.ts";
import { type Interval, wilson } from "./wilson.ts";

const kinds = ["grid", "random", "gradient"] as const;

/** How a family with ranges is searched for what breaks an image. */
export interface RangeSearchOptions {
  /**
   * Evenly spaced points of the ranges (default); drawn ones, the same for all images; or steps uphill in the model's loss from
   * drawn ones, each image its own way.
   */
  readonly search?: (typeof kinds)[number];
  /** Values of each parameter on the grid, in the family's order (default: 31 of an angle or of the only one, 5 of others). */
  readonly grid?: readonly number[];
  /** Points of a random search (default 100). */
  readonly searchDraws?: number;
  /** Drawn points that a search by gradients begins at, for each image (default 10). */
  readonly searchStarts?: number;
  /** Steps of a search by gradients from each of them (default 5). */
  readonly searchSteps?: number;
  /** The first of these steps, in shares of each range (default 0.3); they get shorter evenly, to a tenth of that. */
  readonly searchStepSize?: number;
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
  searchStarts: whole({
    description: "drawn points that a search by gradients begins at, for each image",
    otherwise: "10",
    flag: "--search-starts <n>",
    alias: ["restarts", "randomRestarts"],
  }),
  searchSteps: whole({
    description: "steps of a search by gradients from each of them",
    otherwise: "5",
    flag: "--search-steps <n>",
    alias: ["attackSteps", "numSteps"],
  }),
  searchStepSize: number(
    { above: 0, most: 1 },
    {
      description: "the first of these steps, in shares of each range; they get shorter, to a tenth of it",
      otherwise: "0.3",
      flag: "--search-step-size <share>",
      alias: ["attackStepSize"],
    },
  ),
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
  readonly kind: "grid" | "random" | "gradient" | "points";
  readonly parameters: readonly {
    readonly name: string;
    readonly low: number;
    readonly high: number;
    /** Values on the grid. */
    readonly values?: number;
  }[];
  /** Points that every image was to be right at, besides being right as it is; by gradients, those that it goes to at most. */
  readonly points: number;
  /** Views that were predicted of N·points: an image that is wrong is tested no further. */
  readonly views: number;
  /** How a search by gradients went, and of how many views it took the gradient. */
  readonly gradient?: Omit<GradientSteps, "seed"> & { readonly gradients: number };
  /** Drawn points that all scores but robust accuracy and those of the worst case are of. */
  readonly sample: number;
  /** The share of images that are right as they are and at each point of that sample. */
  readonly robustOnSample: Interval;
}

/** The members at points of the ranges. */
export const pointList = (ranges: Ranges, points: readonly Point[]): PointList => ({
  length: points.length,
  at: (point) => ranges.at(points[point]),
});

/** What is searched. */
export type PlannedSearch = PlannedPoints | PlannedGradient;

interface PlannedPoints {
  readonly kind: "grid" | "random" | "points";
  readonly points: readonly Point[];
  readonly counts?: readonly number[];
}

interface PlannedGradient extends GradientSteps {
  readonly kind: "gradient";
  readonly ranges: FollowedRanges;
}

/** Points that an image is tested at, at most. */
export const pointCount = (search: PlannedSearch): number =>
  search.kind === "gradient" ? search.starts * (search.steps + 1) : search.points.length;

/**
 * The points of a search, the hardest first, or how gradients are followed.
 *
 * @throws UsageError for options that do not go together, or not with the ranges
 */
export function plannedSearch(ranges: Ranges, options: RangeSearchOptions, seed: number): PlannedSearch {
  const { search, grid, searchDraws, points } = options;
  if (points) {
    checkPoints(ranges, points);
    return { kind: "points", points: hardestFirst(ranges, points) };
  }
  if (search === "random") {
    return { kind: "random", points: hardestFirst(ranges, randomPoints(ranges, searchDraws ?? 100, seed)) };
  }
  if (search === "gradient") return plannedGradient(ranges, options, seed);
  const asked = grid ?? ranges.parameters.map(({ gridValues }) => gridValues);
  const onGrid = hardestFirst(ranges, gridPoints(ranges, asked));
  // Whole numbers may be fewer.
  const counts = ranges.parameters.map((parameter, i) => spaced(parameter, asked[i]).length);
  return { kind: "grid", points: onGrid, counts };
}

function plannedGradient(
  ranges: Ranges,
  { searchStarts: starts = 10, searchSteps: steps = 5, searchStepSize: stepSize = 0.3 }: RangeSearchOptions,
  seed: number,
): PlannedGradient {
  const planned = {
    kind: "gradient",
    ranges: followed(ranges),
    starts,
    steps,
    stepSize,
    seed,
  } as const;
  checkLimit("members", pointCount(planned), "A search by gradients");
  return planned;
}

/** @throws UsageError for ranges of other members than bilinear affine warps */
function followed(ranges: Ranges): FollowedRanges {
  const { warps } = ranges;
  const what = `the range of ${ranges.parameters.map(({ name }) => name).join(", ")}`;
  if (!warps) {
    throw new UsageError(
      `A search by gradients follows bilinear affine warps, and ${what} is of others. ` +
        `Take rotation, scale, shear or affine, or search a grid or at random (search, --search).`,
    );
  }
  if (warps.interpolation !== "bilinear") {
    throw new UsageError(
      `A search by gradients follows bilinear affine warps, and ${what} has the interpolation "${warps.interpolation}". ` +
        `Leave interpolation out, or search a grid or at random (search, --search).`,
    );
  }
  return { ...ranges, warps };
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

export interface SearchRangesOptions extends SearchPointsOptions {
  /** Where the search is by gradients. */
  readonly warpGradient?: WarpGradient;
  /** Who searches points in place of `predict`. */
  readonly shared?: SharedSearch;
}

/**
 * Searches the ranges.
 *
 * @param sampled       predictions for the images as they are and the fixed sample
 */
export async function searchRanges(
  predict: Predict,
  data: LabelledImages,
  ranges: Ranges,
  planned: PlannedSearch,
  sampled: Predictions,
  robustOnSample: Interval,
  { warpGradient, shared, ...options }: SearchRangesOptions = {},
): Promise<Searched> {
  const clean = sampled.logits[0];
  const { found, worst } =
    planned.kind === "gradient"
      ? await byGradient(predict, data, planned, clean, warpGradient, options)
      : await byPoints(predict, data, ranges, planned, clean, { ...options, shared });
  const counts = planned.kind === "grid" ? planned.counts : undefined;
  return {
    robustAccuracy: wilson(countCorrect(found.correct), data.labels.length),
    predictions: {
      labels: sampled.labels,
      classes: sampled.classes,
      memberNames: [sampled.memberNames[0], SEARCHED],
      logits: [clean, found.logits],
    },
    worst,
    search: {
      kind: planned.kind,
      parameters: ranges.parameters.map(({ name, low, high }, i) => ({
        ...{ name, low, high },
        ...(counts && { values: counts[i] }),
      })),
      points: pointCount(planned),
      views: found.views,
      ...("gradient" in found && { gradient: found.gradient }),
      sample: sampled.memberNames.length - 1,
      robustOnSample,
    },
  };
}

/** What stands for the worst view that was found, whatever it is. */
const SEARCHED = "search";

async function byPoints(
  predict: Predict,
  data: LabelledImages,
  ranges: Ranges,
  { points }: PlannedPoints,
  clean: Float32Array,
  options: Omit<SearchRangesOptions, "warpGradient">,
) {
  const list = pointList(ranges, points);
  const found = await searchPoints(predict, data, list, clean, options);
  return {
    found,
    worst: (image: number) => (found.worst[image] < 0 ? undefined : list.at(found.worst[image])),
  };
}

async function byGradient(
  predict: Predict,
  data: LabelledImages,
  { ranges, starts, steps, stepSize, seed }: PlannedGradient,
  clean: Float32Array,
  warpGradient: WarpGradient | undefined,
  options: SearchPointsOptions,
) {
  if (!warpGradient) throw new UsageError("internal: a search by gradients got no gradient.");
  const how = { starts, steps, stepSize };
  const { gradients, ...found } = await searchByGradient(
    predict,
    warpGradient,
    data,
    ranges,
    clean,
    { ...how, seed },
    options,
  );
  return {
    found: { ...found, gradient: { ...how, gradients } },
    worst: (image: number) => found.worst[image] && ranges.at(found.worst[image]),
  };
}
