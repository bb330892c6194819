/**
 * A search of a family's ranges by gradients: each image goes its own way through the box, uphill in the model's loss.
 *
 * After the first-order attack of Engstrom, Tran, Tsipras, Schmidt & Madry, ICML 2019, projected gradient ascent on the
 * parameters; its counts and step sizes are not theirs. They found it weaker than a grid, as the loss has many hills.
 */
import type { Ranges } from "../augment/family.ts";
import { drawnPoint, roundedIn } from "../augment/ranges/points.ts";
import type { Point } from "../augment/ranges/ranges.ts";
import type { InverseAffine } from "../augment/source-map.ts";
import { viewOf } from "../augment/view-of.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { pickImages, readBatch } from "../tensor/middle.ts";
import { random } from "../tensor/random.ts";
import { sizeOf } from "../tensor/shape.ts";
import { batchImages } from "./batch-images.ts";
import { checkLogits, findings } from "./findings.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { Predict } from "./predict-members.ts";
import { BLOCK_BYTES, type SearchPointsOptions } from "./search-points.ts";

/**
 * The derivative of each image's loss by the six numbers of its own warp.
 *
 * @param images    [n, C, H, W], with what lies around them where it is known
 * @param matrices  inverse affine maps in pixels from the centre, one for each image
 * @returns         [n, 6], row-major, in the order of the map's numbers
 */
export type WarpGradient = (
  images: ImageBatch,
  matrices: readonly InverseAffine[],
  labels: Int32Array,
) => Promise<Float64Array>;

/** Ranges whose members are warps. */
export type FollowedRanges = Ranges & Required<Pick<Ranges, "warps">>;

/** How a search by gradients goes. */
export interface GradientSteps {
  /** Drawn points that each image begins at, one after the other. */
  readonly starts: number;
  /** Steps from each of them. */
  readonly steps: number;
  /** Of the first step, in shares of each range; the steps get shorter evenly, the last is a tenth of that. */
  readonly stepSize: number;
  readonly seed: number;
}

/** What a search by gradients found about each image. */
export interface FoundByGradient {
  /** Whether the image is right as it is and at every point visited, [N]. */
  readonly correct: Uint8Array;
  /** The worst point that was visited, as {@link Findings} has it; undefined for the image as it is. */
  readonly worst: readonly (Point | undefined)[];
  /** Logits of that worst view, [N, K]. */
  readonly logits: Float32Array;
  /** Views that were predicted, … */
  readonly views: number;
  /** … and of how many of them the gradient was taken. */
  readonly gradients: number;
}

/**
 * Every point on the way is tested by the family's own member and `predict`, so that what it breaks, members break; an image
 * that is wrong is tested no further. The seed and the image's place in the data decide where it begins.
 *
 * @param clean   logits of the images as they are, [N, K]
 */
export async function searchByGradient(
  predict: Predict,
  warpGradient: WarpGradient,
  data: LabelledImages,
  ranges: FollowedRanges,
  clean: Float32Array,
  { starts, steps, stepSize, seed }: GradientSteps,
  { batchSize = batchImages(data.shape), onProgress, signal }: SearchPointsOptions = {},
): Promise<FoundByGradient> {
  const { labels, classes, shape } = data;
  const samples = labels.length;
  const imageSize = sizeOf(shape);
  const found = findings(clean, labels, classes);
  const worst: (Point | undefined)[] = Array.from({ length: samples }, () => undefined);
  const inBlock = Math.max(1, Math.floor(BLOCK_BYTES / (4 * sizeOf((data.surround ?? data).shape))));
  const perImage = starts * (steps + 1);
  const views = new Float32Array(Math.min(batchSize, samples, inBlock) * imageSize);
  let predicted = 0;
  let gradients = 0;

  for (let begin = 0; begin < samples; begin += inBlock) {
    const count = Math.min(inBlock, samples - begin);
    const indices = Int32Array.from({ length: count }, (_, i) => begin + i);
    const block = await readBatch(data, indices);
    const isRight = (image: number) => found.correct[image] === 1;
    const picked = (images: readonly number[]) =>
      pickImages(
        block,
        images.map((image) => image - begin),
      );
    const points = new Map<number, Point>();

    const test = async (images: readonly number[]): Promise<void> => {
      for (const batch of batches(images, batchSize)) {
        signal?.throwIfAborted();
        batch.forEach((image, i) => {
          const out = views.subarray(i * imageSize, (i + 1) * imageSize);
          viewOf(ranges.at(points.get(image)!), picked([image]), out);
        });
        const rows = await predict({
          data: views.subarray(0, batch.length * imageSize),
          shape: [batch.length, ...shape],
        });
        checkLogits(rows, batch, classes, (row) => ranges.at(points.get(batch[row])!).name);
        predicted += batch.length;
        batch.forEach((image, row) => {
          if (found.take(image, rows, row)) worst[image] = points.get(image);
        });
      }
    };

    /** One step uphill for each; those are left out that stay where they are. */
    const climb = async (images: readonly number[], share: number): Promise<number[]> => {
      const moved: number[] = [];
      for (const batch of batches(images, batchSize)) {
        signal?.throwIfAborted();
        const matrices = batch.map((image) => ranges.warps.inverseAffine(points.get(image)!));
        const own = Int32Array.from(batch, (image) => labels[image]);
        const by = await warpGradient(picked(batch), matrices, own);
        gradients += batch.length;
        batch.forEach((image, i) => {
          const point = points.get(image)!;
          const next = uphill(ranges, point, by.subarray(6 * i, 6 * i + 6), share);
          if (next.every((value, k) => value === point[k])) return;
          points.set(image, next);
          moved.push(image);
        });
      }
      return moved;
    };

    const sayProgress = (done: number) => onProgress?.(begin * perImage + done * count, samples * perImage);
    for (let start = 0; start < starts; start++) {
      let active = Array.from(indices).filter(isRight);
      for (const image of active) {
        points.set(image, drawnPoint(ranges, random(seed, "range gradient", image, start)));
      }
      await test(active);
      sayProgress(start * (steps + 1) + 1);
      for (let step = 0; step < steps; step++) {
        active = active.filter(isRight);
        if (active.length === 0) break;
        active = await climb(active, stepSize * shrunk(step, steps));
        await test(active);
        sayProgress(start * (steps + 1) + step + 2);
      }
    }
    sayProgress(perImage);
  }
  return { correct: found.correct, worst, logits: found.logits, views: predicted, gradients };
}

/** From 1 down to a tenth, evenly. */
const shrunk = (step: number, steps: number): number => (steps === 1 ? 1 : 1 - (0.9 * step) / (steps - 1));

/**
 * A step of `share` of each range in the direction in which the loss rises, held within the range. A parameter that the loss
 * does not depend on stays. By the sign alone, as derivatives by degrees, pixels and factors are of different sizes.
 *
 * @param by  d loss / d map, six numbers
 */
function uphill(ranges: FollowedRanges, point: Point, by: ArrayLike<number>, share: number): Point {
  const slopes = slopesAt(ranges, point, by);
  return point.map((value, k) => {
    if (!Number.isFinite(slopes[k])) return value;
    const { low, high } = ranges.parameters[k];
    const next = value + Math.sign(slopes[k]) * share * (high - low);
    // As short as drawn ones, so that names are.
    return Math.min(high, Math.max(low, roundedIn(ranges.parameters[k], next)));
  });
}

/**
 * d loss / d parameter by the chain rule, d map / d parameter by central differences, which of smooth functions in double
 * precision are right to some ten digits; one-sided at an end of the range.
 */
export const slopesAt = (
  { parameters, warps: { inverseAffine } }: Pick<FollowedRanges, "parameters" | "warps">,
  point: Point,
  by: ArrayLike<number>,
): number[] =>
  point.map((value, k) => {
    const { low, high } = parameters[k];
    const [left, right] = [
      Math.max(low, value - CLOSE * (high - low)),
      Math.min(high, value + CLOSE * (high - low)),
    ];
    const [before, after] = [inverseAffine(point.with(k, left)), inverseAffine(point.with(k, right))];
    return before.reduce((sum, _, i) => sum + (by[i] * (after[i] - before[i])) / (right - left), 0);
  });

/** Share of a range over which a difference stands for a derivative. */
const CLOSE = 1e-5;

function* batches<T>(of: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < of.length; start += size) yield of.slice(start, start + size);
}
