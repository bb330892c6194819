/**
 * `npx tsx tools/steps/run-step.ts FOLDER… [--provider webgpu|cuda|cpu] [--threads N]`: runs steps that write.ts wrote on a provider
 * of onnxruntime-node, compares their losses with the CPU provider's, and prints the median time of a step.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readTensorFile } from "../../bench/tensor-file.ts";
import { runSteps } from "./run.ts";
import type { WrittenStep } from "./written-step.ts";

/** How far losses may be from the CPU's, relative. */
const TOLERANCE = 1e-3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    provider: { type: "string", default: "webgpu" },
    threads: { type: "string", default: "2" },
  },
});
if (positionals.length === 0) throw new Error("Name the folders of steps that write.ts wrote.");
let agrees = true;
for (const folder of positionals) {
  const step = JSON.parse(readFileSync(join(folder, "step.json"), "utf8")) as WrittenStep;
  const tensors = readTensorFile(join(folder, "tensors.safetensors"));
  const { losses, milliseconds } = await runSteps(step, tensors, join(folder, "step.onnx"), {
    provider: values.provider,
    threads: Number(values.threads),
  });
  const distance = Math.max(...losses.map((loss, i) => Math.abs(loss / step.losses[i] - 1)));
  // The first ones compile kernels.
  const steady = milliseconds.slice(milliseconds.length >> 2).sort((a, b) => a - b);
  agrees &&= distance <= TOLERANCE;
  console.log(
    `${step.model} ${step.method}, batch ${step.batch}, ONNX Runtime ${values.provider} in Node: ` +
      `${steady[steady.length >> 1].toFixed(2)} ms [${steady[0].toFixed(2)}]; losses within ${distance.toExponential(1)} of the CPU's`,
  );
}
if (!agrees) {
  throw new Error(`The losses are farther than ${TOLERANCE} from the CPU's: do not train on this provider.`);
}
