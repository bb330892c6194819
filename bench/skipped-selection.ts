/**
 * What it costs to choose the worst view anew in every m-th epoch only, and to train on the remembered choice in between:
 * LeNet on MNIST by `rwa` under rotation. `node --import tsx bench/skipped-selection.ts [EPOCHS]`
 */
import { methods } from "../src/align/index.ts";
import { lazyViews } from "../src/augment/index.ts";
import { epochOrder, labelsAt, sampleCount } from "../src/data/index.ts";
import { evaluate, mnist, rotation } from "../src/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { type Tensor, float32, int64, numbersOf, sizeOf } from "../src/tensor/index.ts";
import { batchSource, buildStepGraph } from "../src/train/index.ts";
import { RunState } from "../src/train/run-state.ts";
import { stepNames } from "../src/train/step-names.ts";
import { StepRunner } from "../src/train/step-runner.ts";
import { weightsOf } from "../src/train/weights.ts";
import { benchPlan } from "./tasks/model.ts";
import { selectionOf } from "./tasks/selection.ts";

const BATCH = 120;
const LEARNING_RATE = 1e-3;
const ALIGNMENT_WEIGHT = 0.1;

const epochs = Number(process.argv[2] ?? 6);
const family = rotation();
const members = family.members.length;
const data = await mnist();

async function trained(every: number, seed: number) {
  const job = { model: "lenet", width: null } as const;
  const [choosing, plan] = [
    await benchPlan({ ...job, method: "rwa" }, members),
    await benchPlan({ ...job, method: "rva" }, 2),
  ];
  const views = lazyViews(data.train, family);
  const all = batchSource(views, methods.rwa, seed);
  const size = sizeOf(plan.imageShape);
  const remembered = new Uint8Array(sampleCount(data.train));
  const graph = selectionOf(buildStepGraph(choosing, BATCH).graph);
  const [runner, state] = [new StepRunner(plan, { threads: 2 }), RunState.initial(plan)];
  const everyView = new Float32Array(BATCH * members * size);
  const pairs = new Float32Array(BATCH * 2 * size);

  /** The worst views of a batch by the weights as they are. */
  async function choose(indices: Uint32Array): Promise<void> {
    await all.fill(indices, 0, everyView);
    const feeds: Record<string, Tensor> = {
      ...state.feeds(),
      [stepNames.images]: float32([BATCH * members, ...plan.imageShape], everyView),
      [stepNames.labels]: int64(Array.from(labelsAt(data.train, indices), Number)),
    };
    const wanted = Object.fromEntries(graph.inputs.map(({ name }) => [name, feeds[name]]));
    const [choice] = Object.values(await selection.run(wanted));
    numbersOf(choice).forEach((member, i) => (remembered[indices[i]] = member));
  }

  const selection = await createSession(graph, { threads: 1 });
  for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
    const order = epochOrder(sampleCount(data.train), seed, epoch);
    for (let start = 0; start < order.length; start += BATCH, step++) {
      const indices = order.subarray(start, start + BATCH);
      if (epoch % every === 0) await choose(indices);
      await views.fillMembers(indices, new Uint8Array(BATCH), pairs.subarray(0, BATCH * size), step);
      const worst = Uint8Array.from(indices, (index) => remembered[index]);
      await views.fillMembers(indices, worst, pairs.subarray(BATCH * size), step);
      await runner.run(state, {
        images: pairs,
        labels: labelsAt(data.train, indices),
        alignmentWeight: ALIGNMENT_WEIGHT,
        scalars: plan.optimizer.scalars(step + 1, LEARNING_RATE),
        seed,
        step,
      });
    }
  }
  await selection.release();
  await runner.release();
  const { graph: net } = plan.classifier;
  const initializers = new Map([...net.initializers, ...weightsOf(plan, state.tensors)]);
  return { ...plan.classifier, graph: { ...net, initializers } };
}

for (const every of [1, 2, 3, epochs]) {
  for (const seed of [0, 1]) {
    const scores = await evaluate(await trained(every, seed), data.test, { transforms: family });
    const { cleanAccuracy, robustAccuracy, invarianceScore } = scores;
    const figures = [cleanAccuracy, robustAccuracy, invarianceScore].map(({ value }) =>
      (100 * value).toFixed(1),
    );
    console.log(`every ${every} of ${epochs} epochs, seed ${seed}: ${figures.join(" / ")}`);
  }
}
