import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data, smallNet } from "../../test/small-run.ts";
import { writeSafetensors } from "../onnx/index.ts";
import { UsageError, float32 } from "../tensor/index.ts";
import { classifierFile, evaluate, fit, loadClassifier } from "./index.ts";
import { modelSource } from "./model-source.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe("a file of another form is named by its first bytes, whatever it is called, with what to give instead", () => {
  const pickled = strToU8("\u0080\u0002}q\u0000.", true);
  const torchZip = zipSync({ "net/data.pkl": pickled, "net/data/0": new Uint8Array(8) }, { level: 0 });
  const weights = writeSafetensors(new Map([["fc.weight", float32([2], [1, 2])]]));
  const liteFile = strToU8("\u001c\u0000\u0000\u0000TFL3\u0014\u0000", true);
  // A node of a GraphDef: its name and its operator.
  const frozen = strToU8("\u000a\u0014\u000a\u0006images\u0012\u000bPlaceholder", true);
  const files: readonly (readonly [name: string, bytes: Uint8Array, tells: RegExp])[] = [
    ["net.pt", torchZip, /net\.pt holds a module or weights of PyTorch, pickled.*docs\/pytorch\.md/],
    ["net.onnx", torchZip, /holds a module or weights of PyTorch/],
    ["old.pth", pickled, /is a pickle, as torch\.save writes it/],
    ["net.safetensors", weights, /holds weights without the network/],
    ["net.tflite", liteFile, /TensorFlow Lite.*model\.save\("net\.keras"\)/],
    ["frozen.pb", frozen, /frozen graph of TensorFlow.*model\.save\("net\.keras"\)/],
    ["saved_model.pb", strToU8("\u0008\u0001\u0012\u0003abc", true), /part of a SavedModel.*tf2onnx/],
    ["net.ort", strToU8("\u0030\u0000\u0000\u0000ORTM", true), /own format \(\.ort\)/],
    [
      "checkpoint",
      strToU8("\u000c\u0000\u0000\u0000ODTC\u0000", true),
      /checkpoint of ONNX Runtime Training/,
    ],
    ["net.onnx.gz", gzipSync(new Uint8Array(8)), /gzip\. Unpack it/],
    ["lfs.onnx", strToU8("version https://git-lfs.github.com/spec/v1\noid sha256:00"), /git lfs pull/],
    ["page.onnx", strToU8("\n<!DOCTYPE html><html>"), /web page or XML/],
    ["empty.onnx", new Uint8Array(0), /is empty/],
  ];

  test.each(files)("%s", async (name, bytes, tells) => {
    const path = put(name, bytes);
    const calls = [() => loadClassifier(path), () => fit(path, data), () => evaluate(path, data)];
    for (const call of calls) {
      const error = await call().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(tells);
    }
  });

  test("bytes too", async () => {
    await expect(loadClassifier(torchZip)).rejects.toThrow(/^The model holds a module or weights of PyTorch/);
  });
});

describe("a folder", () => {
  const cases: readonly (readonly [what: string, files: readonly string[], tells: RegExp])[] = [
    ["of a SavedModel", ["saved_model.pb", "variables"], /a folder with a SavedModel.*tf2onnx\.convert/],
    [
      "that a .keras file was unpacked to",
      ["config.json", "model.weights.h5"],
      /the parts of a \.keras file/,
    ],
    ["with an ONNX file", ["net.onnx", "manifest.json"], /Give the file in it: .*net\.onnx\.$/],
    [
      "of an unfinished training",
      ["checkpoint.onnx", "options.json", "metrics.jsonl"],
      /of a training that is not finished\. Go on with it: alignreg train --resume --out .*training\.$/,
    ],
    ["of something else", ["cats"], /no model in it/],
  ];
  test.each(cases)("%s says what to give", async (what, files, tells) => {
    const inner = join(folder, what);
    mkdirSync(inner);
    for (const file of files) writeFileSync(join(inner, file), "x");
    await expect(loadClassifier(inner)).rejects.toThrow(tells);
    await expect(loadClassifier(inner)).rejects.toThrow(/^Cannot read the model/);
  });
});

test("the folder of a run is its model", async () => {
  const run = join(folder, "run");
  mkdirSync(run);
  writeFileSync(join(run, "model.onnx"), classifierFile(smallNet()));
  writeFileSync(join(run, "checkpoint.onnx"), "another");
  writeFileSync(join(run, "manifest.json"), "{}");
  expect((await loadClassifier(run)).logits).toBe("logits");
  const { manifest } = await evaluate(run, data, { onNote: () => undefined });
  expect(manifest.model.name).toBe(run);
});

test("what is no file is not read, as it may have no end", async () => {
  await expect(modelSource("/dev/zero")).rejects.toThrow("Cannot read the model /dev/zero: it is a device");
});

test("an ONNX file is one under any name", async () => {
  const path = put("net.keras", classifierFile(smallNet()));
  expect((await loadClassifier(path)).logits).toBe("logits");
});
