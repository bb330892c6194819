/**
 * `fit` on the native runtime's WebGPU provider. Chromium brings a software adapter along (SwiftShader), which Vulkan takes
 * when it is told where to look; a machine without it, or whose provider finds no adapter, skips this.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

interface Result {
  readonly losses: readonly number[];
  readonly kernel: readonly number[];
  /** The largest distance between logits of an image and its view. */
  readonly gap: number;
}

test("fit and evaluate on WebGPU give the CPU's losses, weights and scores", async ({ skip }) => {
  if (!existsSync(driver))
    skip(`There is no software WebGPU adapter here: ${driver} is missing (Debian: chromium).`);
  const script = join(import.meta.dirname, "webgpu-fit.ts");
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", script], {
    env: { ...process.env, VK_ICD_FILENAMES: driver },
  });
  // An error of execFile has what was printed, too.
  const output = await run.catch((error: Error & { stdout: string; stderr: string }) => error);
  if (output instanceof Error) {
    const reason = /No supported adapters|requestAdapter|[Vv]ulkan/.exec(output.stderr);
    if (reason) skip(`ONNX Runtime's WebGPU provider finds no adapter here: ${reason[0]}.`);
    throw new Error(output.stderr);
  }
  const [cpu, gpu] = JSON.parse(output.stdout) as Result[];
  expect(gpu.losses).toHaveLength(cpu.losses.length);
  gpu.losses.forEach((loss, i) => expect(Math.abs(loss / cpu.losses[i] - 1)).toBeLessThan(1e-4));
  expect(Math.abs(gpu.gap / cpu.gap - 1)).toBeLessThan(1e-4);
  const largest = Math.max(...cpu.kernel.map(Math.abs));
  gpu.kernel.forEach((w, i) => expect(Math.abs(w - cpu.kernel[i])).toBeLessThan(1e-4 * largest));
}, 240_000);
