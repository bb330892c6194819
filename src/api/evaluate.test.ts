import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { rotation } from "../augment/index.ts";
import { type Dataset, datasetFromArrays, imagesAt, openMnist, take } from "../data/index.ts";
import { type Predict, invarianceScore } from "../evaluate/index.ts";
import { lenet } from "../models/index.ts";
import { type Graph, type GraphNode, ModelError, modelOf, readModel, writeModel } from "../onnx/index.ts";
import { RuntimeError, openClassifier } from "../runtime/index.ts";
import { UsageError, int64 } from "../tensor/index.ts";
import { type EvaluationResult, evaluate } from "./index.ts";

const folder = join(import.meta.dirname, "../../test/fixtures/evaluate");
const path = join(folder, "lenet.onnx");

interface Reference {
  readonly degrees: number[];
  readonly samples: number;
  readonly cleanAccuracy: number;
  readonly robustAccuracy: number;
  readonly memberAccuracies: number[];
  readonly invarianceScore: number;
  readonly alignmentGap: { mean: number; max: number; quantiles: Record<string, number> };
  readonly efficiency: number;
}

const reference = JSON.parse(readFileSync(join(folder, "scores.json"), "utf8")) as Reference;

let data: Dataset;
beforeAll(async () => {
  data = take(await (await openMnist()).read("test"), reference.samples);
});

describe("the scores of a PyTorch model agree with NumPy's, torchvision doing the rotations:", () => {
  let scores: EvaluationResult;
  beforeAll(async () => {
    scores = await evaluate(path, data, { transforms: rotation({ degrees: reference.degrees }) });
  });

  // No logit of the 1,500 views is nearer than 2.5e-3 to being the largest, so accuracies are exact.
  test("accuracies, exactly", () => {
    expect(scores.samples).toBe(reference.samples);
    expect(scores.cleanAccuracy.value).toBe(reference.cleanAccuracy);
    expect(scores.robustAccuracy.value).toBe(reference.robustAccuracy);
    expect(scores.members.map((m) => m.accuracy)).toEqual(reference.memberAccuracies);
    expect(scores.members.map((m) => m.name)).toEqual([
      "identity",
      ...reference.degrees.map((degrees) => `rotation ${degrees}°`),
    ]);
  });

  // Nor is any neighbour that counts within 1e-4 of one that does not: the same copies are retrieved, and the score
  // differs by the rounding of its sums. A single other neighbour would change it by some 6e-4.
  test("invariance score", () => {
    expect([scores.invarianceScore.value]).toBeAllClose([reference.invarianceScore], { atol: 1e-9 });
    expect(scores.invarianceScore.low).toBeLessThan(scores.invarianceScore.value);
    expect(scores.invarianceScore.high).toBeGreaterThan(scores.invarianceScore.value);
  });

  // float32 logits against float64 ones
  test("alignment gap", () => {
    const { mean, max, quantiles } = reference.alignmentGap;
    expect([scores.alignmentGap.mean.value, scores.alignmentGap.max]).toBeAllClose([mean, max], {
      rtol: 1e-5,
    });
    expect(scores.alignmentGap.quantiles.map((q) => q.value)).toBeAllClose(Object.values(quantiles), {
      rtol: 1e-5,
    });
  });

  test("efficiency, exactly", () => {
    expect(scores.efficiency).toBe(reference.efficiency);
  });

  test("and the manifest says what was tested", () => {
    expect(scores.manifest).toMatchObject({
      config: { seed: 0, output: null, transforms: { name: "rotation" } },
      data: { samples: reference.samples, sha256: data.hash },
      model: { name: path },
    });
    expect(scores.manifest.model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

const withoutManifest = (result: EvaluationResult) => ({ ...result, notes: null, manifest: null });

test("a path, bytes, a classifier and a function give the same scores, in batches of any size", async () => {
  const few = take(data, 60);
  const bytes = readFileSync(path);
  const { graph } = readModel(bytes);
  const session = await openClassifier(bytes);
  const calls: number[] = [];
  const predict: Predict = (images) => {
    calls.push(images.shape[0]);
    return session.predict(images);
  };
  const transforms = rotation({ degrees: [30] });
  const fromPath = await evaluate(path, few, { transforms });
  const others = [
    await evaluate(bytes, few, { transforms }),
    await evaluate({ graph, input: "x", logits: "logits" }, few, { transforms }),
    await evaluate(predict, few, { transforms, batchSize: 60 }),
  ];
  for (const other of others) expect(withoutManifest(other)).toEqual(withoutManifest(fromPath));
  expect(others[2].manifest.model).toEqual({ name: "predict", sha256: "" });
  expect(others[0].manifest.model.sha256).toBe(fromPath.manifest.model.sha256);

  calls.length = 0;
  const progress: number[] = [];
  const small = await evaluate(predict, few, {
    transforms,
    batchSize: 25,
    onProgress: (done, total) => progress.push(done / total),
  });
  // An image alone, in a batch as large as asked for and at another place in a small one; then come both members of each batch.
  expect(calls).toEqual([1, 25, 4, 25, 25, 25, 25, 10, 10]);
  expect(progress.at(-1)).toBe(1);
  expect(small.members).toEqual(fromPath.members);
  await session.release();
});

test("the seed moves the bootstrap interval and nothing else", async () => {
  const few = take(data, 60);
  const options = { transforms: rotation({ degrees: [30] }) };
  const [a, b] = [await evaluate(path, few, options), await evaluate(path, few, { ...options, seed: 7 })];
  expect(b.invarianceScore.low).not.toBe(a.invarianceScore.low);
  expect({ ...withoutManifest(b), invarianceScore: a.invarianceScore.value }).toEqual({
    ...withoutManifest(a),
    invarianceScore: a.invarianceScore.value,
  });
});

describe("embedding and distance of the invariance score:", () => {
  const transforms = rotation({ degrees: [30, 60] });
  let few: Dataset;
  let ofLogits: EvaluationResult;
  beforeAll(async () => {
    few = take(data, 100);
    ofLogits = await evaluate(path, few, { transforms });
  });

  test("any tensor can be compared; all other scores stay those of the logits", async () => {
    const inner = await evaluate(path, few, { transforms, embedding: "relu4" });
    const changed = { manifest: null, invarianceScore: null };
    expect({ ...inner, ...changed }).toEqual({ ...ofLogits, ...changed });
    expect(inner.manifest.config).toMatchObject({ embedding: "relu4", distance: "l2" });

    // The same from the tensor as logits of a model that ends there.
    const { graph } = readModel(readFileSync(path));
    const embeddings = [];
    const labels = few.labels;
    const session = await openClassifier(graph, { output: "relu4" });
    const images = { data: new Float32Array(100 * 784), shape: [100, 1, 28, 28] as const };
    imagesAt(few, Array.from({ length: 100 }, (_, i) => i), images.data); // prettier-ignore
    for (const member of transforms.members) {
      embeddings.push(await session.predict({ ...images, data: member.apply(images) }));
    }
    await session.release();
    const expected = invarianceScore({
      labels,
      classes: 10,
      memberNames: [],
      logits: [],
      embeddings: { values: embeddings, dimension: 84 },
    });
    expect(inner.invarianceScore).toEqual(expected);
    expect(expected.value).not.toBe(ofLogits.invarianceScore.value);
  });

  test("the logits by their name are the default", async () => {
    const named = await evaluate(path, few, { transforms, embedding: "logits" });
    expect(withoutManifest(named)).toEqual(withoutManifest(ofLogits));
  });

  test("each distance gives its own score", async () => {
    const values = new Set<number>();
    for (const distance of ["l2", "l1", "cosine", "kl"] as const) {
      const { invarianceScore: score, manifest } = await evaluate(path, few, { transforms, distance });
      values.add(score.value);
      expect(manifest.config).toMatchObject({ distance });
    }
    expect(values.size).toBe(4);
    expect(values).toContain(ofLogits.invarianceScore.value);
  });
});

test("a classifier's logits are found by name when they are not the first output", async () => {
  const few = take(data, 40);
  const { graph } = readModel(readFileSync(path));
  const [first] = graph.outputs;
  const inner = graph.nodes.find((node) => node.opType === "Relu")!.outputs[0];
  const extra = { ...first, name: inner, shape: null };
  const model = { graph: { ...graph, outputs: [extra, first] }, input: "x", logits: "logits" };
  const scores = await evaluate(model, few);
  expect(withoutManifest(scores)).toEqual(withoutManifest(await evaluate(path, few)));
  const bytes = writeModel(modelOf(model.graph));
  expect(withoutManifest(await evaluate(bytes, few, { output: "logits" }))).toEqual(withoutManifest(scores));
});

describe("a file that says less of its outputs and batch than it should:", () => {
  const few = () => take(data, 40);
  const rewritten = (rewrite: (graph: Graph) => Graph): Uint8Array => {
    const model = readModel(readFileSync(path));
    return writeModel({ ...model, graph: rewrite(model.graph) });
  };

  test("a number of images in a Reshape, under a batch that is free by name", async () => {
    const bytes = rewritten((graph) => {
      const gemm = graph.nodes.findLast(({ opType }) => opType === "Gemm")!;
      const [x, ...weights] = gemm.inputs;
      const width = graph.initializers.get(weights[0])!.shape[1];
      const held: GraphNode = {
        ...gemm,
        opType: "Reshape",
        name: "",
        attributes: {},
        inputs: [x, "two"],
        outputs: ["held"],
      };
      return {
        ...graph,
        nodes: graph.nodes.flatMap((node) =>
          node === gemm ? [held, { ...gemm, inputs: ["held", ...weights] }] : [node],
        ),
        initializers: new Map([...graph.initializers, ["two", int64([2, width])]]),
      };
    });
    const scores = await evaluate(bytes, few());
    expect(withoutManifest(scores)).toEqual(withoutManifest(await evaluate(path, few())));
  });

  test("an output that is a sequence is not fetched", async () => {
    // Flatten to y [N, 2], and SequenceConstruct of y: two outputs.
    const bytes = Buffer.from(
      "CAg6cgoPCgF4EgF5IgdGbGF0dGVuChkKAXkSAXMiEVNlcXVlbmNlQ29uc3RydWN0EgFnWhwKAXgSFwoVCAESEQoDEg" +
        "FOCgIIAQoCCAEKAggCYhQKAXkSDwoNCAESCQoDEgFOCgIIAmINCgFzEggiBgoECgIIAUIECgAQEQ==",
      "base64",
    );
    const pixels = datasetFromArrays({
      name: "pairs",
      shape: [1, 1, 2],
      pixels: Uint8Array.of(9, 0, 0, 9, 7, 1, 1, 7),
      labels: [0, 1, 0, 1],
      classNames: ["left", "right"],
    });
    const { cleanAccuracy } = await evaluate(bytes, pixels, { onNote: () => undefined });
    expect(cleanAccuracy.value).toBe(1);
  });
});

describe("a model may tell more classes apart than the data has, but not fewer:", () => {
  const dataWith = (classes: number) =>
    datasetFromArrays({
      name: "noise",
      shape: [1, 28, 28],
      pixels: new Uint8Array(3 * 784).fill(9),
      labels: [0, 1, 2],
      classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    });

  test("more", async () => {
    expect((await evaluate(path, dataWith(3))).classes).toBe(10);
  });

  test("fewer", async () => {
    await expect(evaluate(path, dataWith(12))).rejects.toThrow(UsageError);
    await expect(evaluate(path, dataWith(12))).rejects.toThrow(/gives 10 logits an image; .* has 12 classes/);
  });
});

describe("what cannot be tested is named:", () => {
  test("a file that is not there", async () => {
    await expect(evaluate("nowhere.onnx", data)).rejects.toThrow(/Cannot read the model nowhere.onnx/);
  });

  test("a file that is no model", async () => {
    await expect(evaluate(join(folder, "scores.json"), data)).rejects.toThrow(/no modelTopology/);
    await expect(evaluate(Uint8Array.of(8, 7, 0xff, 0xff), data)).rejects.toThrow(RuntimeError);
  });

  test("an output that is not there", async () => {
    await expect(evaluate(path, data, { output: "nothing" })).rejects.toThrow(ModelError);
  });

  test("an output of a function, which has none", async () => {
    const predict: Predict = () => Promise.resolve(new Float32Array(10));
    await expect(evaluate(predict, data, { output: "logits" })).rejects.toThrow(UsageError);
  });

  test("an embedding that is not there, or of a function", async () => {
    await expect(evaluate(path, data, { embedding: "fc9" })).rejects.toThrow(/no tensor "fc9"/);
    const predict: Predict = () => Promise.resolve(new Float32Array(10));
    await expect(evaluate(predict, data, { embedding: "fc2" })).rejects.toThrow(
      'A function has no tensor "fc2". Leave embedding out.',
    );
  });

  test("images of another size", async () => {
    await expect(evaluate(lenet({ shape: [1, 12, 12] }), data)).rejects.toThrow(
      /takes \[N,1,12,12\]; the images are \[N, 1,28,28\]/,
    );
  });

  test("a function that returns too few logits", async () => {
    let calls = 0;
    const predict: Predict = ({ shape }) => Promise.resolve(new Float32Array(calls++ === 0 ? 10 : shape[0]));
    await expect(evaluate(predict, data)).rejects.toThrow(/predict returned/);
  });
});

test("a test under shifts that nobody chose says for which others the model was trained", async () => {
  const few = take(data, 2);
  const model = { ...lenet(), transforms: { rotation: { degrees: [90, 180] } } };
  const noted = async (of: typeof model, transforms?: string) =>
    (await evaluate(of, few, { transforms, onNote: () => undefined })).notes.join(" ");
  expect(await noted(model)).toContain("trained for others: rotation 90°, rotation 180°.");
  expect(await noted(model, "contrast")).not.toContain("trained for others");
  const asTested = { ...model, transforms: { rotation: { degrees: [15, 30, 45, 60] } } };
  expect(await noted(asTested)).not.toContain("trained for others");
});
