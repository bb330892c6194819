import type { Tensor } from "../../src/tensor/index.ts";
import { RunState } from "../../src/train/run-state.ts";
import { StepRunner } from "../../src/train/step-runner.ts";
import { ALIGNMENT_WEIGHT, type Job, LEARNING_RATES } from "../job.ts";
import { benchModels, benchPlan } from "./model.ts";
import type { Task } from "./task.ts";

/** Our training step. Its batch has its views already, as the peers' has: augmentation is timed by itself. */
export async function stepTask(
  job: Job,
  tensors: ReadonlyMap<string, Tensor>,
  threads: number,
): Promise<Task> {
  const images = tensors.get("images")!;
  const labels = tensors.get("labels")!.data as BigInt64Array;
  const plan = await benchPlan(job, images.shape[0] / labels.length);
  const runner = new StepRunner(plan, { threads });
  const state = RunState.initial(plan);
  const learningRate = LEARNING_RATES[benchModels[job.model].optimizer];
  const losses: number[] = [];
  return {
    async step() {
      const step = losses.length + 1;
      const { loss } = await runner.run(state, {
        images: images.data as Float32Array,
        labels,
        alignmentWeight: ALIGNMENT_WEIGHT,
        scalars: plan.optimizer.scalars(step, learningRate),
        seed: 0,
        step,
      });
      if (!Number.isFinite(loss)) throw new Error(`The loss is ${loss} at step ${step}.`);
      losses.push(loss!);
    },
    rest: () => runner.release(),
    check: () => ({ first: losses[0], second: losses[1], last: losses.at(-1)! }),
  };
}
