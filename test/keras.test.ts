import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { type FitResult, loadClassifier, saveClassifier } from "../src/api/index.ts";
import { type StoredModel, readKerasFile, readLayersFolder } from "../src/keras/archive/index.ts";
import { numbersOf } from "../src/tensor/index.ts";
import {
  type KerasRow,
  kerasNets,
  kerasRows,
  logitsOf,
  pathOf,
  referenceOf,
  threeSteps,
} from "./keras-nets.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-keras-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("fifteen Keras models and more, in every form", () => {
  expect(kerasNets().length).toBeGreaterThanOrEqual(15);
  for (const ending of [".keras", ".h5", ".keras2.h5", ".keras2.tfjs", ".keras3.tfjs"])
    expect(kerasRows().filter(({ file }) => file.endsWith(ending)).length, ending).toBeGreaterThan(1);
});

describe.each(kerasRows().map((row) => [row.file, row] as const))("%s", (_, row) => {
  const { data, logits, logitsAfter, changes } = referenceOf(row.net);
  let run: Promise<FitResult> | undefined;
  /** Trained when the first test asks for it. */
  const result = () => (run ??= threeSteps(pathOf(row), row.net, data));
  const scale = logits.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

  test("has Keras's logits", async () => {
    expect(await logitsOf(pathOf(row), row.net, data)).toBeAllClose(logits, { atol: 1e-5 * scale });
  });

  test("three steps give Keras's weights and statistics, of what Keras trains and nothing else", async () => {
    const { model, trained } = await result();
    const wanted = row.net.variables.filter(({ trainable }) => trainable);
    expect(trained.length).toBe(wanted.length);
    const [before, after] = [tensorsOf(stored(row)), tensorsOf(await saved(row, await result()))];
    const errors = row.places.map((place, i) => {
      const change = changes.get(row.net.variables[i].place);
      return errorOf(row.net.variables[i].path, before.get(place)!, after.get(place)!, change);
    });
    expect(errors.filter(({ weight, change }) => !(weight < 1e-4 && change < 1e-3))).toEqual([]);
    for (const [place, values] of before)
      if (!row.places.includes(place)) expect(after.get(place), place).toEqual(values);
    expect(await logitsOf(model, row.net, data)).toBeAllClose(logitsAfter, { atol: 1e-4 * scale });
  });

  test("comes back from its own file as it was trained", async () => {
    const { model } = await result();
    const path = await save(row, await result());
    const again = await loadClassifier(path);
    expect(again.graph.initializers).toEqual(model.graph.initializers);
    expect(await logitsOf(path, row.net, data)).toEqual(await logitsOf(model, row.net, data));
    if (row.file.endsWith(".keras")) {
      const [own, written] = [pathOf(row), path].map((file) => unzipSync(readFileSync(file)));
      expect(Object.keys(written)).toEqual(Object.keys(own));
      for (const name of ["config.json", "metadata.json"]) expect(written[name]).toEqual(own[name]);
    }
  });
});

/** The trained classifier in the form that it came in; the path of the file, or of the folder. */
async function save({ file }: KerasRow, { model }: FitResult): Promise<string> {
  const path = join(folder, file);
  await saveClassifier(model, file.endsWith(".tfjs") ? join(path, "model.json") : path);
  return path;
}

const saved = async (row: KerasRow, result: FitResult): Promise<StoredModel> =>
  storedAt(await save(row, result), row.file);

const stored = (row: KerasRow): StoredModel => storedAt(pathOf(row), row.file);

function storedAt(path: string, name: string): StoredModel {
  if (!name.endsWith(".tfjs")) return readKerasFile(readFileSync(path), name);
  return readLayersFolder(
    new Map(readdirSync(path).map((file) => [file, readFileSync(join(path, file))])),
    name,
  );
}

const tensorsOf = ({ tensors }: StoredModel): Map<string, number[]> =>
  new Map([...tensors].map(([place, tensor]) => [place, numbersOf(tensor)]));

/** As for PyTorch's nets: errors of the weight and of its change, less what rounding to float32 makes of it. */
function errorOf(
  path: string,
  before: number[],
  after: number[],
  change: readonly number[] = before.map(() => 0),
) {
  const largest = (values: readonly number[]) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const want = before.map((v, i) => v + change[i]);
  const error = largest(after.map((v, i) => v - want[i]));
  const rounding = 4e-7 * largest(want);
  return {
    path,
    weight: error / (largest(want) || 1),
    change: Math.max(0, error - rounding) / Math.max(largest(change), 1e-4),
  };
}
