/** TensorFlow.js graph models against TensorFlow.js itself: a network from a package of others, and what its converter writes. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rename, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { evaluate, fit, loadBackbone, loadClassifier, predict, saveClassifier } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { importGraphModel } from "../src/browser.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { readGraphModel } from "../src/graph-model/index.ts";
import { findFeatures, withNewHead } from "../src/models/index.ts";
import { innerValues } from "../src/runtime/index.ts";
import { AlignregError, float32, numbersOf } from "../src/tensor/index.ts";
import {
  type Files,
  folderOf,
  noise,
  nsfwjsFiles,
  ownOutputs,
  tensorFlowOutputs,
} from "./graph-model-case.ts";

const FIXTURES = join(import.meta.dirname, "fixtures", "graph-models");

const fixture = (name: string): Map<string, Uint8Array> =>
  new Map(
    readdirSync(join(FIXTURES, name)).map((file) => [
      file,
      Uint8Array.from(readFileSync(join(FIXTURES, name, file))),
    ]),
  );

/** The files with model.json changed. */
function changed(files: Files, change: (json: Json) => void): Map<string, Uint8Array> {
  const json = JSON.parse(new TextDecoder().decode(files.get("model.json"))) as Json;
  change(json);
  return new Map([...files, ["model.json", new TextEncoder().encode(JSON.stringify(json))]]);
}

interface JsonNode {
  name: string;
  op: string;
  input?: string[];
  attr: Record<string, unknown>;
}
interface Json {
  format?: string;
  signature?: { inputs: Record<string, unknown>; outputs: Record<string, unknown> };
  userDefinedMetadata?: object;
  modelTopology: { node: JsonNode[] };
  weightsManifest: { paths: string[]; weights: { name: string; dtype: string; shape: number[] }[] }[];
}

describe("nsfwjs's MobileNetV2 at 1.4 times its width, weights as bytes", () => {
  let files: Files;
  let folder: string;
  beforeAll(() => {
    files = nsfwjsFiles("mobilenet_v2_mid");
    folder = folderOf(files);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("gives TensorFlow.js' probabilities", async () => {
    const shape = [1, 224, 224, 3];
    const images = noise(shape, "nsfwjs");
    const [expected] = await tensorFlowOutputs(files, images, shape);
    const [own] = await ownOutputs(files, images, shape);
    expect(own).toBeAllClose(expected, { atol: 1e-5 });
  });

  test("says what it is, and lends its pooled features to a new head", async () => {
    const model = await loadBackbone(folder);
    expect(model).toMatchObject({ input: "input", classNames: undefined });
    expect(model.logits).toMatch(/sequential\/dense\/BiasAdd$/);
    expect(model.notes).toEqual([
      "108 of 108 weights are quantized (uint8); they are read as the numbers that they stand for.",
    ]);
    expect(findFeatures(model)).toMatchObject({ size: 1792, axis: null });
  });
});

test("a new head trains alone, and is saved as ONNX", async () => {
  const out = folderOf(fixture("mobile"));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const model = await loadBackbone(out, { inputRange: 255 });
  const data = datasetFromArrays({
    name: "noise",
    shape: [3, 15, 18],
    pixels: Uint8Array.from(noise([4, 3, 15, 18], "photographs"), (x) => Math.floor(255 * x)),
    labels: [0, 1, 0, 1],
    classNames: ["a", "b"],
  });
  const said: string[] = [];
  const head = withNewHead(model, { classNames: data.classNames });
  const options = {
    transforms: rotation({ degrees: [15] }),
    epochs: 1,
    batchSize: 2,
    onNote: (note: string) => void said.push(note),
  };
  const { model: trainedModel, trained } = await fit(head, data, options);
  expect(trained).toEqual(["head.weight", "head.bias"]);
  expect(said.join("\n")).toMatch(/is a graph model .* written as ONNX, not back into it/);
  const kept = [...model.graph.initializers].filter(([name]) => head.graph.initializers.has(name));
  expect(kept.length).toBeGreaterThan(15);
  for (const [name, tensor] of kept)
    expect(trainedModel.graph.initializers.get(name)?.data).toEqual(tensor.data);
  await saveClassifier(trainedModel, join(out, "model.onnx"));
  expect((await loadClassifier(join(out, "model.onnx"))).classNames).toEqual(["a", "b"]);
  await expect(saveClassifier(trainedModel, join(out, "model.json"))).rejects.toThrow(
    /came from no Keras file/,
  );
  // Whoever wants to trains all of it.
  const all = await fit(head, data, { ...options, trainable: "all" });
  expect(all.trained.length).toBeGreaterThan(15);
});

describe("what tensorflowjs_converter writes", () => {
  /** Height, width and channels of the images of each. */
  const nets: [name: string, image: [number, number, number], atol?: number][] = [
    ["mobile", [15, 18, 3]],
    ["mobile-uint8", [15, 18, 3]],
    ["mobile-uint16", [15, 18, 3]],
    ["mobile-float16", [15, 18, 3]],
    ["residual", [12, 12, 3]],
    ["gated", [10, 10, 3]],
    ["patches", [16, 16, 3]],
    // Sums of some hundred.
    ["arithmetic", [4, 5, 3], 1e-4],
    ["arrangement", [4, 6, 3]],
    ["resized", [6, 8, 2]],
  ];
  test.each(nets)("%s gives TensorFlow.js' numbers", async (name, image, atol = 1e-5) => {
    const files = fixture(name);
    for (const batch of [1, 3]) {
      const shape = [batch, ...image];
      const images = noise(shape, name);
      const expected = await tensorFlowOutputs(files, images, shape);
      const own = await ownOutputs(files, images, shape);
      expect(own).toHaveLength(expected.length);
      expected.forEach((numbers, i) => {
        expect(numbers.length).toBeGreaterThan(0);
        expect(own[i]).toBeAllClose(numbers, { atol });
      });
    }
  });

  test("a batch of one that the file fixes is free here, and takes bytes", async () => {
    const files = fixture("bytes");
    const images = noise([2, 4, 4, 3], "bytes").map((x) => Math.floor(255 * x));
    const own = await ownOutputs(files, images, [2, 4, 4, 3]);
    const means = [0, 1].flatMap((n) =>
      [0, 1, 2].map((c) => {
        const channel = images.filter((_, i) => Math.floor(i / 48) === n && i % 3 === c);
        return channel.reduce((a, b) => a + b, 0) / 16 / 255;
      }),
    );
    expect(own[0]).toBeAllClose(means, { atol: 1e-6 });
    expect(readGraphModel(files, "net").notes.join()).toMatch(/DT_UINT8.*--input-range 255/);
  });

  test("an open size is that of the images that are stated", () => {
    expect(() => importGraphModel(fixture("open-size"))).toThrow(
      /leaves the size of its images open.*--image-size/,
    );
    const model = importGraphModel(fixture("open-size"), { imageShape: [3, 9, 7] });
    expect(model.graph.inputs[0].shape).toEqual(["N", 3, 9, 7]);
  });

  test("an output that needs a loop is left out, and said, where another is left", () => {
    const { graph, notes } = readGraphModel(fixture("looped"), "net");
    expect(graph.outputs).toHaveLength(1);
    expect(notes.join()).toMatch(/left out: it needs Exit \(".*"\), which is not supported/);
  });

  const refused: [name: string, message: RegExp][] = [
    ["two-inputs", /takes 2 inputs \("images", "images_1"\)/],
    ["eight-at-a-time", /takes 8 images at a time/],
    ["sorted", /"PartitionedCall\/sort\/TopKV2" \(TopKV2\): this operator is not supported\.\n.*tf2onnx/],
    ["over-the-batch", /"PartitionedCall\/Mean" \(Mean\): it goes over the images of a batch\./],
  ];
  test.each(refused)("%s is refused by name", (name, message) => {
    expect(() => readGraphModel(fixture(name), "net")).toThrow(AlignregError);
    expect(() => readGraphModel(fixture(name), "net")).toThrow(message);
  });
});

describe("a folder", () => {
  const names = ["ant", "bee", "crab", "dog", "eel"];
  const dict = new TextEncoder().encode(`${names.join("\r\n")}\r\n`);
  const written = (files: Files): string => {
    const folder = folderOf(files);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };
  const picture = { data: new Uint8ClampedArray(4 * 15 * 18).fill(200), width: 18, height: 15 };

  test("is asked about pictures, by its path, its model.json's, and as a zip", async () => {
    const folder = written(new Map([...fixture("mobile"), ["dict.txt", dict]]));
    const zip = join(folder, "net.zip");
    await writeFile(zip, zipSync(Object.fromEntries([...fixture("mobile"), ["dict.txt", dict]])));
    const answers = await Promise.all(
      [folder, join(folder, "model.json"), zip].map((path) =>
        predict(path, picture, { transforms: null, inputRange: 255, onNote: () => undefined }),
      ),
    );
    const bytes = new Float32Array(15 * 18 * 3).fill(200);
    const [expected] = await tensorFlowOutputs(fixture("mobile"), bytes, [1, 15, 18, 3]);
    const greatest = Math.max(...expected);
    expect(answers[0].name).toBe(names[expected.indexOf(greatest)]);
    expect(answers[0].probability).toBeCloseTo(greatest, 4);
    for (const { name, probability } of answers) {
      expect({ name, probability }).toEqual({ name: answers[0].name, probability: answers[0].probability });
    }
  });

  test("whose model takes bytes is refused pixels in [0, 1]", async () => {
    const folder = written(fixture("mobile"));
    await expect(predict(folder, picture, { transforms: null, onNote: () => undefined })).rejects.toThrow(
      /inputRange: 255/,
    );
  });

  test("is evaluated, with the classes that dict.txt or metadata name", async () => {
    const data = datasetFromArrays({
      name: "noise",
      shape: [3, 15, 18],
      pixels: Uint8Array.from(noise([10, 3, 15, 18], "data"), (x) => Math.floor(255 * x)),
      labels: Array.from({ length: 10 }, (_, i) => i % 5),
      classNames: names,
    });
    const options = { transforms: rotation({ degrees: [90] }), inputRange: 255, onNote: () => undefined };
    const labelled = changed(fixture("mobile"), (json) => (json.userDefinedMetadata = { labels: names }));
    const scores = [];
    for (const files of [new Map([...fixture("mobile"), ["dict.txt", dict]]), labelled]) {
      const folder = written(files);
      expect((await loadClassifier(folder)).classNames).toEqual(names);
      scores.push((await evaluate(folder, data, options)).cleanAccuracy);
    }
    expect(scores[0]).toEqual(scores[1]);
  });

  test("with a list of another number of classes does not use it, and says so", async () => {
    const folder = written(new Map([...fixture("mobile"), ["dict.txt", new TextEncoder().encode("a\nb\n")]]));
    const { classNames, notes } = await loadClassifier(folder);
    expect(classNames).toBeUndefined();
    expect(notes?.join()).toMatch(/names 2 classes .* gives 5 logits; the names are not used/);
  });

  test("an old converter's, without a format or a signature, is read as well", () => {
    const old = changed(fixture("mobile"), (json) => {
      delete json.format;
      delete json.signature;
    });
    const { graph } = readGraphModel(old, "net");
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([["N", 5]]);
  });

  test("weights are opened in it alone, whole", async () => {
    const secret = await mkdtemp(join(tmpdir(), "alignreg-graph-model-"));
    onTestFinished(() => rmSync(secret, { recursive: true }));
    const [shard] = [...fixture("mobile").keys()].filter((name) => name.endsWith(".bin"));
    const away = written(fixture("mobile"));
    await rename(join(away, shard), join(secret, shard));
    await expect(loadClassifier(away)).rejects.toThrow(/cannot be read: ENOENT/);
    await symlink(join(secret, shard), join(away, shard));
    await expect(loadClassifier(away)).rejects.toThrow(/leads outside the model's folder/);
    const up = written(
      changed(fixture("mobile"), (json) => (json.weightsManifest[0].paths = [`../${shard}`])),
    );
    await expect(loadClassifier(up)).rejects.toThrow(/only files inside the model's own folder are opened/);
    const cut = written(new Map([...fixture("mobile"), [shard, fixture("mobile").get(shard)!.subarray(4)]]));
    await expect(loadClassifier(cut)).rejects.toThrow(
      /have \d+ bytes; its weights need \d+\. They are cut off/,
    );
    await expect(loadClassifier("https://tfhub.dev/net/model.json")).rejects.toThrow(
      /no model is downloaded here/,
    );
    await expect(loadBackbone("https://tfhub.dev/net/model.json")).rejects.toThrow(
      /no model is downloaded here/,
    );
  });
});

describe("a damaged model.json is refused", () => {
  const node = (json: Json, op: string): JsonNode => json.modelTopology.node.find((n) => n.op === op)!;
  const cases: [what: string, change: (json: Json) => void, message: RegExp][] = [
    ["no nodes", (json) => (json.modelTopology.node = null as never), /graph model without nodes/],
    [
      "a node without a name",
      (json) => delete (json.modelTopology.node[3] as Partial<JsonNode>).name,
      /node\[3\] has no name/,
    ],
    ["two of a name", (json) => json.modelTopology.node.push(json.modelTopology.node[0]), /two nodes named/],
    [
      "an input that is no text",
      (json) => (node(json, "Softmax").input = [7 as never]),
      /input that is no name/,
    ],
    [
      "a name that no node has",
      (json) => (node(json, "Softmax").input = ["gone"]),
      /takes "gone", which no node makes/,
    ],
    [
      "the second output of one",
      (json) => (node(json, "Softmax").input![0] += ":1"),
      /output 1 of .* not made here/,
    ],
    ["a circle", (json) => (node(json, "Softmax").input = [node(json, "Identity").name]), /in a circle/],
    [
      "an input too few",
      (json) => (node(json, "_FusedMatMul").input!.length = 1),
      /\(_FusedMatMul\): it lacks its input 1/,
    ],
    [
      "text that is no base64",
      (json) => (node(json, "_FusedConv2D").attr.padding = { s: "§" }),
      /"padding" must be text in base64/,
    ],
    [
      "text of another padding",
      (json) => (node(json, "_FusedConv2D").attr.padding = { s: btoa("CAUSAL") }),
      /padding "CAUSAL"/,
    ],
    [
      "channels first",
      (json) => (node(json, "_FusedConv2D").attr.data_format = { s: btoa("NCHW") }),
      /NCHW; only channels last/,
    ],
    [
      "strides that are words",
      (json) => (node(json, "_FusedConv2D").attr.strides = { list: { i: ["x"] } }),
      /"strides" must be a whole number/,
    ],
    [
      "strides over images",
      (json) => (node(json, "_FusedConv2D").attr.strides = { list: { i: [2, 1, 1, 1] } }),
      /strides are \[2, 1, 1, 1\]/,
    ],
    [
      "an unknown fused operator",
      (json) =>
        (node(json, "_FusedConv2D").attr.fused_ops = { list: { s: [btoa("BiasAdd"), btoa("Mish")] } }),
      /fused to it, "Mish"/,
    ],
    [
      "a constant without weights",
      (json) =>
        void json.weightsManifest[0].weights.splice(-1, 1, {
          name: "other",
          dtype: "float32",
          shape: json.weightsManifest[0].weights.at(-1)!.shape,
        }),
      /weights of its constant ".*" are missing/,
    ],
    [
      "weights of words",
      (json) => (json.weightsManifest[0].weights[0].dtype = "string"),
      /type "string", which is not read/,
    ],
    [
      "images of two axes",
      (json) =>
        (node(json, "Placeholder").attr.shape = { shape: { dim: [{ size: "-1" }, { size: "784" }] } }),
      /takes \[N, 784\]; an image classifier takes images/,
    ],
    [
      "a shape that does not fit",
      (json) =>
        (node(json, "Placeholder").attr.shape = {
          shape: { dim: [-1, 15, 18, 4].map((size) => ({ size })) },
        }),
      /\(_FusedConv2D\): .*do not fit/,
    ],
    [
      "images of words",
      (json) => (node(json, "Placeholder").attr.dtype = { type: "DT_STRING" }),
      /numbers of the type DT_STRING/,
    ],
    [
      "a custom operator",
      (json) => (node(json, "Relu6").op = "constructor"),
      /\(constructor\): this operator is not supported/,
    ],
    [
      "too deep",
      (json) => (json.signature = JSON.parse("[".repeat(600) + "]".repeat(600)) as never),
      /brackets deep/,
    ],
  ];
  test.each(cases)("%s", (_, change, message) => {
    const files = changed(fixture("mobile"), change);
    expect(() => readGraphModel(files, "net")).toThrow(AlignregError);
    expect(() => readGraphModel(files, "net")).toThrow(message);
  });

  test("a chain of twenty thousand nodes is read without running out of stack", () => {
    const deep = changed(fixture("mobile"), (json) => {
      const last = node(json, "Softmax");
      for (let i = 0; i < 20_000; i++) {
        json.modelTopology.node.push({
          name: `same${i}`,
          op: "Identity",
          input: [i === 0 ? last.input![0] : `same${i - 1}`],
          attr: {},
        });
      }
      last.input = ["same19999"];
    });
    expect(readGraphModel(deep, "net").graph.outputs).toHaveLength(1);
  });
});

test("values have the names that the model has for them", async () => {
  const { graph } = readGraphModel(fixture("residual"), "net");
  const relu = graph.nodes.find(({ opType }) => opType === "Relu")!.outputs[0];
  expect(relu).toMatch(/re_lu.*\/Relu$/);
  const run = await innerValues(graph, [relu], { [graph.inputs[0].name]: float32([1, 3, 12, 12]) });
  expect(numbersOf(run[relu])).toHaveLength(12 * 12 * 6);
});

test("a hard swish that the converter fused is one, which TensorFlow.js itself does not run", async () => {
  const { graph } = readGraphModel(
    changed(fixture("gated"), (json) => {
      const conv = json.modelTopology.node.find(({ op }) => op === "_FusedConv2D")!;
      conv.attr.fused_ops = { list: { s: [btoa("BiasAdd"), btoa("_FusedHardSwish")] } };
    }),
    "net",
  );
  const { inputs } = graph.nodes.find(({ opType }) => opType === "HardSigmoid")!;
  const { outputs } = graph.nodes.find((node) => node.opType === "Mul" && node.inputs[0] === inputs[0])!;
  const images = float32([1, 3, 10, 10], noise([1, 3, 10, 10], "hard swish"));
  const run = await innerValues(graph, [inputs[0], outputs[0]], { [graph.inputs[0].name]: images });
  const [x, y] = [inputs[0], outputs[0]].map((name) => numbersOf(run[name]));
  expect(y).toBeAllClose(
    x.map((v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6),
    { atol: 1e-6 },
  );
});
