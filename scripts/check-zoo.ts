/**
 * The way home for every file of test/fixtures/zoo: three steps train it here, PyTorch loads `weights.safetensors` into a
 * fresh module by the lines of docs/pytorch.md and compares the logits.
 *
 *     npx tsx scripts/check-zoo.ts [--python PATH] [--only TEXT] [DIR]
 *
 * PATH is a Python with what tools/zoo/requirements.txt names.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { saveWeights } from "../src/index.ts";
import { imagesAt } from "../src/data/index.ts";
import { normalizeImages } from "../src/models/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { normalization } from "../test/pytorch-case.ts";
import { type ZooRow, referenceOf, threeSteps, trainedInPyTorch, zooRows } from "../test/zoo-case.ts";
import { refusedForms } from "../test/zoo-refused.ts";

const { values, positionals } = parseArgs({
  options: { python: { type: "string", default: "python3" }, only: { type: "string", default: "" } },
  allowPositionals: true,
});

/** Writes `<file>/weights.safetensors` and `<file>/logits.bin`, float32 [N, K] of the file's trained model. */
async function train(row: ZooRow, folder: string): Promise<void> {
  const { data } = referenceOf(row);
  const { model, trained } = await threeSteps(row, data, { trainable: trainedInPyTorch(row) });
  mkdirSync(folder, { recursive: true });
  await saveWeights(model, join(folder, "weights.safetensors"), trained);
  const session = await openClassifier(model.graph, { output: model.logits });
  const images = imagesAt(data, Uint32Array.from(data.labels.keys()));
  writeFileSync(join(folder, "logits.bin"), await session.predict(normalizeImages(images, normalization)));
  await session.release();
}

const [given] = positionals;
const directory = given ?? mkdtempSync(join(tmpdir(), "alignreg-zoo-"));
try {
  for (const row of zooRows()) {
    const { file } = row.form;
    if (refusedForms.has(file) || !file.includes(values.only)) continue;
    await train(row, join(directory, file.replace(/\.onnx$/, "")));
  }
  const tool = join(import.meta.dirname, "..", "tools", "zoo");
  const { status, error } = spawnSync(values.python, [tool, "verify", directory], { stdio: "inherit" });
  if (error) throw error;
  process.exitCode = status ?? 1;
} finally {
  if (given === undefined) rmSync(directory, { recursive: true });
}
