import { describe, expect, test } from "vitest";
import { ModelError } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { filesOfLayers, readLayersFolder } from "./index.ts";

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const topology = { class_name: "Sequential", config: {}, keras_version: "tfjs-layers 4.22.0" };

interface Weight {
  name: string;
  shape: unknown;
  dtype: string;
  quantization?: unknown;
  group?: string;
}

/** A folder of one group, its bytes split into files of the given lengths. */
function folderOf(
  weights: readonly Weight[],
  bytes: Uint8Array,
  lengths: readonly number[] = [bytes.length],
) {
  let start = 0;
  const files = lengths.map((length, index): [string, Uint8Array] => {
    start += length;
    return [`shard${index}.bin`, bytes.slice(start - length, start)];
  });
  const manifest = [{ paths: files.map(([path]) => path), weights }];
  return new Map([["model.json", encoded({ modelTopology: topology, weightsManifest: manifest })], ...files]);
}

const bytesOf = (data: Float32Array | Uint16Array): Uint8Array => new Uint8Array(data.buffer.slice(0));
const weight = (name: string, shape: readonly number[], more: Partial<Weight> = {}): Weight => ({
  name,
  shape,
  dtype: "float32",
  ...more,
});

test("weights cross the borders of files", () => {
  const weights = [weight("a", [2, 2]), weight("b", [])];
  const files = folderOf(weights, bytesOf(Float32Array.of(1, 2, 3, 4, 5)), [3, 0, 10, 7]);
  const model = readLayersFolder(files, "net");
  expect(model.config).toEqual(topology);
  expect(model.tensors).toEqual(
    new Map([
      ["a", float32([2, 2], [1, 2, 3, 4])],
      ["b", float32([], [5])],
    ]),
  );
  const written = model.withTensors(new Map([["a", float32([2, 2], [6, 7, 8, 9])]]));
  expect([...written].map(([path, bytes]) => [path, bytes.length])).toEqual(
    [...files].map(([path, bytes]) => [path, bytes.length]),
  );
  expect(readLayersFolder(written, "net").tensors.get("a")?.data).toEqual(Float32Array.of(6, 7, 8, 9));
});

test("a name that begins with ./ is one of the folder", () => {
  const [[, json], [name, bytes]] = folderOf([weight("a", [1])], bytesOf(Float32Array.of(3)));
  const named = encoded(JSON.parse(new TextDecoder().decode(json).replace(name, `./${name}`)));
  expect(filesOfLayers(named, "net")).toMatchObject([{ paths: [name] }]);
  const model = readLayersFolder(
    new Map([
      ["model.json", named],
      [name, bytes],
    ]),
    "net",
  );
  const again = model.withTensors(new Map([["a", float32([1], [4])]]));
  expect(readLayersFolder(again, "net").tensors.get("a")?.data).toEqual(Float32Array.of(4));
});

test("quantized weights stand for numbers, and are written as these", () => {
  const weights = [
    weight("byte", [4], { quantization: { dtype: "uint8", scale: 0.5, min: -1 } }),
    weight("half", [4], { quantization: { dtype: "float16", original_dtype: "float32" } }),
  ];
  // 1, −2, the smallest and the largest number of half precision.
  const halves = bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff));
  const model = readLayersFolder(folderOf(weights, Uint8Array.of(0, 1, 2, 255, ...halves), [5, 7]), "net");
  expect([...model.tensors.values()].map(({ data }) => [...(data as Float32Array)])).toEqual([
    [-1, -0.5, 0, 126.5],
    [1, -2, 2 ** -24, 65504],
  ]);
  expect(model.notes[0]).toMatch(/^2 of 2 weights are quantized \(uint8\)/);
  const values = new Map([["byte", float32([4], [1, 2, 3, 4])]]);
  const again = readLayersFolder(model.withTensors(values), "net");
  expect(again.tensors).toEqual(new Map([...model.tensors, ...values]));
  expect(again.notes).toEqual([]);
});

test("an optimizer's state is no weight, and stays", () => {
  const weights = [weight("a", [1]), weight("Adam/iter", [1], { group: "optimizer" })];
  const model = readLayersFolder(folderOf(weights, bytesOf(Float32Array.of(1, 2))), "net");
  expect([...model.tensors.keys()]).toEqual(["a"]);
  expect(model.notes.join()).toMatch(/optimizer's state/);
  const written = model.withTensors(new Map([["a", float32([1], [3])]])).get("shard0.bin")!;
  expect(written).toEqual(bytesOf(Float32Array.of(3, 2)));
});

test("the configuration lies where the converter puts it, too, and has Python's numbers", () => {
  const json = `{"modelTopology": {"keras_version": "3.15.1", "model_config": {"config": {"most": Infinity, "least": -Infinity,
    "text": "NaN, Infinity", "none": NaN}}}, "weightsManifest": []}`;
  const model = readLayersFolder(new Map([["model.json", new TextEncoder().encode(json)]]), "net");
  expect(model.kerasVersion).toBe("3.15.1");
  expect(model.config).toEqual({
    config: { most: Infinity, least: -Infinity, text: "NaN, Infinity", none: null },
  });
});

describe("refused", () => {
  const paths = [
    "../w.bin",
    "/w.bin",
    "a/../w.bin",
    "a\\w.bin",
    "C:w.bin",
    "https://host/w",
    "",
    "a//b",
    "./../w.bin",
    "././a",
    ".//w.bin",
    7,
    null,
  ];
  test.each(paths)("the file %j", (path) => {
    const json = encoded({ modelTopology: topology, weightsManifest: [{ paths: [path], weights: [] }] });
    expect(() => filesOfLayers(json, "net")).toThrow(ModelError);
    expect(() => filesOfLayers(json, "net")).toThrow(/only files inside the model's own folder/);
  });

  const one = bytesOf(Float32Array.of(1));
  const cases: [string, ReadonlyMap<string, Uint8Array>, RegExp][] = [
    ["no model.json", new Map(), /it has no model\.json/],
    ["a graph model", new Map([["model.json", encoded({ format: "graph-model" })]]), /graph model/],
    [
      "Keras' weights in pieces",
      new Map([["model.json", encoded({ weight_map: {} })]]),
      /without their layers/,
    ],
    ["a list", new Map([["model.json", encoded([])]]), /no modelTopology/],
    ["weights that are cut off", folderOf([weight("a", [2])], one), /have 4 bytes; its weights need 8/],
    [
      "weights that are missing",
      new Map([...folderOf([weight("a", [1])], one)].slice(0, 1)),
      /"shard0.bin" is missing/,
    ],
    ["one name twice", folderOf([weight("a", [1]), weight("a", [0])], one), /names the weight "a" twice/],
    ["text", folderOf([weight("a", [1], { dtype: "string" })], one), /type "string"/],
    ["a shape of no number", folderOf([weight("a", [-1])], one), /shape \[-1\]/],
    ["a shape beyond all numbers", folderOf([weight("a", [2 ** 40, 2 ** 40])], one), /shape/],
    [
      "more than memory",
      folderOf([weight("a", [2 ** 40])], one),
      /have 4 bytes; its weights need 4398046511104/,
    ],
    [
      "an odd quantization",
      folderOf([weight("a", [1], { quantization: { dtype: "int4" } })], one),
      /quantized as/,
    ],
    [
      "brackets without end",
      new Map([["model.json", new TextEncoder().encode("[".repeat(1e6))]]),
      /brackets deep/,
    ],
  ];
  test.each(cases)("%s", (_, files, message) => {
    expect(() => readLayersFolder(files, "net")).toThrow(ModelError);
    expect(() => readLayersFolder(files, "net")).toThrow(message);
  });
});
