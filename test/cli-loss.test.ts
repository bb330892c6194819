/** Flags of the loss, and of images without a label: what they say reaches the training. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-cli-loss-"));
afterAll(() => rmSync(folder, { recursive: true }));
const photos = join(folder, "photos");

beforeAll(async () => {
  for (const [name, count] of [
    ["dark", 6],
    ["light", 6],
    ["unlabelled", 9],
  ] as const) {
    mkdirSync(join(photos, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const grey = 20 * i + (name === "light" ? 100 : 10);
      await sharp({ create: { width: 12, height: 12, channels: 3, background: { r: grey, g: grey, b: 60 } } })
        .png()
        .toFile(join(photos, name, `${i}.png`));
    }
  }
});

interface Line {
  readonly kind: string;
  readonly loss: number;
  readonly spread?: number;
}

let runs = 0;
async function train(...flags: readonly string[]) {
  const out = join(folder, `run-${runs++}`);
  const { code, stderr } = await cliHere(
    ...[
      "train",
      "--data",
      photos,
      "--channels",
      "1",
      "--image-size",
      "12",
      "--epochs",
      "2",
      "--batch-size",
      "4",
    ],
    ...["--transforms", "rotation:10", "--out", out, ...flags],
  );
  const read = (name: string) => readFileSync(join(out, name), "utf8");
  return {
    code,
    stderr,
    lines: () =>
      read("metrics.jsonl")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Line),
    config: () => (JSON.parse(read("manifest.json")) as { config: Record<string, unknown> }).config,
  };
}

test("--unlabelled-ratio puts so many images without a label beside each one with one", async () => {
  const { code, stderr, config, lines } = await train("--method", "rva", "--unlabelled-ratio", "2");
  expect(code, stderr).toBe(0);
  expect(config()).toMatchObject({ unlabelledRatio: 2 });
  expect(lines().some(({ spread }) => spread! > 0)).toBe(true);

  const without = await train("--method", "base", "--unlabelled-ratio", "2");
  expect(without.code).not.toBe(0);
  expect(without.stderr).toMatch(/^error: .*unlabelled/m);
});

test("--focal-gamma is the focal loss's; of 0 it is the cross-entropy", async () => {
  const losses = async (...flags: readonly string[]) => {
    const run = await train("--method", "va", ...flags);
    expect(run.code, run.stderr).toBe(0);
    return run.lines().map(({ loss }) => loss);
  };
  const plain = await losses();
  const zero = await losses("--loss", "focal", "--focal-gamma", "0");
  const two = await losses("--loss", "focal", "--focal-gamma", "2");
  expect(zero).toBeAllClose(plain, { rtol: 1e-5 });
  expect(two[0]).toBeLessThan(plain[0]);

  const other = await train("--focal-gamma", "2");
  expect(other.code).not.toBe(0);
  expect(other.stderr).toMatch(/^error: The loss "crossEntropy" takes no "gamma"/m);
});
