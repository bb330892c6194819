/** Keras' own exports to ONNX, on each of its backends (tools/fixtures/keras_exports.py). */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fit, inspectTensors, loadClassifier, tryStep } from "../src/api/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { openClassifier } from "../src/runtime/index.ts";

const path = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/keras-exports/${name}`, import.meta.url));
const inspected = async (name: string) => inspectTensors(await loadClassifier(path(`${name}.onnx`)));
const trained = async (name: string) => (await inspected(name)).tensors.filter(({ trains }) => trains);

// conv 108, norm 4 + 4, depthwise 36 + 4, norm (4) + 4, dense 80, norm 5 (+ 5), dense 15 + 3
const learnt = 263;

interface Steps {
  readonly steps: number;
  readonly learningRate: number;
  readonly pixels: readonly number[];
  readonly labels: readonly number[];
  readonly logSoftmax: readonly number[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
}
const steps = JSON.parse(readFileSync(path("model-jax.json"), "utf8")) as Steps;

/** [N, H, W, C] bytes as [N, C, H, W]. */
const planar = Uint8Array.from({ length: steps.pixels.length }, (_, i) => {
  const [n, c, at] = [Math.floor(i / 192), Math.floor((i % 192) / 64), i % 64];
  return steps.pixels[n * 192 + at * 3 + c];
});

describe("JAX", () => {
  test.each(["model", "model-fresh"])(
    "%s: every variable is found, and BatchNormalization put together again",
    async (name) => {
      const { tensors, notes } = await inspected(`${name}-jax`);
      const sum = (kind: string) =>
        tensors
          .filter((t) => t.kind === kind)
          .reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
      expect(
        tensors
          .filter(({ trains }) => trains)
          .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
      ).toBe(learnt);
      expect(sum("statistics")).toBe(2 * (4 + 4 + 5));
      expect(notes).toEqual([
        expect.stringMatching(
          /^3 BatchNormalizations that the exporter wrote out .*momentum of 0\.99.*\.keras/,
        ),
        expect.stringMatching(/^10 of the parameters have no name of Keras'.*model\.save\("net\.keras"\)/),
      ]);
    },
  );

  test("the restored graph gives Keras' predictions, and three steps give Keras' weights", async () => {
    const classifier = await loadClassifier(path("model-jax.onnx"));
    const session = await openClassifier(classifier.graph, { output: classifier.logits });
    const pixels = Float32Array.from(planar, (byte) => byte / 255);
    const logits = await session.predict({ data: pixels, shape: [12, 3, 8, 8] });
    await session.release();
    for (let row = 0; row < 12; row++) {
      const z = [...logits.subarray(3 * row, 3 * row + 3)];
      const total = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
      z.forEach((value, k) => expect(value - total).toBeCloseTo(steps.logSoftmax[3 * row + k], 5));
    }
    const data = datasetFromArrays({
      name: "twelve",
      pixels: planar,
      labels: Uint8Array.from(steps.labels),
      shape: [3, 8, 8] as const,
      classNames: ["a", "b", "c"],
    });
    const { model } = await fit(classifier, data, {
      method: "base",
      optimizer: "sgd",
      learningRate: steps.learningRate,
      batchSize: 12,
      epochs: steps.steps,
      inputRange: 1,
      onNote: () => undefined,
    });
    const own = inKerasOrder(steps.weights);
    own.forEach((values, i) => {
      const found = model.graph.initializers.get(`const_${i}`)!.data as Float32Array;
      const largest = Math.max(...values.map(Math.abs));
      expect(found).toHaveLength(values.length);
      values.forEach((value, at) => expect(Math.abs(found[at] - value) / largest).toBeLessThan(2e-5));
    });
  });

  test("a graph that ONNX Runtime does not run is told from one that cannot be trained", async () => {
    const classifier = await loadClassifier(path("pooled-jax.onnx"));
    await expect(tryStep(classifier, "pooled.onnx", { shape: [3, 8, 8] })).rejects.toThrow(
      /^pooled\.onnx is not run by ONNX Runtime on 3×8×8 images, with training or without: .*pooling size\. .*\.keras file\.$/,
    );
  });
});

/** jax2onnx's order: BatchNormalization's mean and variance come before its scale and bias. */
function inKerasOrder(weights: Steps["weights"]): (readonly number[])[] {
  const layerOf = (name: string) => name.split("/").slice(0, -1).join("/");
  const layers = [...new Set(Object.keys(weights).map(layerOf))];
  return layers.flatMap((layer) =>
    ["moving_mean", "moving_variance", "gamma", "beta", "kernel", "bias"].flatMap((kind) => {
      const values = weights[`${layer}/${kind}`] as readonly number[] | undefined;
      return values ? [values] : [];
    }),
  );
}

describe("PyTorch", () => {
  test.each(["model", "model-fresh"])(
    "%s: biases and BatchNormalization behind Cast train, its means stay",
    async (name) => {
      const { tensors, notes } = await inspected(`${name}-torch`);
      const trains = tensors.filter((tensor) => tensor.trains);
      // The layer without a scale has the deviation's reciprocal for one.
      expect(trains.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)).toBe(learnt + 4);
      expect(tensors.filter(({ why }) => /^mean of/.test(why))).toHaveLength(3);
      expect(notes.join("\n")).toMatch(
        /BatchNormalization of 3 layers \(onnx::Sub_\* \(3×\)\) is in the file as fixed numbers/,
      );
      expect(notes.join("\n")).not.toMatch(/TrainingMode|folded/);
    },
  );
});

describe("TensorFlow", () => {
  test("BatchNormalization's layers are named, what is left of them trains", async () => {
    const { tensors, notes } = await inspected("model-tensorflow");
    expect(notes[0]).toMatch(
      /BatchNormalization of 3 layers \(sequential_1\/first_norm_1, sequential_1\/depthwise_norm_1, sequential_1\/hidden_norm_1\)/,
    );
    expect(notes.join("\n")).not.toMatch(/TrainingMode|folded/);
    expect(tensors.filter(({ why }) => /^deviation of/.test(why))).toHaveLength(1);
    // The limits of ReLU6 are no parameters.
    expect(tensors.filter(({ trains, shape }) => trains && shape.length === 0)).toEqual([]);
  });

  test("constants of a Normalization layer that tf2onnx made inputs of", async () => {
    await expect(loadClassifier(path("normalized-tensorflow.onnx"))).rejects.toThrow(
      /has 3 inputs, of which .*Sub\/y:0, .*Sqrt\/x:0 are constants that the exporter lost.*--saved-model net --opset 17/,
    );
  });
});

test.each(["plain-jax", "plain-fresh-jax", "plain-tensorflow", "plain-fresh-tensorflow"])(
  "%s: LayerNormalization and a single unit train whole",
  async (name) => {
    const shapes = (await trained(name)).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    // An untrained single unit's bias, and a convolution's, are zeros that tf2onnx leaves out.
    const all = [1, 4, 4, 4, 4, 108];
    expect(shapes.sort((a, b) => a - b)).toEqual(name === "plain-fresh-tensorflow" ? shapes : all);
    expect(shapes).toContain(108);
  },
);
