import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { data, options, smallNet, weightsOf } from "../../test/small-run.ts";
import { datasetFromArrays } from "../data/index.ts";
import { type FeatureScale, buildClassifier, findFeatures, lenet, withNewHead } from "../models/index.ts";
import { modelOf } from "../onnx/index.ts";
import { innerValues } from "../runtime/index.ts";
import { float32, numbersOf, random } from "../tensor/index.ts";
import { evaluate, fit, inspectTensors, loadClassifier, saveClassifier } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-head-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { classNames } = data;
const images = float32(
  [3, 1, 8, 8],
  Float32Array.from({ length: 192 }, (_, i) => (i % 37) / 37),
);

test("the head is a linear layer on the features, and the old one is gone", async () => {
  const old = smallNet();
  const { tensor, size } = findFeatures(old);
  const model = withNewHead(old, { classNames: ["a", "b"], featureScale: "own" });
  expect([...model.graph.initializers.keys()]).toEqual(
    expect.not.arrayContaining(["fc.weight", "fc.bias"]) as string[],
  );
  expect(model.classNames).toEqual(["a", "b"]);
  const run = await innerValues(model.graph, [tensor, model.logits], { images });
  const features = numbersOf(run[tensor]);
  const [w, b] = ["head.weight", "head.bias"].map((name) => numbersOf(model.graph.initializers.get(name)!));
  const expected = [0, 1, 2].flatMap((n) =>
    [0, 1].map((k) =>
      w.slice(k * size, (k + 1) * size).reduce((sum, x, i) => sum + x * features[n * size + i], b[k]),
    ),
  );
  expect(run[model.logits].shape).toEqual([3, 2]);
  expect(numbersOf(run[model.logits])).toBeAllClose(expected, { atol: 1e-5 });
});

/** A net of its head and features alone: what pixels are, the features are. */
const flat = buildClassifier("flat", [1, 2, 3], (g, x) =>
  g.op1(
    "Gemm",
    [
      g.op1("Flatten", [x], { axis: 1 }),
      g.initializer("fc.weight", float32([2, 6])),
      g.initializer("fc.bias", float32([2])),
    ],
    { transB: 1 },
  ),
);

/** Logits of rows of features under a head of the same weights, whatever the scale. */
async function logitsOf(featureScale: FeatureScale | undefined, head: "linear" | number, rows: number[][]) {
  const { graph, logits, input } = withNewHead(flat, { classNames: ["a", "b"], head, featureScale });
  const run = await innerValues(graph, [logits], { [input]: float32([rows.length, 1, 2, 3], rows.flat()) });
  return numbersOf(run[logits]);
}

const row = [0.1, 0, 0.7, -0.4, 0.2, 0.05];
const none = row.map(() => 0);
const size = (values: number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
const norm = Math.hypot(...row);
const roots = row.map((x) => Math.sign(x) * (Math.sqrt(Math.abs(x) / size(row) + 0.1) - Math.sqrt(0.1)));
const scaled: [FeatureScale | undefined, number[]][] = [
  [undefined, roots],
  ["root", roots],
  ["length", row.map((x) => (x * Math.sqrt(6)) / norm)],
  ["own", row],
];

describe.each(["linear", 4] as const)("before a head %s", (head) => {
  test.each(scaled)("features are scaled by %s", async (featureScale, expected) => {
    expect(await logitsOf(featureScale, head, [row, none])).toBeAllClose(
      await logitsOf("own", head, [expected, none]),
      { atol: 1e-6 },
    );
  });

  test("features that are darker by a factor are the same", async () => {
    const dark = row.map((x) => x * 1e-3);
    for (const scale of ["root", "length"] as const) {
      const [a, b, ...rest] = await logitsOf(scale, head, [row, dark]);
      expect(rest).toBeAllClose([a, b], { atol: 1e-5 });
    }
  });
});

test.each(["root", "length"] as const)("%s is trained through", async (featureScale) => {
  const model = withNewHead(smallNet(), { classNames, head: 8, featureScale });
  const { model: after } = await fit(model, data, { ...options, trainable: "all", onNote: () => {} });
  expect(weightsOf(after)["conv.weight"]).not.toEqual(weightsOf(model)["conv.weight"]);
  for (const values of Object.values(weightsOf(after))) expect([...values].every(Number.isFinite)).toBe(true);
});

test("weights are drawn by the seed, uniform in ±1/√fan-in", () => {
  const headOf = (seed?: number, head?: number) =>
    [...withNewHead(lenet(), { classNames: ["a", "b"], seed, head }).graph.initializers].filter(([name]) =>
      name.startsWith("head"),
    );
  expect(headOf()).toEqual(headOf(0));
  expect(headOf(1)).not.toEqual(headOf(0));
  const hidden = new Map(headOf(0, 100));
  expect([...hidden].map(([name, { shape }]) => [name, shape])).toEqual([
    ["head.hidden.weight", [100, 84]],
    ["head.hidden.bias", [100]],
    ["head.weight", [2, 100]],
    ["head.bias", [2]],
  ]);
  const most = Math.max(...numbersOf(hidden.get("head.hidden.weight")!).map(Math.abs));
  expect(most).toBeLessThanOrEqual(1 / Math.sqrt(84));
  expect(most).toBeGreaterThan(0.95 / Math.sqrt(84));
});

test("fit trains the head alone, and BatchNormalization stays as it is", async () => {
  const model = withNewHead(smallNet(), { classNames, head: 8 });
  const { model: after, trained, notes } = await fit(model, data, { ...options, onNote: () => {} });
  const head = ["head.hidden.weight", "head.hidden.bias", "head.weight", "head.bias"];
  expect(trained).toEqual(head);
  const [before, now] = [weightsOf(model), weightsOf(after)];
  for (const name of Object.keys(before)) {
    if (head.includes(name)) expect(now[name], name).not.toEqual(before[name]);
    else expect(now[name], name).toEqual(before[name]);
  }
  expect(notes.join("\n")).toMatch(
    /new head trains alone \(.*\); .*BatchNormalization normalises by the running statistics/,
  );
  const { cleanAccuracy } = await evaluate(after, data, { transforms: options.transforms });
  expect(cleanAccuracy.value).toBeGreaterThan(0);
});

test("trainable says otherwise", async () => {
  const { trained, notes } = await fit(withNewHead(smallNet(), { classNames }), data, {
    ...options,
    trainable: "all",
    onNote: () => {},
  });
  expect(trained).toEqual(["conv.weight", "bn.scale", "bn.bias", "head.weight", "head.bias"]);
  expect(notes.join("\n")).not.toContain("head trains alone");
});

test("a saved model knows its head and its classes", async () => {
  const path = join(folder, "headed.onnx");
  await saveClassifier(withNewHead(smallNet(), { classNames }), path);
  const model = await loadClassifier(path);
  expect(model.classNames).toEqual(classNames);
  const { tensors } = inspectTensors(model, { shape: [1, 8, 8] });
  expect(tensors.filter(({ trains }) => trains).map(({ name }) => name)).toEqual([
    "head.weight",
    "head.bias",
  ]);
  // A second head takes the first one's place.
  const again = withNewHead(model, { classNames: ["x", "y", "z", "w"] });
  expect(again.graph.initializers.get("head.weight")!.shape[0]).toBe(4);
});

const fixture = (path: string) => join(import.meta.dirname, "../../test/fixtures", path);

/** Each of another exporter; what is before the head must neither move nor be in the way. */
const foreign = [
  "keras/mobilenet-v2.keras",
  "keras/sigmoid.keras",
  "keras-exports/plain-jax.onnx",
  "keras-exports/model-torch.onnx",
  "zoo/tv-squeezenet-plain-opset17.onnx",
  "zoo/timm-repvit-folded-opset17.onnx",
  "zoo/timm-vit-dynamo-opset20.onnx",
  "zoo/batch-norm-plain-opset17-batch4.onnx",
  "frameworks/frozen-torch2.15.0.onnx",
  "hugging-face/vit/model.onnx",
];

describe.each(foreign)("a new head on %s", (path) => {
  test("trains by itself, with the rest as it was", async () => {
    const old = await loadClassifier(fixture(path));
    const model = withNewHead(old, { classNames });
    const { shape } = inspectTensors(model);
    const declared = model.graph.inputs[0].shape!.slice(1).map(Number);
    const isLast = declared[2] === 3;
    const size: [number, number, number] = declared.every((n) => n > 0)
      ? isLast
        ? [declared[2], declared[0], declared[1]]
        : [declared[0], declared[1], declared[2]]
      : [shape[0], 32, 32];
    const rng = random(0, "images");
    const count = 8;
    const photographs = datasetFromArrays({
      name: "noise",
      shape: size,
      pixels: Uint8Array.from({ length: count * size[0] * size[1] * size[2] }, () => rng.integer(256)),
      labels: Array.from({ length: count }, (_, i) => i % 3),
      classNames,
    });
    const {
      trained,
      model: after,
      notes,
    } = await fit(model, photographs, {
      method: "base",
      epochs: 1,
      batchSize: 4,
      onNote: () => {},
    });
    expect(trained).toEqual(["head.weight", "head.bias"]);
    expect(notes.join("\n")).not.toMatch(/folded|not in the file|old head|yes or no/);
    for (const [name, { data: before }] of model.graph.initializers) {
      const now = after.graph.initializers.get(name);
      if (now && !name.startsWith("head")) expect(now.data, name).toEqual(before);
    }
    expect(modelOf(after.graph).graph.outputs).toHaveLength(1);
  });
});
