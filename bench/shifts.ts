/**
 * Milliseconds of each member on 128 images of 3×32×32 and on one photograph of 3×224×224, and corruptions a second: JSON on stdout.
 * bench/shifts.py times the same in torchvision, Kornia, Pillow and imagecorruptions on one thread, and prints both side by side:
 *
 *   npx tsx bench/shifts.ts > ours.json && venv/bin/python bench/shifts.py ours.json
 */
import { families } from "../src/augment/index.ts";
import { type ImageBatch, random, sizeOf } from "../src/tensor/index.ts";

const rng = random(20261128, "shifts");
const images = (shape: ImageBatch["shape"]): ImageBatch => ({
  data: Float32Array.from({ length: sizeOf(shape) }, () => rng.integer(256) / 255),
  shape,
});
const workloads = { small: images([128, 3, 32, 32]), photograph: images([1, 3, 224, 224]) };

/** The median of at least three runs, after one that fills tables. */
function millisecondsOf(run: () => unknown): number {
  run();
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < 3 || (performance.now() - begin < 300 && times.length < 30)) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

const members = Object.values(families).flatMap((make) => {
  const family = make();
  return family.members.slice(1).map((member) => ({ family: family.name, member }));
});
const rows = members
  .filter(({ family, member }) => !family.startsWith("corruptions-") && !/severity [1245]$/.test(member.name))
  .map(({ family, member }) => {
    const out = Object.entries(workloads).map(([workload, batch]) => [
      workload,
      millisecondsOf(() => member.apply(batch)),
    ]);
    return { family, member: member.name, ...(Object.fromEntries(out) as Record<string, number>) };
  });
process.stdout.write(`${JSON.stringify({ node: process.version, rows }, null, 1)}\n`);
