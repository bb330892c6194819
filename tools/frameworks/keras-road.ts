/**
 * A Keras user's whole road, in an empty folder: `model.save("net.keras")`, `alignreg train`, `keras.models.load_model`; the
 * clean and robust accuracy that Keras measures are to be those that `evaluate` gives, and its predictions ours to 1e-5.
 *
 *     npx tsx tools/frameworks/keras-road.ts --python PYTHON
 *
 * PYTHON has tools/frameworks/requirements-keras.txt. Ends with 1 where they differ.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openTestable } from "../../src/api/open-testable.ts";
import { imagesAt } from "../../src/data/index.ts";
import { evaluate, mnist, rotation, sample } from "../../src/index.ts";

const TRAIN_IMAGES = 2000;
const TEST_IMAGES = 500;

const { values } = parseArgs({ options: { python: { type: "string", default: "python3" } } });
const folder = mkdtempSync(join(tmpdir(), "alignreg-keras-road-"));
try {
  python("save");
  train();
  await writeOurs();
  python("judge");
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

function python(command: "save" | "judge"): void {
  run(values.python, [join(import.meta.dirname, "keras_road.py"), command]);
}

function train(): void {
  const cli = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
  const options = `train --model net.keras --data mnist --limit ${TRAIN_IMAGES} --transforms rotation --epochs 4 --out out`;
  run(process.execPath, ["--import", import.meta.resolve("tsx"), cli, ...options.split(" ")]);
}

function run(command: string, args: readonly string[]): void {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", OMP_NUM_THREADS: "1" };
  const { status, error } = spawnSync(command, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(status)}`);
}

/** Writes what keras_road.py compares: the views, [members, N, 28, 28, 1], our predictions for them, and the counts. */
async function writeOurs(): Promise<void> {
  const data = sample((await mnist()).test, TEST_IMAGES);
  const transforms = rotation();
  const trained = join(folder, "out", "model.keras");
  const scores = await evaluate(trained, data, { transforms, onNote: () => undefined });
  const images = imagesAt(data, Uint32Array.from(data.labels.keys()));
  const views = transforms.members.map((member) => member.apply(images));
  const { predict, release } = await openTestable(trained, data.shape, {});
  try {
    const predictions: Float32Array[] = [];
    for (const view of views) predictions.push(softmax(await predict({ ...images, data: view })));
    // One channel: [N, C, H, W] and Keras's [N, H, W, C] are the same numbers.
    writeFileSync(join(folder, "views.f32"), bytesOf(views));
    writeFileSync(join(folder, "predictions.f32"), bytesOf(predictions));
  } finally {
    await release();
  }
  const count = (share: number) => Math.round(share * TEST_IMAGES);
  const ours = {
    labels: Array.from(data.labels),
    members: views.length,
    clean: count(scores.cleanAccuracy.value),
    robust: count(scores.robustAccuracy.value),
    byMember: scores.members.map(({ accuracy }) => count(accuracy)),
  };
  writeFileSync(join(folder, "ours.json"), JSON.stringify(ours));
}

/** Rows of ten. */
function softmax(logits: Float32Array): Float32Array {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += 10) {
    const row = logits.subarray(start, start + 10);
    const top = Math.max(...row);
    const exponentials = Array.from(row, (z) => Math.exp(z - top));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    result.set(
      exponentials.map((e) => e / sum),
      start,
    );
  }
  return result;
}

function bytesOf(arrays: readonly Float32Array[]): Buffer {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}
