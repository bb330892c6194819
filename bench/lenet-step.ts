import { type MethodName, type Objective, methods, regularizerByName } from "../src/align/index.ts";
import { lenet } from "../src/models/index.ts";
import { random } from "../src/tensor/index.ts";
import { bufferNames, layoutOf, optimizerByName, trainableNames } from "../src/train/index.ts";
import { RunState } from "../src/train/run-state.ts";
import type { StepPlan } from "../src/train/step-graph.ts";
import { StepRunner } from "../src/train/step-runner.ts";
import type { Contender } from "./contender.ts";

export const BATCH_SIZE = 128;
const WARM_UP_STEPS = 5;

/** LeNet's step by a method: the identity and 4 views where it takes the worst, Adam. */
export function lenetPlan(method: MethodName): StepPlan {
  const model = lenet();
  const named = (names: readonly string[]) =>
    names.map((n) => ({ name: n, shape: model.graph.initializers.get(n)!.shape }));
  const objective: Objective = {
    method: methods[method],
    regularizer: regularizerByName("squaredL2"),
    selection: "sample",
    selectBy: "loss",
    alignSelectBy: "loss",
    align: "logits",
    stopGradient: "none",
    terms: "mean",
  };
  return {
    classifier: model,
    objective,
    optimizer: optimizerByName("adam"),
    layout: layoutOf(named(trainableNames(model.graph))),
    buffers: named(bufferNames(model.graph)),
    clipNorm: null,
    imageShape: [1, 28, 28],
    viewsPerSample: { none: 1, random: 2, "worst-case": 5 }[methods[method].views],
    critic: null,
  };
}

/** Our step on LeNet, batch 128; augmentation is not timed, as for the peers. */
export function lenetStep(method: MethodName, name: string, { threads }: { threads: number }): Contender {
  const plan = lenetPlan(method);
  const rng = random(0, "bench");
  const images = sparseImages(rng, BATCH_SIZE * plan.viewsPerSample * 784);
  const labels = BigInt64Array.from({ length: BATCH_SIZE }, () => BigInt(rng.integer(10)));
  const runner = new StepRunner(plan, { threads });
  const state = RunState.initial(plan);
  let step = 0;

  async function timedStep(): Promise<number> {
    const start = performance.now();
    const scalars = plan.optimizer.scalars(++step, 1e-3);
    const { loss } = await runner.run(state, {
      images,
      labels,
      alignmentWeight: 0.5,
      scalars,
      seed: 0,
      step,
    });
    if (!Number.isFinite(loss)) throw new Error(`The loss is ${loss} at step ${step}.`);
    return performance.now() - start;
  }

  return {
    name,
    async run(steps) {
      for (let i = 0; i < WARM_UP_STEPS; i++) await timedStep();
      const times: number[] = [];
      for (let i = 0; i < steps; i++) times.push(await timedStep());
      // An idle session's threads would take the cores from the next contender.
      await runner.release();
      return times;
    },
    close: () => runner.release(),
  };
}

/** Pixels with a constant background, as MNIST has: four in five are zero. */
const sparseImages = (rng: ReturnType<typeof random>, length: number): Float32Array =>
  Float32Array.from({ length }, () => (rng.uniform() < 0.2 ? rng.uniform() : 0));
