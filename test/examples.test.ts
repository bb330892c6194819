import { execFile } from "node:child_process";
import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("examples/mnist.ts trains, tests and saves a model", async () => {
  const model = join(await mkdtemp(join(tmpdir(), "alignreg-")), "lenet.onnx");
  const { stdout } = await run(process.execPath, ["--import", "tsx", "examples/mnist.ts", "256", model]);
  expect(stdout).toMatch(/clean \d+\.\d %, robust \d+\.\d %\n {2}identity: /);
  expect((await stat(model)).size).toBeGreaterThan(200_000);
});

test("examples/tfjs.ts trains and tests a TensorFlow.js model, without TensorFlow.js's banner", async () => {
  const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", "examples/tfjs.ts", "256"]);
  expect(stdout).toMatch(/^clean \d+\.\d %, robust \d+\.\d %\nfirst test digit: 7, the model says \d\n$/);
  // Notes of so small a run, and nothing else.
  expect(stderr).toMatch(/^(alignreg: .+\n)+$/);
});

test("examples/pytorch.ts trains an exported model and writes it and its weights", async () => {
  const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
  const args = ["--import", "tsx", "examples/pytorch.ts", "256", folder];
  const { stdout, stderr } = await run(process.execPath, args);
  expect(stdout).toMatch(/^clean \d+\.\d %, robust \d+\.\d %\n$/);
  // Notes of so small a run, and none of the export, which kept every name.
  expect(stderr).toContain("using 256 of 60000 images");
  expect(stderr).not.toContain("export");
  expect((await stat(join(folder, "net-robust.onnx"))).size).toBeGreaterThan(200_000);
  expect((await stat(join(folder, "weights.safetensors"))).size).toBeGreaterThan(200_000);
});
