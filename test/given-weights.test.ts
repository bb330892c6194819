/** Weights by name, and safetensors files of outside origin. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { pytorchCase } from "./pytorch-case.ts";
import { loadClassifier, saveWeights } from "../src/api/index.ts";
import { readSafetensors, writeSafetensors } from "../src/onnx/index.ts";
import { type Tensor, UsageError, float32, random, tensor } from "../src/tensor/index.ts";

const file = pytorchCase("resnet18-training-opset17-dynamic").model;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "alignreg-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("our own weights go back in; other numbers take the place of the file's", async () => {
  const path = join(folder(), "weights.safetensors");
  const classifier = await loadClassifier(file);
  await saveWeights(classifier, path);
  const weights = readSafetensors(new Uint8Array(readFileSync(path)), path);
  const bias = weights.get("linear.bias")!;
  weights.set(
    "linear.bias",
    float32(
      bias.shape,
      Float32Array.from(bias.data as Float32Array, (v) => v + 1),
    ),
  );
  weights.set("bn1.num_batches_tracked", tensor("int64", [], BigInt64Array.of(7n)));
  writeFileSync(path, writeSafetensors(weights));
  const loaded = await loadClassifier(file, { weights: path });
  expect(loaded.graph.initializers.get("linear.bias")!.data).toEqual(weights.get("linear.bias")!.data);
  expect(loaded.graph.initializers.get("conv1.weight")!.data).toEqual(
    classifier.graph.initializers.get("conv1.weight")!.data,
  );
  expect(loaded.notes).toEqual(classifier.notes);
});

describe("nothing is guessed", () => {
  const one = float32([1], [1]);
  test.each<[string, Record<string, Tensor>, RegExp]>([
    [
      "a prefix",
      { "module.linear.bias": one },
      /1 of its 1 tensors are not in the graph \(module\.linear\.bias\)/,
    ],
    [
      "another number of classes",
      { "linear.bias": one },
      /"linear\.bias" is float32 \[1\] there and float32 \[\d+\]/,
    ],
    ["nothing", {}, /it holds no weights/],
  ])("%s", async (_, tensors, message) => {
    const path = join(folder(), "w.safetensors");
    writeFileSync(path, writeSafetensors(new Map(Object.entries(tensors))));
    await expect(loadClassifier(file, { weights: path })).rejects.toThrow(message);
  });

  test("an index reads its files, and none outside its folder; what is missing stays, with a note", async () => {
    const path = folder();
    const bias = (await loadClassifier(file)).graph.initializers.get("linear.bias")!;
    writeFileSync(join(path, "a.safetensors"), writeSafetensors(new Map([["linear.bias", bias]])));
    const index = join(path, "model.safetensors.index.json");
    writeFileSync(index, JSON.stringify({ weight_map: { "linear.bias": "a.safetensors" } }));
    const { notes } = await loadClassifier(file, { weights: index });
    expect(notes!.at(-1)).toMatch(/has nothing for \d+ tensors of .*, which keep the file's own numbers/);
    writeFileSync(index, JSON.stringify({ weight_map: { "linear.bias": "../a.safetensors" } }));
    await expect(loadClassifier(file, { weights: index })).rejects.toThrow(
      /"\.\.\/a\.safetensors", .*cannot be read/,
    );
  });
});

/** A file of one tensor "a". */
function fileOf(dtype: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(
    JSON.stringify({ a: { dtype, shape, data_offsets: [0, data.length] } }),
  );
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test("F16, BF16 and F64 become float32", () => {
  const values = (dtype: string, data: ArrayBufferView, count: number) => [
    ...(readSafetensors(fileOf(dtype, [count], bytesOf(data)), "w").get("a")!.data as Float32Array),
  ];
  expect(values("F16", Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff), 4)).toEqual([1, -2, 2 ** -24, 65504]);
  expect(values("BF16", Uint16Array.of(0x3f80, 0xc000, 0x0001), 3)).toEqual([1, -2, 2 ** -133]);
  expect(values("F64", Float64Array.of(0.1), 1)).toEqual([Math.fround(0.1)]);
  expect(() => values("F64", Float64Array.of(1e300), 1)).toThrow(
    /holds 1e\+300, which is no weight of float32/,
  );
  expect(() => values("F8_E4M3", Uint8Array.of(0), 1)).toThrow(/of type F8_E4M3/);
});

test("damaged files are errors in words, whatever byte is wrong", () => {
  const good = writeSafetensors(
    new Map<string, Tensor>([
      ["a", float32([2], [1, 2])],
      ["b", float32([], [3])],
    ]),
  );
  const rng = random(0, "safetensors");
  for (let i = 0; i < 3000; i++) {
    const bad = Uint8Array.from(
      good.subarray(0, i % 3 === 0 ? Math.floor(rng.uniform() * good.length) : good.length),
    );
    for (let k = 0; k < 3 && bad.length > 0; k++) {
      bad[Math.floor(rng.uniform() * Math.min(bad.length, 130))] = Math.floor(rng.uniform() * 256);
    }
    try {
      readSafetensors(bad, "w");
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
    }
  }
});
