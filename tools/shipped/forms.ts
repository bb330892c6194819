/** The files of one model: their sizes, and what is lost with the smaller one. */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeWhole } from "../../src/artifacts/index.ts";
import { type Classifier, type Dataset, evaluate, exportedFiles, familyFromSpec } from "../../src/index.ts";
import { type Form, shipped } from "./plan.ts";
import type { FormScores } from "./record.ts";

/** Writes a form of the model. @returns its size in bytes */
export async function writeForm(
  model: Classifier,
  form: Exclude<Form, "int8">,
  path: string,
): Promise<number> {
  const { files } = exportedFiles(model, { to: "onnx", float16: form === "float16" });
  const [bytes] = files.values();
  await writeWhole(path, bytes);
  return bytes.length;
}

/** Quantizes the float32 file by Python. @returns the size in bytes */
export async function writeInt8(
  python: string,
  source: string,
  photographs: string,
  path: string,
): Promise<number> {
  const script = join(import.meta.dirname, "int8.py");
  await promisify(execFile)(python, [script, source, join(photographs, "train"), path]);
  return (await stat(path)).size;
}

/** Tests a file as it is run, all of it, without kept features. */
export async function testedForm(
  form: Form,
  path: string,
  bytes: number,
  test: Dataset,
): Promise<FormScores> {
  const scores = await evaluate(path, test, {
    transforms: familyFromSpec(shipped.shift),
    onNote: () => undefined,
  });
  return {
    form,
    bytes,
    clean: scores.cleanAccuracy,
    robust: scores.robustAccuracy,
    invariance: scores.invarianceScore,
  };
}
