/** What foolbox's SpatialAttack found (tools/fixtures/foolbox_spatial.py), and the same search by ours. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Point, affine } from "../src/augment/index.ts";
import { openMnist, take } from "../src/data/index.ts";
import { pointList, predictMembers, searchPoints, withLabels } from "../src/evaluate/index.ts";
import { openClassifier } from "../src/runtime/index.ts";

interface Found {
  readonly foolbox: string;
  /** A digit for each image: 1 where it is right as it is. */
  readonly clean: string;
  readonly grid: {
    readonly rotations: number;
    readonly translations: number;
    readonly maxRotation: number;
    readonly maxTranslation: number;
    readonly right: string;
  };
  readonly random: { readonly draws: readonly Point[]; readonly right: string };
}

const folder = join(import.meta.dirname, "fixtures/foolbox");
export const foundByFoolbox = JSON.parse(readFileSync(join(folder, "found.json"), "utf8")) as Found;

const SIDE = 28;

/**
 * foolbox shows at an output pixel p the source's R p + d, and divides d by half the width where half the width minus one is
 * meant: 3 pixels are 2.89. Ours shows R (p − t), so that t = −R⁻¹ d.
 */
function oursOf([rotation, dx, dy]: Point): Point {
  const radians = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const [x, y] = [(dx * (SIDE - 1)) / SIDE, (dy * (SIDE - 1)) / SIDE];
  return [rotation, -(cos * x + sin * y), sin * x - cos * y];
}

const spaced = (most: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => -most + (2 * most * i) / (count - 1));

/** Its grid, point by point. */
export function gridOfFoolbox(): Point[] {
  const { rotations, translations, maxRotation, maxTranslation } = foundByFoolbox.grid;
  const shifts = spaced(maxTranslation, translations);
  return spaced(maxRotation, rotations).flatMap((rotation) =>
    shifts.flatMap((dx) => shifts.map((dy) => [rotation, dx, dy])),
  );
}

/** Which of the first images are right as they are and everywhere, a digit each; and views that were predicted. */
export async function searchedByOurs(
  images: number,
  points: readonly Point[],
): Promise<{ readonly right: string; readonly clean: string; readonly views: number }> {
  const test = take(await (await openMnist()).read("test"), images);
  const session = await openClassifier(readFileSync(join(folder, "lenet.onnx")));
  const predict = (batch: Parameters<typeof session.predict>[0]) => session.predict(batch);
  const { ranges } = affine({ rotation: [-30, 30], x: [-5, 5], y: [-5, 5] });
  const ours = points.map(oursOf);
  const members = [ranges.at([0, 0, 0])];
  const { logits } = await predictMembers(predict, test, { members });
  const data = withLabels(test, test.labels, 10);
  const asItIs = await searchPoints(predict, data, pointList(ranges, []), logits[0]);
  const found = await searchPoints(predict, data, pointList(ranges, ours), logits[0]);
  await session.release();
  return { right: found.correct.join(""), clean: asItIs.correct.join(""), views: found.views };
}
