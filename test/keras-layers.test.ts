/** Each layer and operation of Keras beside Keras itself: test/fixtures/keras-layers.json, of tools/frameworks/keras_layers.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { classifierOf } from "../src/keras/index.ts";
import type { StoredModel } from "../src/keras/archive/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { type ImageBatch, type Tensor, float32, tensor } from "../src/tensor/index.ts";
import { classifierGradients } from "./classifier-gradients.ts";

interface Packed {
  readonly dtype: "float32" | "int64" | "int32" | "uint32";
  readonly shape: readonly number[];
  /** Base64 of the numbers, little-endian. */
  readonly data: string;
}

interface Case {
  readonly name: string;
  readonly config: unknown;
  readonly tensors: Readonly<Record<string, Packed>>;
  readonly images: Packed;
  readonly logits: Packed;
  /** By the weight's place in the file. */
  readonly gradients: Readonly<Record<string, Packed>>;
}

const path = join(import.meta.dirname, "fixtures", "keras-layers.json");
const { keras, labels, cases } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly keras: string;
  readonly labels: readonly number[];
  readonly cases: readonly Case[];
};

function unpacked({ dtype, shape, data }: Packed): Tensor {
  const bytes = Buffer.from(data, "base64");
  if (dtype !== "float32") return tensor("uint32", shape);
  return float32(
    shape,
    new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  );
}

/** As a file gives it; what is written is the numbers by their place. */
function storedModel({ config, tensors }: Case): StoredModel & { readonly written: Map<string, Tensor> } {
  const written = new Map<string, Tensor>();
  return {
    format: "keras",
    config,
    kerasVersion: keras,
    tensors: new Map(Object.entries(tensors).map(([place, packed]) => [place, unpacked(packed)])),
    layerWeights: new Map(),
    layerNames: new Map(),
    notes: [],
    withTensors: (values) => {
      values.forEach((value, place) => written.set(place, value));
      return new Map();
    },
    written,
  };
}

/** [N, H, W, C] -> [N, C, H, W]. */
function planar(packed: Packed): ImageBatch {
  const [n, height, width, channels] = packed.shape;
  const from = unpacked(packed).data as Float32Array;
  const area = height * width;
  const data = from.map((_, i) => {
    const [image, rest] = [Math.floor(i / (area * channels)), i % (area * channels)];
    return from[(image * area + (rest % area)) * channels + Math.floor(rest / area)];
  });
  return { data, shape: [n, channels, height, width] };
}

const largestOf = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

test.each(cases)("$name: logits and gradients of all weights as Keras's", async (one) => {
  const stored = storedModel(one);
  const { classifier, written } = classifierOf(stored);
  const images = planar(one.images);
  const session = await openClassifier(classifier.graph, { threads: 1 });
  const logits = await session.predict(images).finally(() => session.release());
  const expected = unpacked(one.logits).data as Float32Array;
  expect(largestOf(expected)).toBeGreaterThan(0.1);
  expect(logits).toBeAllClose(expected, { atol: 1e-5 * largestOf(expected) });

  const names = JSON.parse(classifier.metadata!["alignreg.parameters"]) as string[];
  const found = await classifierGradients(classifier, names, images, labels);
  // The gradients go home as weights do: by their places, in Keras' order of axes.
  const { initializers } = classifier.graph;
  written(new Map(names.map((name) => [name, float32(initializers.get(name)!.shape, found.get(name))])));
  const gradients = Object.entries(one.gradients).map(
    ([place, packed]) => [place, unpacked(packed)] as const,
  );
  expect([...stored.written.keys()].sort()).toEqual(gradients.map(([place]) => place).sort());
  const largest = Math.max(...gradients.map(([, { data }]) => largestOf(data as Float32Array)));
  for (const [place, { data, shape }] of gradients) {
    expect(stored.written.get(place)!.shape, place).toEqual(shape);
    expect(stored.written.get(place)!.data, place).toBeAllClose(data as Float32Array, {
      atol: 1e-4 * Math.max(largestOf(data as Float32Array), 0.01 * largest),
    });
  }
});
