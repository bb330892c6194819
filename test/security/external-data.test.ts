import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadClassifier } from "../../src/api/index.ts";
import { openClassifier } from "../../src/runtime/index.ts";
import { AlignregError } from "../../src/tensor/index.ts";
import { CLASSES, externalTensor, modelFile, places } from "./outside-model.ts";

const weights = Float32Array.from({ length: CLASSES }, (_, i) => i);
const bytes = new Uint8Array(weights.buffer);
let root: string;
let folder: string;
const directory = process.cwd();

beforeAll(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "alignreg-"));
  folder = join(root, "model");
  mkdirSync(join(folder, "sub"), { recursive: true });
  mkdirSync(join(root, "elsewhere"));
  writeFileSync(join(folder, "in.bin"), bytes);
  writeFileSync(join(folder, "sub", "in.bin"), bytes);
  writeFileSync(join(root, "elsewhere", "out.bin"), bytes);
  symlinkSync("in.bin", join(folder, "link-in.bin"));
  symlinkSync("../elsewhere/out.bin", join(folder, "link-out.bin"));
  symlinkSync("../elsewhere", join(folder, "folder-out"));
  symlinkSync("/dev/zero", join(folder, "zero.bin"));
  mkdirSync(join(folder, "folder.bin"));
  execFileSync("mkfifo", [join(folder, "pipe.bin")]);
  // Where ONNX Runtime would look for the external data of a model that it gets as bytes.
  process.chdir(join(root, "elsewhere"));
});

afterAll(() => {
  process.chdir(directory);
  rmSync(root, { recursive: true });
});

function put(file: Uint8Array, name = "model.onnx"): string {
  writeFileSync(join(folder, name), file);
  return join(folder, name);
}

describe.each(places)("in %s", (_, fileOf) => {
  test.each(["in.bin", "sub/in.bin", "sub/../in.bin", "./in.bin", "link-in.bin"])(
    "%s is read",
    async (location) => {
      const { graph, logits } = await loadClassifier(put(fileOf(location)));
      const session = await openClassifier(graph, { output: logits });
      const logitsOfOnes = await session.predict({
        data: new Float32Array(CLASSES).fill(1),
        shape: [1, 1, 2, 5],
      });
      await session.release();
      expect(Array.from(logitsOfOnes)).toEqual(Array.from(weights, (w) => w + 1));
    },
  );

  test.each([
    ["../elsewhere/out.bin", /outside the model's folder/],
    ["link-out.bin", /outside the model's folder/],
    ["folder-out/out.bin", /outside the model's folder/],
    ["zero.bin", /outside the model's folder/],
    ["/etc/passwd", /no path relative/],
    ["in.bin\0", /no path relative/],
    ["", /no path relative/],
    ["folder.bin", /it is a folder/],
    ["pipe.bin", /it is a pipe/],
    ["out.bin", /ENOENT/],
    ["*/_ORT_MEM_ADDR_/*", /ENOENT/],
  ])("%s is not", async (location, reason) => {
    const loading = loadClassifier(put(fileOf(location)));
    await expect(loading).rejects.toThrow(AlignregError);
    await expect(loading).rejects.toThrow(reason);
  });

  test("bytes alone have no folder", async () => {
    await expect(loadClassifier(fileOf("out.bin"))).rejects.toThrow(/"out.bin", which was not given/);
  });
});

test("a model that is a link, as a cache of downloads has them, has its data beside what it leads to", async () => {
  const blobs = join(root, "blobs");
  const snapshot = join(root, "snapshots", "1");
  mkdirSync(blobs);
  mkdirSync(snapshot, { recursive: true });
  writeFileSync(
    join(blobs, "aa"),
    modelFile({ nodes: [], initializers: [externalTensor("model.onnx_data")] }),
  );
  writeFileSync(join(blobs, "bb"), bytes);
  symlinkSync("../../blobs/aa", join(snapshot, "model.onnx"));
  symlinkSync("../../blobs/bb", join(snapshot, "model.onnx_data"));
  const { graph } = await loadClassifier(join(snapshot, "model.onnx"));
  expect(Array.from(graph.initializers.get("w")!.data as Float32Array)).toEqual(Array.from(weights));
});

test.each([
  [4, 40],
  [-4, 40],
  [0, 44],
  [0, 1e18],
])("bytes %i and %i on that the file does not have are an error", async (offset, length) => {
  const file = modelFile({ nodes: [], initializers: [externalTensor("in.bin", "w", offset, length)] });
  await expect(loadClassifier(put(file))).rejects.toThrow(/lies at bytes|asks for/);
});

test("many tensors in the same bytes are counted together", async () => {
  const length = 40;
  const tensors = Array.from({ length: 200 }, (_, i) => externalTensor("in.bin", `w${i || ""}`, 0, length));
  process.env.ALIGNREG_MAX_TENSOR_BYTES = "7000";
  try {
    const loading = loadClassifier(put(modelFile({ nodes: [], initializers: tensors })));
    await expect(loading).rejects.toThrow(
      /asks for 8,000 bytes; 7,000 are allowed.* ALIGNREG_MAX_TENSOR_BYTES to 8000/,
    );
  } finally {
    delete process.env.ALIGNREG_MAX_TENSOR_BYTES;
  }
});
