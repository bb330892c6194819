/**
 * A folder of photographs that does not fit into memory: how fast it is read, beside torchvision's ImageFolder with two workers,
 * and what memory training a head and testing it take.
 *
 *   node --import tsx bench/make-photographs.ts --out DIR
 *   node --import tsx bench/photographs.ts --photos DIR [--read 3000] [--rounds 3] [--python python3] [--no-train]
 *
 * Both read the same files to 224 × 224 float32 in batches of 128, one after the other, in processes of their own. Training is that of a
 * linear head on EfficientNet-Lite0 by `base`, features on disk, in a folder beside the photographs that is removed.
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openData } from "../src/data/index.ts";
import { sizeOf } from "../src/tensor/index.ts";

const { values } = parseArgs({
  options: {
    photos: { type: "string" },
    read: { type: "string", default: "3000" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "python3" },
    train: { type: "boolean", default: true },
    /** In a process of its own: what is measured. */
    reader: { type: "boolean", default: false },
  },
  allowNegative: true,
});
if (values.photos === undefined)
  throw new Error("--photos DIR is missing: bench/make-photographs.ts makes one.");
const photos = resolve(values.photos);
const side = 224;
const batch = 128;

interface Reading {
  readonly images: number;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Of all files, before the first image. */
  readonly openingSeconds?: number;
  readonly files?: number;
}

if (values.reader) process.stdout.write(JSON.stringify(await read(Number(values.read))));
else await compare();

/** Reads images from all over the folder, the next batch announced before each. */
async function read(images: number): Promise<Reading> {
  const began = performance.now();
  const data = await openData(photos, "train", { size: side, channels: 3 });
  const opened = performance.now();
  const files = data.labels.length;
  const count = Math.min(images, files);
  const indices = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * files) / count));
  const batchAt = (start: number) => indices.subarray(start, start + batch);
  const out = new Float32Array(batch * sizeOf(data.shape));
  await data.read(batchAt(0), out.subarray(0, batchAt(0).length * sizeOf(data.shape)));
  const started = performance.now();
  let done = 0;
  for (let start = batch; start < count; start += batch) {
    const some = batchAt(start);
    const reading = data.read(some, out.subarray(0, some.length * sizeOf(data.shape)));
    data.readAhead?.(batchAt(start + batch));
    await reading;
    done += some.length;
  }
  const seconds = (performance.now() - started) / 1000;
  return {
    images: done,
    seconds,
    peakBytes: peakBytes(process.pid),
    openingSeconds: (opened - began) / 1000,
    files,
  };
}

async function compare(): Promise<void> {
  const [ours, theirs]: Reading[][] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    ours.push(
      measured(process.execPath, [
        ...["--import", "tsx", import.meta.filename, "--reader", "--photos", photos, "--read", values.read],
      ]),
    );
    const script = join(import.meta.dirname, "peers/image_folder.py");
    theirs.push(measured(values.python, [script, photos, values.read, "2"]));
  }
  console.log(`${cpus()[0].model}, ${cpus().length} cores, Node.js ${process.version}`);
  console.log(
    `opening ${ours[0].files} files: ${middle(ours.map((one) => one.openingSeconds!)).toFixed(1)} s`,
  );
  for (const [name, readings] of [
    ["alignreg", ours],
    ["torchvision, 2 workers", theirs],
  ] as const) {
    const rates = readings.map(({ images, seconds }) => images / seconds);
    const peak = Math.max(...readings.map(({ peakBytes: bytes }) => bytes));
    console.log(
      `${name}: ${middle(rates).toFixed(0)} images/s (${rates.map((rate) => rate.toFixed(0)).join(", ")}), ` +
        `${(peak / 1e6).toFixed(0)} MB at most`,
    );
  }
  if (!values.train) return;
  const out = `${photos}-run`;
  const cache = `${photos}-features`;
  try {
    await command("train", [
      ...["train", "--data", photos, "--backbone", "efficientnet-lite0", "--method", "base", "--epochs", "5"],
      ...["--cache", cache, "--out", out, "--overwrite"],
    ]);
    await command("evaluate", [
      ...["evaluate", join(out, "model.onnx"), "--data", photos, "--transforms", "rotation:15"],
      ...["--cache", cache, "--json", join(out, "scores.json")],
    ]);
  } finally {
    for (const folder of [out, cache]) rmSync(folder, { recursive: true, force: true });
  }
}

function measured(program: string, args: readonly string[]): Reading {
  const env = { ...process.env, ALIGNREG_MAX_HELD_BYTES: "0" };
  return JSON.parse(execFileSync(program, args, { encoding: "utf8", env })) as Reading;
}

/** Runs one of our commands and prints how long it took and the most memory it had. */
async function command(name: string, args: readonly string[]): Promise<void> {
  const started = performance.now();
  const main = join(import.meta.dirname, "../src/cli/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    stdio: "inherit",
    env: { ...process.env, ALIGNREG_MAX_HELD_BYTES: "0" },
  });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, peakBytes(child.pid!))), 200);
  const code = await new Promise((end) => child.on("close", end));
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${name}: ${seconds.toFixed(0)} s, ${(peak / 1e6).toFixed(0)} MB at most, exit ${String(code)}`,
  );
}

/** The most memory that a process had so far; 0 once it is gone. */
function peakBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)![1]);
  } catch {
    return 0;
  }
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
