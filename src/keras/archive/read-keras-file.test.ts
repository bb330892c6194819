import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../onnx/index.ts";
import { ShapeError, type Tensor, UsageError, float32 } from "../../tensor/index.ts";
import { readKerasFile, readLayersFolder } from "./index.ts";

/** Models that Keras 2.21 and 3.15 saved, and the paths of their trainable weights: tools/frameworks/keras_fixtures.py. */
const folder = new URL("../../../test/fixtures/keras/", import.meta.url);
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(name, folder));

interface Outcome {
  readonly net: string;
  readonly variables: readonly { readonly place: string }[];
  readonly files: readonly { readonly file: string; readonly places: readonly string[] }[];
}

const names = readdirSync(folder);
const placesIn = new Map(
  names
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Outcome)
    .flatMap(({ net, variables, files }) => [
      { file: `${net}.keras`, places: variables.map(({ place }) => place) },
      ...files,
    ])
    .map(({ file, places }) => [file, places]),
);
const files = names.map((file) => ({ file, places: placesIn.get(file) ?? [] }));
const saved = files.filter(({ file }) => /\.(keras|h5)$/.test(file));
const folders = files.filter(({ file }) => file.endsWith(".tfjs"));

const folderFiles = (name: string): Map<string, Uint8Array> =>
  new Map(readdirSync(new URL(`${name}/`, folder)).map((file) => [file, bytesOf(`${name}/${file}`)]));

/** Every float32 tensor, twice itself and one. */
const changed = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map(
    [...tensors]
      .filter(([, { dtype }]) => dtype === "float32")
      .map(([path, { shape, data }]) => [
        path,
        float32(
          shape,
          Float32Array.from(data as Float32Array, (x) => 2 * x + 1),
        ),
      ]),
  );

describe.each(saved)("$file", ({ file, places }) => {
  const bytes = bytesOf(file);
  const model = readKerasFile(bytes, file);

  test("has the weights that Keras has", () => {
    expect([...model.tensors.keys()]).toEqual(expect.arrayContaining([...places]));
    expect([...model.layerWeights.values()].flat().sort()).toEqual([...model.tensors.keys()].sort());
  });

  test("is the same file when nothing changes", () => {
    for (const values of [new Map<string, Tensor>(), model.tensors]) {
      const written = model.withTensors(values);
      expect([...written.keys()]).toEqual([file]);
      expect(Buffer.compare(written.get(file)!, bytes)).toBe(0);
    }
  });

  test("comes back with other weights, and nothing else changes its length", () => {
    const values = changed(model.tensors);
    const written = model.withTensors(values).get(file)!;
    expect(written).toHaveLength(bytes.length);
    const again = readKerasFile(written, file);
    expect(again.tensors).toEqual(new Map([...model.tensors, ...values]));
    expect(again.config).toEqual(model.config);
  });
});

describe.each(folders)("$file", ({ file, places }) => {
  const contents = folderFiles(file);
  const model = readLayersFolder(contents, file);

  test("has the weights that Keras has", () => {
    expect([...model.tensors.keys()]).toEqual(expect.arrayContaining([...places]));
  });

  test("comes back with other weights, model.json as it was", () => {
    expect(model.withTensors(new Map()).get("model.json")).toEqual(
      Uint8Array.from(contents.get("model.json")!),
    );
    const values = changed(model.tensors);
    const written = model.withTensors(values);
    expect(written.get("model.json")).toEqual(Uint8Array.from(contents.get("model.json")!));
    expect(readLayersFolder(written, file).tensors).toEqual(new Map([...model.tensors, ...values]));
  });
});

test("layers have the names that their user gave them", () => {
  const { layerNames, kerasVersion, format } = readKerasFile(bytesOf("nested.keras"), "nested.keras");
  expect({ format, kerasVersion }).toEqual({ format: "keras", kerasVersion: "3.15.1" });
  expect(layerNames.get("layers/functional/layers/conv2d")).toBe("conv");
  expect(layerNames.get("layers/functional/layers/sequential")).toBe("block");
});

test("numbers that do not fit are refused", () => {
  const model = readKerasFile(bytesOf("sequential.keras"), "sequential.keras");
  const [path] = model.tensors.keys();
  expect(() => model.withTensors(new Map([[path, float32([1], [1])]]))).toThrow(ShapeError);
  expect(() => model.withTensors(new Map([["layers/lost/vars/0", float32([1], [1])]]))).toThrow(UsageError);
});

test("other files are refused by name", () => {
  expect(() => readKerasFile(new Uint8Array(100), "zeros.keras")).toThrow(
    /^Cannot read the model zeros\.keras: it begins neither as a zip archive .*model\.save\("model\.keras"\)\.$/,
  );
  expect(() => readKerasFile(new Uint8Array(0), "empty.h5")).toThrow(ModelError);
});
