/** CIFAR-10 as people have photographs: a folder of class folders of PNG files. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { makeFolder, writeWhole } from "../../src/artifacts/index.ts";
import { type Dataset, loadData, sample } from "../../src/index.ts";
import { settings } from "./plan.ts";

/** Writes `train` and `test`, so many of each class, drawn by seed 0; what is there already stays. */
export async function writeFolder(folder: string): Promise<void> {
  for (const split of ["train", "test"] as const) {
    const whole = await loadData("cifar10", split);
    const data = sample(whole, settings.perClass[split] * whole.classNames.length, 0);
    const written = new Map<number, number>();
    for (const [i, label] of data.labels.entries()) {
      const place = written.get(label) ?? 0;
      written.set(label, place + 1);
      const into = join(folder, split, data.classNames[label]);
      makeFolder(into);
      const path = join(into, `${String(place).padStart(4, "0")}.png`);
      if (!existsSync(path)) await writeWhole(path, await png(data, i));
    }
  }
}

async function png({ pixels, shape: [channels, height, width] }: Dataset, index: number): Promise<Buffer> {
  const area = height * width;
  const image = pixels.subarray(index * channels * area, (index + 1) * channels * area);
  const interleaved = Buffer.alloc(image.length);
  for (let i = 0; i < area; i++)
    for (let c = 0; c < channels; c++) interleaved[i * channels + c] = image[c * area + i];
  return sharp(interleaved, { raw: { width, height, channels: channels as 3 } })
    .png()
    .toBuffer();
}
