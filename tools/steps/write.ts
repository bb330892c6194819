/**
 * `npx tsx tools/steps/write.ts FOLDER`: training steps as any ONNX Runtime can run them, for run_step.py and run-step.ts.
 *
 * Options: --model lenet|cifarCnn|resnet18 (default lenet), --method base|rwa (default rwa), --batch N (default 128), --steps N
 * (default 20), --threads N (default 2), --provider webgpu|wasm (default webgpu: a step that runs on every provider).
 *
 * FOLDER gets `step.onnx`; `tensors.safetensors`, with the batch (`images`, `labels`), the first state (`state.` before the
 * inputs' names) and the model's weights (`model.`); and `step.json`, with the scalars of every step and the losses that
 * ONNX Runtime's CPU provider gives.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toJson, writeWhole } from "../../src/artifacts/index.ts";
import { exportStep } from "../../src/api/export-step.ts";
import { rotation } from "../../src/augment/index.ts";
import { writeSafetensors } from "../../src/onnx/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import { inputFolder } from "../../bench/inputs.ts";
import { ALIGNMENT_WEIGHT, LEARNING_RATES, MOMENTUM } from "../../bench/job.ts";
import { benchModels } from "../../bench/tasks/model.ts";
import { readTensorFile } from "../../bench/tensor-file.ts";
import { runSteps } from "./run.ts";
import type { WrittenStep } from "./written-step.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "lenet" },
    method: { type: "string", default: "rwa" },
    batch: { type: "string", default: "128" },
    steps: { type: "string", default: "20" },
    threads: { type: "string", default: "2" },
    provider: { type: "string", default: "webgpu" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("Name the folder that the step is written to.");
const model = oneOf(values.model, ["lenet", "cifarCnn", "resnet18"] as const);
const method = oneOf(values.method, ["base", "rwa"] as const);
const provider = oneOf(values.provider, ["webgpu", "wasm"] as const);
const samples = Number(values.batch);
const degrees = [15, 30, 45, 60];
const { make, shape, optimizer } = benchModels[model];

const inputs = await inputFolder();
const tensors = readTensorFile(
  await inputs.write({ work: "step", model, width: null, method, samples, degrees }),
);
await inputs.remove();
const step = exportStep(make(null), {
  method,
  transforms: rotation({ degrees }),
  shape,
  batchSize: samples,
  provider,
  optimizer,
  ...(optimizer === "sgd" && { optimizerOptions: { momentum: MOMENTUM } }),
  learningRate: LEARNING_RATES[optimizer],
  alignmentWeight: ALIGNMENT_WEIGHT,
});
const written: Omit<WrittenStep, "losses"> = {
  model,
  method,
  optimizer,
  batch: samples,
  views: step.viewsPerSample,
  next: step.next,
  scalars: Array.from({ length: Number(values.steps) }, (_, i) =>
    Object.fromEntries(Object.entries(step.feedsAt(i)).map(([name, { data }]) => [name, Number(data[0])])),
  ),
};
const all = new Map<string, Tensor>([
  ...tensors,
  ...Object.entries(step.state).map(([name, value]) => [`state.${name}`, value] as const),
]);
await mkdir(folder, { recursive: true });
await writeWhole(join(folder, "step.onnx"), step.model);
await writeWhole(join(folder, "tensors.safetensors"), writeSafetensors(all));
const { losses } = await runSteps({ ...written, losses: [] }, all, join(folder, "step.onnx"), {
  provider: "cpu",
  threads: Number(values.threads),
});
await writeWhole(join(folder, "step.json"), toJson({ ...written, losses } satisfies WrittenStep));
console.log(`${folder}: ${model} ${method}, batch ${samples}, losses ${losses[0]} … ${losses.at(-1)}`);

/** @throws Error that lists the choices */
function oneOf<T extends string>(value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`"${value}": choose one of ${choices.join(", ")}.`);
  return found;
}
