/** WebGPU in Node: on a graphics card's software adapter that Debian's Chromium brings along (SwiftShader, through Vulkan). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { whyUseless } from "./probe.ts";

const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** What a process is told that is to find the adapter. */
export const webgpuEnvironment: Readonly<Record<string, string>> = { VK_ICD_FILENAMES: driver };

/** Why ONNX Runtime computes nothing on WebGPU here; null where it does. */
export async function whyNoWebgpu(environment = webgpuEnvironment): Promise<string | null> {
  const file = environment.VK_ICD_FILENAMES;
  if (!existsSync(file))
    return `no WebGPU: there is no ${file} (Debian: apt-get install chromium libvulkan1)`;
  const reason = await whyUseless({
    program: process.execPath,
    args: ["--import", "tsx", join(import.meta.dirname, "webgpu-sum.ts")],
    env: environment,
    answer: "2,4",
    timeoutMs: 60_000,
  });
  return (
    reason && `no WebGPU: a sum by ONNX Runtime on ${file} ${reason} (Debian: apt-get install libvulkan1)`
  );
}
