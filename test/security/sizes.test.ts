import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadClassifier } from "../../src/api/index.ts";
import { familyFromSpec } from "../../src/augment/index.ts";
import { loadData } from "../../src/data/index.ts";
import { lenet, resnet18, vgg } from "../../src/models/index.ts";
import { readModel } from "../../src/onnx/index.ts";
import { LimitError, checkLimitVariables, limitOf, limitVariable, limits } from "../../src/options/index.ts";
import { AlignregError } from "../../src/tensor/index.ts";
import { cliHere } from "../cli-process.ts";
import { CLASSES, externalTensor, ints, modelFile, node, tensorIn } from "./outside-model.ts";
import { create } from "@bufbuild/protobuf";
import { type NodeProto, TensorProtoSchema, TensorProto_DataType } from "onnx-buf";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is asked, the limit, and how to raise it. */
const told = (name: keyof typeof limits) =>
  new RegExp(`asks for [\\d,∞]+ ${limits[name].unit}; [\\d,]+ are allowed.*${limitVariable(name)}`, "s");

describe("the limits", () => {
  test("an environment variable raises one, or lowers it", () => {
    const before = limitOf("nodes");
    process.env.ALIGNREG_MAX_NODES = "5e6";
    try {
      expect(limitOf("nodes")).toBe(5e6);
      process.env.ALIGNREG_MAX_NODES = "many";
      expect(() => limitOf("nodes")).toThrow(/ALIGNREG_MAX_NODES is "many"/);
    } finally {
      delete process.env.ALIGNREG_MAX_NODES;
    }
    expect(limitOf("nodes")).toBe(before);
  });

  test("SECURITY.md lists them", () => {
    const page = readFileSync(join(import.meta.dirname, "../../SECURITY.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(ALIGNREG_\w+)` +\| ([\d,]+) (\w+) +\| (.*?) +\|$/gm)].map((row) =>
      row.slice(1),
    );
    const expected = Object.entries(limits).map(([name, { value, unit, what }]) => [
      limitVariable(name as keyof typeof limits),
      value.toLocaleString("en"),
      unit,
      what,
    ]);
    expect(rows).toEqual(expected);
  });

  test("a variable of no limit is an error, not silence", () => {
    process.env.ALIGNREG_MAX_NODE = "5";
    try {
      expect(checkLimitVariables).toThrow(/ALIGNREG_MAX_NODE names no limit.*ALIGNREG_MAX_NODES/);
    } finally {
      delete process.env.ALIGNREG_MAX_NODE;
    }
  });
});

describe("data", () => {
  const header = (...lengths: number[]) =>
    Buffer.from(
      Uint8Array.from([0, 0, 8, lengths.length, ...lengths.flatMap((n) => [n >>> 24, n >>> 16, n >>> 8, n])]),
    );
  function idxFolder(name: string, images: Buffer): string {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, "train-images-idx3-ubyte.gz"), images);
    writeFileSync(join(path, "train-labels-idx1-ubyte"), Buffer.concat([header(2), Buffer.of(0, 1)]));
    return path;
  }

  test("a .gz is unpacked as far as its header says", async () => {
    const good = idxFolder("good", gzipSync(Buffer.concat([header(2, 2, 2), Buffer.alloc(8, 7)])));
    expect((await loadData(good, "train")).pixels).toEqual(new Uint8Array(8).fill(7));
    const bomb = idxFolder("bomb", gzipSync(Buffer.concat([header(2, 2, 2), Buffer.alloc(5e6)])));
    await expect(loadData(bomb, "train")).rejects.toThrow(
      /unpacks to more than the 24 bytes that its header says/,
    );
    const cut = idxFolder("cut", gzipSync(Buffer.concat([header(2, 2, 2), Buffer.alloc(7)])));
    await expect(loadData(cut, "train")).rejects.toThrow(/cut short/);
    const none = idxFolder("none", gzipSync(Buffer.alloc(5e6, 1)));
    await expect(loadData(none, "train")).rejects.toThrow(/is not an IDX file/);
  });

  test("a .gz whose header asks for too much is not unpacked", async () => {
    const path = idxFolder(
      "huge",
      gzipSync(Buffer.concat([header(3_000_000, 1024, 1024), Buffer.alloc(5e6)])),
    );
    await expect(loadData(path, "train")).rejects.toThrow(told("unpackedBytes"));
  });

  function imageFolder(name: string, file: string, content: Buffer): string {
    const path = join(folder, name, "cat");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, file), content);
    return join(folder, name);
  }
  const png = (height: number, width: number) =>
    sharp({ create: { width, height, channels: 3, background: "red" } })
      .png({ compressionLevel: 1 })
      .toBuffer();

  test("a PNG of too many pixels is refused by its header", async () => {
    const bytes = await png(3, 4);
    // IHDR's width, and its checksum, which libpng looks at.
    bytes.writeUInt32BE(40_000, 16);
    bytes.writeUInt32BE(40_000, 20);
    bytes.writeUInt32BE(crc(bytes.subarray(12, 29)), 29);
    await expect(loadData(imageFolder("png", "a.png", bytes), "train")).rejects.toThrow(told("imagePixels"));
  });

  test("a size to stretch to is bounded, as is the data set", async () => {
    const path = imageFolder("small", "a.png", await png(3, 4));
    await expect(loadData(path, "train", { size: 1e6 })).rejects.toThrow(told("imagePixels"));
    process.env.ALIGNREG_MAX_DATASET_BYTES = "20";
    try {
      await expect(loadData(path, "train")).rejects.toThrow(told("datasetBytes"));
    } finally {
      delete process.env.ALIGNREG_MAX_DATASET_BYTES;
    }
  });

  test("a drawing that calls itself .png is not drawn", async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><image href="/etc/passwd"/></svg>',
    );
    await expect(loadData(imageFolder("svg", "a.png", svg), "train")).rejects.toThrow(
      /format svg; png, jpeg/,
    );
  });

  test("a pipe or a device that calls itself .png does not hang", async () => {
    const path = imageFolder("pipe", "a.png", await png(3, 4));
    execFileSync("mkfifo", [join(path, "cat", "b.png")]);
    await expect(loadData(path, "train")).rejects.toThrow(/b\.png: it is a pipe, no regular file/);
    const idx = idxFolder("device", Buffer.alloc(0));
    rmSync(join(idx, "train-images-idx3-ubyte.gz"));
    execFileSync("ln", ["-s", "/dev/zero", join(idx, "train-images-idx3-ubyte")]);
    await expect(loadData(idx, "train")).rejects.toThrow(/it is a device, no regular file/);
  });
});

describe("models", () => {
  const function_ = (name: string, calls: string[]) => ({
    domain: "own",
    name,
    input: ["a"],
    output: ["b"],
    opsetImport: [
      { domain: "", version: 17n },
      { domain: "own", version: 1n },
    ],
    node: calls.map((call, i) =>
      node(
        call,
        [i === 0 ? "a" : "t"],
        [i === calls.length - 1 ? "b" : "t"],
        [],
        call === "Neg" ? "" : "own",
      ),
    ),
  });

  test("functions that double are not written out", () => {
    const doubling = Array.from({ length: 40 }, (_, i) =>
      function_(`f${i}`, i === 0 ? ["Neg"] : [`f${i - 1}`, `f${i - 1}`]),
    );
    const file = modelFile({
      nodes: [node("f39", ["flat"], ["w"], [], "own")],
      functions: doubling,
    });
    expect(() => readModel(file)).toThrow(told("nodes"));
    const empty = doubling.map((f, i) => (i === 0 ? { ...f, node: [] } : f));
    const calls = modelFile({ nodes: [node("f39", ["flat"], ["w"], [], "own")], functions: empty });
    expect(() => readModel(calls)).toThrow(told("nodes"));
  });

  test("functions that call one another a thousand deep are an error", () => {
    const chain = Array.from({ length: 1000 }, (_, i) =>
      function_(`f${i}`, i === 0 ? ["Neg"] : [`f${i - 1}`]),
    );
    const file = modelFile({ nodes: [node("f999", ["flat"], ["w"], [], "own")], functions: chain });
    expect(() => readModel(file)).toThrow(/more than 100 deep/);
  });

  test("a file of more nodes than any network has is an error", () => {
    process.env.ALIGNREG_MAX_NODES = "2";
    try {
      const file = modelFile({ nodes: [], initializers: [] });
      expect(() => readModel(modelFile({ nodes: [node("Neg", ["flat"], ["w"])] }))).toThrow(told("nodes"));
      expect(() => readModel(file)).not.toThrow(LimitError);
    } finally {
      delete process.env.ALIGNREG_MAX_NODES;
    }
  });

  const int64 = (name: string, values: number[]) =>
    create(TensorProtoSchema, {
      name,
      dims: [BigInt(values.length)],
      dataType: TensorProto_DataType.INT64,
      int64Data: values.map(BigInt),
    });
  const constant = (name: string, values: number[]) =>
    node("Constant", [], [name], [tensorIn(int64("", values))]);
  const scalar = (name: string, value: number) =>
    node(
      "Constant",
      [],
      [name],
      [
        tensorIn(
          create(TensorProtoSchema, { dataType: TensorProto_DataType.INT64, int64Data: [BigInt(value)] }),
        ),
      ],
    );
  /** Nodes whose output "big" is added to the logits after its sum. */
  const growing: [string, NodeProto[]][] = [
    ["ConstantOfShape", [constant("s", [1e6, 1e6]), node("ConstantOfShape", ["s"], ["big"])]],
    ["Expand", [constant("s", [1e12, 1, 10]), node("Expand", ["flat", "s"], ["big"])]],
    ["Tile", [constant("s", [1e6, 1e6]), node("Tile", ["flat", "s"], ["big"])]],
    ["Pad", [constant("s", [0, 1e12, 0, 1e12]), node("Pad", ["flat", "s"], ["big"])]],
    [
      "Range",
      [
        scalar("a", 0),
        scalar("b", 1e12),
        scalar("c", 1),
        node("Range", ["a", "b", "c"], ["long"]),
        node("Cast", ["long"], ["big"], [{ ...ints("to", []), type: 2, i: 1n }]),
      ],
    ],
    ["Resize", [constant("s", [2, 1, 1e6, 1e6]), node("Resize", ["x", "", "", "s"], ["big"])]],
  ];
  test.each(growing)("%s into terabytes is refused before memory is asked for", async (_, nodes) => {
    const file = modelFile({
      nodes: [...nodes, node("ReduceSum", ["big"], ["w"], [])],
    });
    await expect(loadClassifier(file)).rejects.toThrow(/asks for [\d,]+ bytes; [\d,]+ are allowed/);
  });

  test("a tensor that says more than the file holds is refused by its size", () => {
    const file = modelFile({
      nodes: [],
      initializers: [
        create(TensorProtoSchema, {
          name: "w",
          dims: [2n ** 40n, 2n ** 20n],
          dataType: TensorProto_DataType.FLOAT,
        }),
      ],
    });
    expect(() => readModel(file)).toThrow(/needs \d+.* elements, the file has 0/);
    const outside = modelFile({ nodes: [], initializers: [externalTensor("a.bin", "w", 0, 2 ** 50)] });
    expect(() => readModel(outside, "m.onnx", new Map([["a.bin", new Uint8Array(4 * CLASSES)]]))).toThrow(
      AlignregError,
    );
  });

  test.each([
    ["resnet18", () => resnet18({ width: 1_000_000 })],
    ["vgg", () => vgg({ width: 1_000_000 })],
    ["lenet", () => lenet({ classes: 1e9 })],
    ["lenet of large images", () => lenet({ shape: [1, 100_000, 100_000] })],
  ])("%s of too many weights names the layer's", (_, make) => {
    expect(make).toThrow(/asks for [\d,]+ bytes/);
  });
});

describe("safetensors", () => {
  test("the files of an index are counted together before one is read, and the index is a settings file", async () => {
    const model = modelFile({ nodes: [node("Neg", ["flat"], ["w"])] });
    const index = join(folder, "many.index.json");
    const names = Array.from({ length: 20 }, (_, i) => `part-${i}.safetensors`);
    for (const name of names) writeFileSync(join(folder, name), Buffer.alloc(400));
    writeFileSync(
      index,
      JSON.stringify({ weight_map: Object.fromEntries(names.map((name) => [name, name])) }),
    );
    process.env.ALIGNREG_MAX_TENSOR_BYTES = "7000";
    process.env.ALIGNREG_MAX_SETTINGS_BYTES = "5000";
    try {
      await expect(loadClassifier(model, { weights: index })).rejects.toThrow(
        /The index \S+many\.index\.json, with its files, asks for 8,000 bytes; 7,000 are allowed.*ALIGNREG_MAX_TENSOR_BYTES/,
      );
      writeFileSync(index, Buffer.alloc(6000));
      await expect(loadClassifier(model, { weights: index })).rejects.toThrow(told("settingsBytes"));
    } finally {
      delete process.env.ALIGNREG_MAX_TENSOR_BYTES;
      delete process.env.ALIGNREG_MAX_SETTINGS_BYTES;
    }
  });
});

describe("what a training is asked for", () => {
  const small = ["train", "--limit", "40", "--method", "base", "--epochs", "1"];
  test.each<[string[], RegExp | null]>([
    // More than there are: one batch of all.
    [["--batch-size", "1e9"], null],
    [["--batch-size", "1e300"], /--batch-size.*whole number/],
    [["--epochs", "1e300"], /--epochs.*whole number/],
    [["--epochs", "9".repeat(400)], /--epochs.*whole number/],
    [["--threads", "100000"], told("threads")],
    [["--threads", "1e300"], /--threads.*whole number/],
    [["--width", "1e6", "--model", "resnet18"], told("tensorBytes")],
    [["--limit", "1e300"], /--limit.*whole number/],
    [["--seed", "1e300"], /--seed.*whole number/],
    [["--checkpoint-seconds", "1e300"], null],
    [["--lr", "1e300"], /not a number|Infinity|NaN|diverged/],
  ])("%j is done or refused soon", async (options, message) => {
    const started = performance.now();
    const { code, stderr } = await cliHere(...small, ...options, "--out", join(folder, "run"), "--overwrite");
    expect(performance.now() - started).toBeLessThan(10_000);
    if (message === null) return void expect(code, stderr).toBe(0);
    expect(code, stderr).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("bug");
  });
});

describe("families", () => {
  test.each([
    ["blur:1e9", told("blurSigma")],
    [Array<string>(12).fill("rotation").join("/"), told("members")],
    [Array<string>(60).fill("rotation").join("/"), told("members")],
    [`rotation:${Array.from({ length: 20_000 }, (_, i) => i / 1e3 + 0.5).join(",")}`, told("members")],
  ])("%.60s is refused", (spec, message) => {
    expect(() => familyFromSpec(spec)).toThrow(message);
  });

  test.each([
    "rotation:-1e9",
    "scale:1e-300",
    "scale:1e300",
    "shear:89.9999999999",
    "cutout:1e-9",
    "noise:1e300",
    "texture:1e-9",
    "hue:1e300",
    "contrast:1e300",
    "brightness:1e300",
    "blur:300",
    "blur:1e-9",
    "saturation:1e300",
    "translate:1e-9",
  ])("%s ends soon, or says why not", (spec) => {
    let members;
    try {
      ({ members } = familyFromSpec(spec));
    } catch (error) {
      expect(error).toBeInstanceOf(AlignregError);
      return;
    }
    const images = { data: new Float32Array(3 * 64).fill(0.5), shape: [1, 3, 8, 8] as const };
    const started = performance.now();
    for (const member of members) expect(member.apply(images)).toHaveLength(3 * 64);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

/** As PNG has it. */
function crc(bytes: Uint8Array): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  }
  return ~value >>> 0;
}
