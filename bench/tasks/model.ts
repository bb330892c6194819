/** The models that are timed, and what trains them. */
import { type MethodName, type Objective, methods, regularizerByName } from "../../src/align/index.ts";
import { type Classifier, cifarCnn, lenet, resnet18 } from "../../src/models/index.ts";
import { bufferNames, trainableNames } from "../../src/parameters/index.ts";
import { layoutOf, optimizerByName } from "../../src/train/index.ts";
import { blockSize } from "../../src/train/block-size.ts";
import { withBlocks } from "../../src/train/target.ts";
import type { StepPlan } from "../../src/train/step-plan.ts";
import { type Job, MOMENTUM } from "../job.ts";

export interface BenchModel {
  readonly title: string;
  /** One image, [C, H, W]. */
  readonly shape: readonly [number, number, number];
  readonly optimizer: "adam" | "sgd";
  readonly make: (width: number | null) => Classifier;
}

export const benchModels: Readonly<Record<Job["model"], BenchModel>> = {
  lenet: { title: "LeNet", shape: [1, 28, 28], optimizer: "adam", make: () => lenet() },
  cifarCnn: {
    title: "CIFAR CNN",
    shape: [3, 32, 32],
    optimizer: "adam",
    make: (width) => cifarCnn({ width: width ?? undefined }),
  },
  resnet18: {
    title: "ResNet-18",
    shape: [3, 32, 32],
    optimizer: "sgd",
    make: (width) => resnet18({ width: width ?? undefined }),
  },
};

/**
 * A model's step by a method: cross-entropy, or with squared l2 alignment to the worst of `views` views. As in training, in
 * blocks of channels where that pays and the machine has them.
 */
export async function benchPlan(
  { model: name, width, method }: Pick<Job, "model" | "width"> & { method: MethodName },
  views: number,
): Promise<StepPlan> {
  const { make, optimizer, shape } = benchModels[name];
  const classifier = make(width);
  const { initializers } = classifier.graph;
  const named = (names: readonly string[]) =>
    names.map((n) => ({ name: n, shape: initializers.get(n)!.shape }));
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
  const plan: StepPlan = {
    classifier,
    objective,
    optimizer: optimizerByName(optimizer, optimizer === "sgd" ? { momentum: MOMENTUM } : {}),
    layout: layoutOf(named(trainableNames(classifier.graph))),
    buffers: named(bufferNames(classifier.graph)),
    clipNorm: null,
    imageShape: shape,
    viewsPerSample: views,
    critic: null,
  };
  return withBlocks(plan, await blockSize());
}
