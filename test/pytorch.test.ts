import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classifierFile, weightsFile } from "../src/api/index.ts";
import { imagesAt } from "../src/data/index.ts";
import { normalizeImages } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { numbersOf } from "../src/tensor/index.ts";
import {
  externalOf,
  fitOneStep,
  normalization,
  pytorchCase,
  pytorchCaseNames,
  stepErrors,
} from "./pytorch-case.ts";

const names = pytorchCaseNames();

test("eight architectures and more are there, in every form that PyTorch exports", () => {
  const architectures = new Set(
    names.map((name) => name.split(/-(?:training|inference|folded|constants|functions)/)[0]),
  );
  expect(architectures.size).toBeGreaterThanOrEqual(8);
  for (const part of [
    "training",
    "inference",
    "folded",
    "constants",
    "functions",
    "dynamic",
    "batch1",
    "batch4",
    "opset11",
    "opset18",
  ])
    expect(
      names.some((name) => name.includes(part)),
      part,
    ).toBe(true);
});

describe.each(names)("%s", (name) => {
  const c = pytorchCase(name);

  test("one rwa step gives PyTorch's weights, and its logits", async () => {
    const result = await fitOneStep(c);
    const { weight, change, where } = stepErrors(c, result);
    expect(weight).toBeLessThan(1e-5);
    // Float32 against float64: PyTorch's own float32 changes are up to 1.8e-4 off, those here up to 1.1e-4.
    expect(change, where).toBeLessThan(3e-4);
    for (const parameter of result.trained) expect([...c.after.keys()]).toContain(parameter);

    const session = await openClassifier(classifierFile(result.model), { threads: 1 });
    const images = Uint32Array.from(c.data.labels.keys());
    const logits = await session.predict(normalizeImages(imagesAt(c.data, images), normalization));
    await session.release();
    const expected = numbersOf(c.logits);
    const scale = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(logits).toBeAllClose(expected, { atol: 1e-4 * scale });

    const before = readModel(readFileSync(c.model), c.model, externalOf(c.model)).graph;
    const after = readModel(classifierFile(result.model)).graph;
    expect(after.inputs).toEqual(before.inputs);
    expect(after.outputs).toEqual(before.outputs);
    expect([...after.initializers.keys()]).toEqual(expect.arrayContaining([...before.initializers.keys()]));
    expect(Object.keys(header(weightsFile(result.model))).sort()).toEqual([...c.after.keys()].sort());
  });
});

/** The entries of a safetensors file. */
function header(bytes: Uint8Array): object {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const { __metadata__, ...entries } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)),
  ) as Record<string, unknown>;
  expect(__metadata__).toMatchObject({ format: "pt" });
  return entries;
}
