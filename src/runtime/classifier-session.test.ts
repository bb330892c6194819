import { describe, expect, test } from "vitest";
import { buildClassifier, lenet } from "../models/index.ts";
import { type Graph, GraphBuilder, ModelError, type Value, modelOf, writeModel } from "../onnx/index.ts";
import { type DType, type ImageBatch, UsageError, float32, random, sizeOf } from "../tensor/index.ts";
import { RuntimeError, openClassifier } from "./index.ts";

const IMAGE = [2, 3, 4] as const;
const FEATURES = sizeOf(IMAGE);
const CLASSES = 5;

const weights = (() => {
  const rng = random(1, "weights");
  return Float32Array.from({ length: FEATURES * CLASSES }, () => rng.normal());
})();

const imagesOf = (count: number): ImageBatch => {
  const rng = random(2, "images");
  const data = Float32Array.from({ length: count * FEATURES }, () => rng.uniform());
  return { data, shape: [count, ...IMAGE] };
};

/** Logits of the linear classifier, computed here. */
const expected = ({ data, shape: [count] }: ImageBatch) =>
  Array.from({ length: count * CLASSES }, (_, at) => {
    const [n, k] = [Math.floor(at / CLASSES), at % CLASSES];
    let sum = 0;
    for (let j = 0; j < FEATURES; j++) sum += data[n * FEATURES + j] * weights[j * CLASSES + k];
    return sum;
  });

interface LinearOptions {
  readonly batch?: number | "N";
  readonly channelsLast?: boolean;
}

/** A linear classifier on [C, H, W] features, whatever layout and batch its input has. */
function linear({ batch = "N", channelsLast = false }: LinearOptions = {}): Graph {
  const [c, h, w] = IMAGE;
  const fixed = typeof batch === "number" ? batch : 1;
  const shape = channelsLast ? [h, w, c] : [c, h, w];
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [fixed, ...shape]);
  const planar = channelsLast ? g.transpose(x, [0, 3, 1, 2]) : x;
  const flat = g.op1("Flatten", [planar], { axis: 1 }, { outputs: ["flat"] });
  const logits = g.matMul(flat, g.initializer("w", float32([FEATURES, CLASSES], weights)));
  const graph = g.build("linear", { logits, doubled: g.scale(logits, 2) });
  const withBatch = (info: Graph["inputs"][number]) => ({ ...info, shape: [batch, ...info.shape!.slice(1)] });
  return { ...graph, inputs: graph.inputs.map(withBatch), outputs: graph.outputs.map(withBatch) };
}

async function predict(graph: Graph, images: ImageBatch, output?: string) {
  const session = await openClassifier(graph, { output, threads: 1 });
  try {
    return await session.predict(images);
  } finally {
    await session.release();
  }
}

describe("a classifier predicts the same logits", () => {
  test.each<[string, LinearOptions]>([
    ["with any batch, channels first", {}],
    ["with any batch, channels last", { channelsLast: true }],
    ["with a batch of 1", { batch: 1 }],
    ["with a batch of 32", { batch: 32 }],
    ["with a batch of 32, channels last", { batch: 32, channelsLast: true }],
  ])("%s", async (_, options) => {
    for (const count of [1, 32, 70]) {
      const images = imagesOf(count);
      expect(await predict(linear(options), images)).toBeAllClose(expected(images), { atol: 1e-5 });
    }
  });

  test("from a graph and from the bytes of its file", async () => {
    const images = imagesOf(3);
    const session = await openClassifier(writeModel(modelOf(linear())));
    expect(await session.predict(images)).toEqual(await predict(linear(), images));
    await session.release();
  });

  test("and none of no images", async () => {
    expect(await predict(linear(), imagesOf(0))).toHaveLength(0);
  });
});

describe("output", () => {
  const images = imagesOf(3);

  test("is the first one unless another is named", async () => {
    const doubled = expected(images).map((v) => 2 * v);
    expect(await predict(linear(), images)).toBeAllClose(expected(images), { atol: 1e-5 });
    expect(await predict(linear(), images, "logits")).toBeAllClose(expected(images), { atol: 1e-5 });
    expect(await predict(linear(), images, "doubled")).toBeAllClose(doubled, { atol: 1e-5 });
  });

  test("may be an inner tensor", async () => {
    expect(await predict(linear(), images, "flat")).toEqual(images.data);
  });

  test("that is not there is a ModelError with the names of those that are", async () => {
    await expect(openClassifier(linear(), { output: "probabilities" })).rejects.toThrow(ModelError);
    await expect(openClassifier(linear(), { output: "probabilities" })).rejects.toThrow(
      /no tensor "probabilities"\. Its outputs are: logits, doubled/,
    );
  });

  const other = (body: (g: GraphBuilder, images: Value) => Value) =>
    buildClassifier("other", IMAGE, body).graph;

  test("must be float32 and begin with the batch", async () => {
    const indices = other((g, x) => g.op1("ArgMax", [g.op1("Flatten", [x])], { axis: 1, keepdims: 0 }));
    await expect(predict(indices, images)).rejects.toThrow(/"logits" is int64 \[3\]; logits are float32/);
    const summed = other((g, x) => g.sum(x, [0], { keep: true }));
    await expect(predict(summed, images)).rejects.toThrow(UsageError);
  });
});

describe("embedding", () => {
  const images = imagesOf(5);

  async function embed(graph: Graph, options: { output?: string; embedding?: string }) {
    const session = await openClassifier(graph, { ...options, threads: 1 });
    try {
      return await session.predictWithEmbeddings(images);
    } finally {
      await session.release();
    }
  }

  test("is an output or an inner tensor, beside the logits of the same images", async () => {
    for (const batch of ["N", 1, 3, 32] as const) {
      const inner = await embed(linear({ batch }), { embedding: "flat" });
      expect(inner.embeddings).toEqual(images.data);
      expect(inner.logits).toBeAllClose(expected(images), { atol: 1e-5 });
    }
    const doubled = await embed(linear(), { embedding: "doubled" });
    expect(doubled.embeddings).toBeAllClose(expected(images).map((v) => 2 * v), { atol: 1e-5 }); // prettier-ignore
    const swapped = await embed(linear(), { output: "flat", embedding: "logits" });
    expect(swapped.logits).toEqual(images.data);
    expect(swapped.embeddings).toBeAllClose(expected(images), { atol: 1e-5 });
  });

  test("is the logits unless one is named", async () => {
    const { logits, embeddings } = await embed(linear(), {});
    expect(embeddings).toEqual(logits);
  });

  test("of any shape has its numbers in one row per image", async () => {
    const planar = linear({ channelsLast: true });
    const [transpose] = planar.nodes;
    const { embeddings } = await embed(planar, { embedding: transpose.outputs[0] });
    expect(embeddings).toEqual(images.data);
  });

  test("that is not there is a ModelError with tensors that are", async () => {
    await expect(openClassifier(linear(), { embedding: "fc2" })).rejects.toThrow(ModelError);
    await expect(openClassifier(linear(), { embedding: "fc2" })).rejects.toThrow(
      'The model has no tensor "fc2". Its outputs are: logits, doubled. The last of its inner tensors are: flat.',
    );
  });

  test("must have a row for each image", async () => {
    const { graph } = buildClassifier("summed", IMAGE, (g, x) => {
      const logits = g.op1("Flatten", [x], { axis: 1 });
      const sum = g.op1("Transpose", [logits], { perm: [1, 0] }, { outputs: ["turned"] });
      return g.add(
        logits,
        g.scale(g.sum(g.op1("Transpose", [sum], { perm: [1, 0] }), [1], { keep: true }), 0),
      );
    });
    await expect(embed(graph, { embedding: "turned" })).rejects.toThrow(
      'The tensor "turned" is float32 [24,5]; embeddings are float32 [N, …] with N = 5 here. ' +
        "Name the right tensor with --embedding.",
    );
  });
});

describe("what is no image classifier is refused", () => {
  const withInputs = (inputs: [name: string, dtype: DType, shape: number[]][]): Graph => {
    const g = new GraphBuilder();
    const values = inputs.map(([name, dtype, shape]) => g.cast(g.input(name, dtype, shape), "float32"));
    return g.build(
      "odd",
      values.map((value) => g.op1("Relu", [value])),
    );
  };

  test.each<[string, [string, DType, number[]][], RegExp]>([
    [
      "two inputs",
      [
        ["x", "float32", [1, 2, 3, 4]],
        ["scale", "float32", [1]],
      ],
      /one input; this model has 2 \(x: float32 \[1,2,3,4\], scale: float32 \[1\]\)/,
    ],
    ["bytes", [["x", "uint8", [1, 2, 3, 4]]], /takes float32 .* this model takes x: uint8/],
    ["a vector", [["x", "float32", [1, 24]]], /takes float32 \[N, C, H, W\]/],
  ])("%s", async (_, inputs, message) => {
    await expect(openClassifier(withInputs(inputs))).rejects.toThrow(UsageError);
    await expect(openClassifier(withInputs(inputs))).rejects.toThrow(message);
  });

  test("images of another size", async () => {
    const images: ImageBatch = { data: new Float32Array(3 * 784), shape: [3, 1, 28, 28] };
    await expect(predict(linear(), images)).rejects.toThrow(UsageError);
    await expect(predict(linear(), images)).rejects.toThrow(
      /takes \[N,2,3,4\]; the images are \[N, 1,28,28\]/,
    );
  });

  test("bytes that are no model", async () => {
    await expect(openClassifier(Uint8Array.of(1, 2, 3))).rejects.toThrow(RuntimeError);
  });
});

test("many classifiers can be opened, used and released in turn", async () => {
  const images: ImageBatch = { data: new Float32Array(784).fill(0.5), shape: [1, 1, 28, 28] };
  for (let seed = 0; seed < 3; seed++) {
    expect(await predict(lenet({ seed }).graph, images)).toHaveLength(10);
  }
});
