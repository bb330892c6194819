import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../../onnx/index.ts";
import { arrayConstructors } from "../../../tensor/index.ts";
import { type Dataset, openHdf5 } from "./index.ts";

/** Files and what h5py 3.14 reads of them: tools/keras-files/hdf5_forms.py. */
const folder = new URL("../../../../test/fixtures/hdf5/", import.meta.url);
const bytesOf = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, folder)));
const forms = JSON.parse(readFileSync(new URL("forms.json", folder), "utf8")) as {
  readonly read: Record<string, Contents>;
  readonly refused: Record<string, string>;
};

interface Contents {
  readonly datasets: Record<string, { dtype: string; shape: number[]; values: number[] }>;
  readonly attributes: Record<string, Record<string, string[]>>;
}

const valuesOf = (bytes: Uint8Array, { dtype, start, byteLength }: Dataset): number[] =>
  Array.from(
    new arrayConstructors[dtype](bytes.slice(start, start + byteLength).buffer) as Float32Array,
    Number,
  );

describe.each(Object.entries(forms.read))("%s", (name, contents) => {
  const bytes = bytesOf(name);
  const file = openHdf5(bytes);

  test("has h5py's numbers", () => {
    expect([...file.datasets.keys()].sort()).toEqual(Object.keys(contents.datasets).sort());
    for (const [path, { dtype, shape, values }] of Object.entries(contents.datasets)) {
      const dataset = file.datasets.get(path)!;
      expect({ path, dtype: dataset.dtype, shape: dataset.shape }).toEqual({ path, dtype, shape });
      // Half precision stays as bits here.
      if (dtype !== "float16") expect(valuesOf(bytes, dataset)).toEqual(values);
    }
  });

  test("has h5py's texts", () => {
    const texts = Object.fromEntries(
      [...file.attributes].map(([path, own]) => [path, Object.fromEntries(own)]),
    );
    expect(texts).toEqual(contents.attributes);
  });
});

describe.each(Object.entries(forms.refused))("%s", (name, reason) => {
  test(`is refused: ${reason}`, () => {
    expect(() => openHdf5(bytesOf(name))).toThrow(ModelError);
    expect(() => openHdf5(bytesOf(name))).toThrow(
      new RegExp(`^"(bad|fine|group/inner/bad)".*${reason}`, "s"),
    );
  });

  test("does not stand in the way where it does not matter", () => {
    const { datasets } = openHdf5(bytesOf(name), (path) => path === "fine");
    expect(datasets.get("fine")).toMatchObject({ dtype: "float32", shape: [] });
  });
});

test("numbers in bytes that others hold, too, are refused", () => {
  const bytes = bytesOf("oldest.h5");
  const view = new DataView(bytes.buffer);
  const { datasets } = openHdf5(bytes);
  const [first, second] = ["many/1", "many/2"].map((path) => datasets.get(path)!.start);
  // Every address of the first becomes the second's.
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (view.getBigUint64(at, true) === BigInt(first)) view.setBigUint64(at, BigInt(second), true);
  }
  expect(() => openHdf5(bytes)).toThrow(/"many\/(1|2)" and "many\/(1|2)" share bytes/);
});

test("what begins with other data, or ends early, is refused", () => {
  expect(() => openHdf5(bytesOf("user-block.h5"))).toThrow(ModelError);
  const bytes = bytesOf("latest.h5");
  expect(() => openHdf5(bytes.subarray(0, bytes.length - 1))).toThrow(/cut off or damaged/);
});
