/**
 * Writes a folder of made-up photographs by class, JPEGs of 300 to 800 pixels a side and some 70 kB each, all different:
 * `node --import tsx bench/make-photographs.ts --out DIR [--count 30000] [--classes 10] [--seed 0]`
 *
 * A class has a colour, and patches of a size; over both lies detail that makes decoding work as hard as for a photograph.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { decodesAtOnce } from "../src/data/decoded-queue.ts";
import { mapConcurrently } from "../src/data/map-concurrently.ts";
import { random } from "../src/tensor/index.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    count: { type: "string", default: "30000" },
    classes: { type: "string", default: "10" },
    seed: { type: "string", default: "0" },
  },
});
if (values.out === undefined) throw new Error("--out DIR is missing: the folder to write to.");
const { out } = values;
const [count, classes, seed] = [values.count, values.classes, values.seed].map(Number);

/** Pixels of the picture before it is enlarged. */
const grain = 110;

const named = (label: number) => `class-${String(label).padStart(2, "0")}`;
for (let label = 0; label < classes; label++) mkdirSync(join(out, named(label)), { recursive: true });

await mapConcurrently(
  Array.from({ length: count }, (_, i) => i),
  decodesAtOnce(),
  async (i) => {
    const label = i % classes;
    const path = join(out, named(label), `${String(i).padStart(6, "0")}.jpg`);
    // One that is there is the same.
    if (existsSync(path)) return;
    writeFileSync(path, await photograph(i, label));
  },
);

async function photograph(i: number, label: number): Promise<Buffer> {
  const rng = random(seed, "photograph", i);
  const [width, height] = [300 + rng.integer(501), 300 + rng.integer(501)];
  const colour = random(seed, "class", label);
  const mean = [0, 1, 2].map(() => 70 + colour.integer(116));
  const patches = 3 + label;
  const patch = Float32Array.from({ length: patches * patches * 3 }, () => 80 * rng.uniform() - 40);
  const pixels = new Uint8Array(grain * grain * 3);
  for (let p = 0; p < grain * grain; p++) {
    const row = Math.floor((patches * Math.floor(p / grain)) / grain);
    const column = Math.floor((patches * (p % grain)) / grain);
    for (let c = 0; c < 3; c++) {
      const value = mean[c] + patch[3 * (row * patches + column) + c] + 90 * rng.uniform() - 45;
      pixels[3 * p + c] = Math.min(255, Math.max(0, value));
    }
  }
  return sharp(pixels, { raw: { width: grain, height: grain, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .jpeg({ quality: 88 })
    .toBuffer();
}
