/** Points of a family's ranges: drawn ones, those of a grid, and which of them to try first. */
import { checkLimit, shown } from "../../options/index.ts";
import { type Random, UsageError, random } from "../../tensor/index.ts";
import type { RangeParameter, Ranges } from "../family.ts";
import type { Point } from "./ranges.ts";

/** Uniform in the box, each value rounded to a 100,000th of its range or finer, so that names stay short; or one of its steps. */
export const drawnPoint = ({ parameters }: Pick<Ranges, "parameters">, rng: Random): Point =>
  parameters.map((parameter) => {
    const { low, high } = parameter;
    const steps = stepsIn(parameter);
    if (steps !== undefined) return atStep(parameter, Math.floor(rng.uniform() * steps));
    const rounded = roundedIn(parameter, low + rng.uniform() * (high - low));
    return Math.min(high, Math.max(low, rounded));
  });

/** How many values there are, both ends included; undefined where they are any. */
export const stepsIn = ({ low, high, step }: RangeParameter): number | undefined =>
  step === undefined ? undefined : Math.round((high - low) / step) + 1;

const atStep = ({ low, step = 0 }: RangeParameter, index: number): number => low + index * step + 0;

/** To a 100,000th of the range or finer, and no negative zero. */
export function roundedIn({ low, high }: Pick<RangeParameter, "low" | "high">, value: number): number {
  const unit = 10 ** (5 - Math.floor(Math.log10(high - low)));
  return Math.round(value * unit) / unit + 0;
}

/** `count` points of a stream of the seed's own, the same ones each time. */
export function randomPoints(ranges: Ranges, count: number, seed: number, stream = "range search"): Point[] {
  checkLimit("members", count, "A random search");
  const rng = random(seed, stream);
  return Array.from({ length: count }, () => drawnPoint(ranges, rng));
}

/**
 * All combinations of evenly spaced values, both ends included.
 *
 * @param counts  values of each parameter, or of all of them (default: 31 of an angle of rotation or of the only parameter,
 *                5 of others: 5 × 5 × 31 = 775 as in Engstrom et al., ICML 2019)
 */
export function gridPoints(ranges: Ranges, counts?: readonly number[]): Point[] {
  const { parameters } = ranges;
  const each = counts ?? parameters.map(({ gridValues }) => gridValues);
  if (each.length !== parameters.length || each.some((n) => !Number.isInteger(n) || n < 1)) {
    const names = parameters.map(({ name }) => name).join(", ");
    throw new UsageError(
      `A grid of ${each.map(shown).join(" × ")} values does not go with the parameters ${names}. ` +
        `Give ${parameters.length} whole number${parameters.length === 1 ? "" : "s"} of at least 1, in that order.`,
    );
  }
  checkLimit(
    "members",
    each.reduce((product, n) => product * n, 1),
    `A grid of ${each.join(" × ")} values`,
  );
  return parameters.reduce<readonly Point[]>(
    (begun, parameter, i) => {
      const values = spaced(parameter, each[i]);
      return begun.flatMap((point) => values.map((value) => [...point, value]));
    },
    [[]],
  ) as Point[];
}

/**
 * Evenly from end to end; the middle where there is one value. Symmetric about 0 where the range is. Of steps the nearest ones,
 * and no more than there are.
 */
export function spaced(parameter: RangeParameter, count: number): number[] {
  const { low, high } = parameter;
  const steps = stepsIn(parameter);
  if (steps !== undefined) {
    const indices = Array.from({ length: Math.min(count, steps) }, (_, i) =>
      Math.round(count === 1 ? (steps - 1) / 2 : (i * (steps - 1)) / (Math.min(count, steps) - 1)),
    );
    return indices.map((index) => atStep(parameter, index));
  }
  if (count === 1) return [(low + high) / 2];
  return Array.from({ length: count }, (_, i) => (low * (count - 1 - i) + high * i) / (count - 1) + 0);
}

/**
 * The points, those farthest from the identity first: the sum over parameters of the distance from the value that changes
 * nothing, as a share of the farthest that the range goes. Equally far ones keep their order.
 */
export function hardestFirst({ parameters }: Pick<Ranges, "parameters">, points: readonly Point[]): Point[] {
  const reach = parameters.map(({ low, high, neutral }) =>
    Math.max(Math.abs(low - neutral), Math.abs(high - neutral), Number.MIN_VALUE),
  );
  const distanceOf = (point: Point) =>
    point.reduce((sum, value, i) => sum + Math.abs(value - parameters[i].neutral) / reach[i], 0);
  return points
    .map((point) => ({ point, distance: distanceOf(point) }))
    .sort((a, b) => b.distance - a.distance)
    .map(({ point }) => point);
}

/** @throws UsageError for points that are not of the ranges' parameters, or hold no finite numbers */
export function checkPoints({ parameters }: Ranges, points: readonly unknown[]): asserts points is Point[] {
  const names = parameters.map(({ name }) => name).join(", ");
  const wrong = points.findIndex(
    (point) =>
      !Array.isArray(point) ||
      point.length !== parameters.length ||
      !point.every((value) => Number.isFinite(value)),
  );
  if (points.length > 0 && wrong < 0) return;
  const fault = wrong < 0 ? "There are no points" : `Point ${wrong} is ${shown(points[wrong])}`;
  throw new UsageError(`${fault}. Give one point or more, each a list of finite numbers: ${names}.`);
}
