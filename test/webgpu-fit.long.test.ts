/** `fit` on the native runtime's WebGPU provider. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { webgpuEnvironment, whyNoWebgpu } from "./tools/webgpu.ts";

interface Result {
  readonly losses: readonly number[];
  readonly kernel: readonly number[];
  /** The largest distance between logits of an image and its view. */
  readonly gap: number;
}

test("fit and evaluate on WebGPU give the CPU's losses, weights and scores", async ({ skip }) => {
  const reason = await whyNoWebgpu();
  if (reason) skip(reason);
  const script = join(import.meta.dirname, "webgpu-fit.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
    env: { ...process.env, ...webgpuEnvironment },
  });
  const [cpu, gpu] = JSON.parse(stdout) as Result[];
  expect(gpu.losses).toHaveLength(cpu.losses.length);
  gpu.losses.forEach((loss, i) => expect(Math.abs(loss / cpu.losses[i] - 1)).toBeLessThan(1e-4));
  expect(Math.abs(gpu.gap / cpu.gap - 1)).toBeLessThan(1e-4);
  const largest = Math.max(...cpu.kernel.map(Math.abs));
  gpu.kernel.forEach((w, i) => expect(Math.abs(w - cpu.kernel[i])).toBeLessThan(1e-4 * largest));
}, 240_000);
