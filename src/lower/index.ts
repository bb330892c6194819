export { cropDeadBorder } from "./crop-dead-border.ts";
export {
  type KernelMemory,
  blockedInference,
  blocksPay,
  kernelMemories,
  plainKernel,
  storedKernel,
} from "./blocked/index.ts";
export { type LowerOptions, lower } from "./lower.ts";
export { poolInPhases } from "./pool-in-phases.ts";
export { phasesToRun } from "./phases-to-run.ts";
export { reluAfterPool } from "./relu-after-pool.ts";
export { webgpuForm } from "./webgpu-form.ts";
