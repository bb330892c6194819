/** Steps that every runtime must take alike. */
import { type ExportedStep, exportStep } from "../../src/api/export-step.ts";
import { type TransformFamily, rotation } from "../../src/augment/index.ts";
import { type Classifier, cifarCnn, lenet, resnet18 } from "../../src/models/index.ts";
import { type Random, type Tensor, numbersOf, random, sizeOf } from "../../src/tensor/index.ts";
import type { PlainTensor, StepFeeds } from "./run-steps.ts";

export interface StepCase {
  readonly name: string;
  readonly step: ExportedStep;
  readonly feeds: StepFeeds;
}

interface Plan {
  readonly model: () => Classifier;
  readonly method: "base" | "rwa";
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly batchSize: number;
  /** Of Adam. */
  readonly learningRate: number;
}

const MNIST = [1, 28, 28] as const;
const CIFAR = [3, 32, 32] as const;

const plans = {
  "LeNet, base": { model: lenet, method: "base", shape: MNIST, batchSize: 64, learningRate: 1e-3 },
  "LeNet, rwa": { model: lenet, method: "rwa", shape: MNIST, batchSize: 32, learningRate: 1e-3 },
  "CIFAR CNN of width 8, rwa": {
    model: () => cifarCnn({ width: 8 }),
    method: "rwa",
    shape: CIFAR,
    batchSize: 16,
    learningRate: 1e-3,
  },
  // Small steps: in a deep net rounding alone flips ReLUs, and each step multiplies what that changes. At 1e-3 images
  // moved by the last bit of a float end 10 steps on in a loss 2e-4 away, on one and the same runtime.
  "ResNet-18 of width 4, rwa": {
    model: () => resnet18({ width: 4 }),
    method: "rwa",
    shape: CIFAR,
    batchSize: 8,
    learningRate: 3e-5,
  },
} as const satisfies Record<string, Plan>;

export type StepCaseName = keyof typeof plans;
export const stepCaseNames = Object.keys(plans) as StepCaseName[];

interface StepCaseOptions {
  /** Default 10. */
  steps?: number;
  batchSize?: number;
  provider?: "wasm" | "webgpu";
}

/** Steps of Adam on one batch. */
export function stepCase(name: StepCaseName, options: StepCaseOptions = {}): StepCase {
  const { model, method, shape, learningRate, ...plan }: Plan = plans[name];
  const { steps = 10, batchSize = plan.batchSize, provider } = options;
  const family = rotation();
  const step = exportStep(model(), { method, transforms: family, batchSize, learningRate, provider });
  const rng = random(0, "browser", name);
  const labels = Array.from({ length: batchSize }, () => rng.integer(10));
  const batch = {
    images: images(shape, labels, method === "base" ? null : family, rng),
    labels: { dtype: "int64", shape: [batchSize], data: labels },
  };
  const feeds: StepFeeds = {
    batch,
    state: plain(step.state),
    next: step.next,
    scalars: Array.from({ length: steps }, (_, t) => plain(step.feedsAt(t))),
  };
  return { name, step, feeds };
}

/** Noise with a bright row wherever the label says, so that there is something to learn; then all its views in turn. */
function images(
  shape: Plan["shape"],
  labels: readonly number[],
  family: TransformFamily | null,
  rng: Random,
): PlainTensor {
  const width = shape[2];
  const clean = Float32Array.from({ length: labels.length * sizeOf(shape) }, (_, i) => {
    const label = labels[Math.floor(i / sizeOf(shape))];
    return 0.3 * rng.uniform() + (Math.floor(i / width) % 10 === label ? 0.7 : 0);
  });
  const given = { data: clean, shape: [labels.length, ...shape] as const };
  const views = family ? family.members.map((member) => member.apply(given)) : [clean];
  return {
    dtype: "float32",
    shape: [labels.length * views.length, ...shape],
    data: views.flatMap((view) => [...view]),
  };
}

const plain = (tensors: Readonly<Record<string, Tensor>>): Record<string, PlainTensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [
      name,
      { dtype: value.dtype, shape: value.shape, data: numbersOf(value) },
    ]),
  );
