/** What is timed, and who takes part in it. */
import type { InputSpec } from "./inputs.ts";
import type { Job } from "./job.ts";
import type { PeerName } from "./peers.ts";
import { benchModels } from "./tasks/model.ts";

/** One who does a workload's work. */
export interface Entrant {
  /** As tables print it. */
  readonly name: string;
  readonly peer: PeerName;
  /** Default "careful". */
  readonly way?: Job["way"];
  /** It minimises another objective, so only that its loss falls is checked. */
  readonly isOtherObjective?: true;
  /** Too slow for the workload's rounds: this many steps, in the first round only, without warming up. */
  readonly stepsInAll?: number;
}

export interface Workload {
  readonly name: string;
  /** "quick" workloads always run, "usual" ones without --quick, "long" ones with --all or when asked for by name. */
  readonly tier: "quick" | "usual" | "long";
  readonly unit: "ms" | "MiB";
  readonly inputs: InputSpec;
  /** Steps of a block, and those before it that are not timed. */
  readonly steps: number;
  readonly warmUp: number;
  /** At most this many rounds, whatever a run asks for. */
  readonly mostRounds?: number;
  /** Ourselves first. */
  readonly entrants: readonly [Entrant, ...Entrant[]];
  /** How far the numbers that entrants check by may be apart, relative to ours (default 1e-3). */
  readonly tolerance?: number;
  /** Of a workload that is one point of a series: what grows, and to what. */
  readonly growth?: { readonly series: string; readonly of: string; readonly value: number };
}

const OURS: Entrant = { name: "alignreg", peer: "alignreg" };
const TORCH: Entrant = { name: "PyTorch", peer: "torch" };
const CHANNELS_LAST: Entrant = { name: "PyTorch, channels last", peer: "torch", way: "channels last" };
const CAREFUL: Entrant = { name: "PyTorch, careful loop", peer: "torch" };
const CAREFUL_LAST: Entrant = {
  name: "PyTorch, careful loop, channels last",
  peer: "torch",
  way: "channels last",
};
const PUBLISHED: Entrant = {
  name: "PyTorch, published package's way",
  peer: "torch",
  way: "published",
  isOtherObjective: true,
};
const TENSORFLOW: Entrant = { name: "TensorFlow, tf.function", peer: "tensorflow" };

/** The paper's rotations. */
const PAPER_DEGREES = [15, 30, 45, 60];

interface ModelWorkload {
  readonly work: "step" | "select";
  readonly model: Job["model"];
  readonly width?: number;
  readonly method: Job["method"];
  readonly samples: number;
  readonly degrees?: readonly number[];
  readonly tier: Workload["tier"];
  readonly steps: number;
  readonly warmUp: number;
  readonly peers: readonly Entrant[];
  readonly growth?: Workload["growth"];
}

function ofModel({ work, model, width, method, samples, degrees, peers, ...rest }: ModelWorkload): Workload {
  const { title, optimizer } = benchModels[model];
  const angles = degrees ?? PAPER_DEGREES;
  const rotated = `${angles.length} rotation${angles.length > 1 ? "s" : ""}`;
  const views = method === "rwa" ? `, ${rotated} and the identity` : "";
  const what = work === "select" ? "selection pass" : method === "base" ? "step" : `${method} step`;
  const trained = work === "step" ? `, ${optimizer === "adam" ? "Adam" : "SGD with momentum"}` : "";
  return {
    ...rest,
    name: `${title}${width ? ` of width ${width}` : ""} ${what}, batch ${samples}${views}${trained}`,
    unit: "ms",
    inputs: { work, model, width: width ?? null, method, samples, degrees: [...angles] },
    entrants: [OURS, ...peers],
    // The sum of the chosen members: a near tie may go either way.
    ...(work === "select" && { tolerance: 0.02 }),
  };
}

const lenet = { model: "lenet", samples: 128, steps: 20, warmUp: 5 } as const;
const cifarCnn = { model: "cifarCnn", samples: 128, steps: 10, warmUp: 5 } as const;
const resnet18 = { model: "resnet18", width: 64, samples: 64, steps: 3, warmUp: 2 } as const;
const rwa = { work: "step", method: "rwa" } as const;
const plain = { work: "step", method: "base" } as const;
const selection = { work: "select", method: "rwa" } as const;

const modelWorkloads = [
  ofModel({
    ...lenet,
    ...plain,
    tier: "quick",
    peers: [
      TORCH,
      TENSORFLOW,
      { name: "jax-js, WebAssembly, 1 thread", peer: "jax-js", stepsInAll: 3 },
      { name: "TF.js, CPU backend, 1 thread", peer: "tfjs", stepsInAll: 2 },
    ],
  }),
  ofModel({ ...lenet, ...rwa, tier: "quick", peers: [CAREFUL, PUBLISHED, TENSORFLOW] }),
  ofModel({ ...lenet, ...selection, tier: "quick", peers: [TORCH] }),
  ofModel({ ...cifarCnn, ...plain, tier: "usual", peers: [TORCH, CHANNELS_LAST, TENSORFLOW] }),
  ofModel({ ...cifarCnn, ...rwa, tier: "usual", peers: [CAREFUL, CAREFUL_LAST, PUBLISHED, TENSORFLOW] }),
  ofModel({ ...cifarCnn, ...selection, tier: "usual", peers: [TORCH, CHANNELS_LAST] }),
  ofModel({ ...resnet18, ...plain, tier: "usual", peers: [TORCH, CHANNELS_LAST] }),
  ofModel({ ...resnet18, ...rwa, tier: "long", peers: [CAREFUL, CAREFUL_LAST] }),
  ofModel({ ...resnet18, ...selection, tier: "long", peers: [TORCH, CHANNELS_LAST] }),
];

const evaluation: Workload = {
  name: "Evaluation of 10,000 MNIST images under 4 rotations and the identity, invariance score",
  tier: "quick",
  unit: "ms",
  inputs: {
    work: "evaluate",
    model: "lenet",
    width: null,
    method: "base",
    samples: 10_000,
    degrees: PAPER_DEGREES,
  },
  steps: 1,
  warmUp: 0,
  entrants: [OURS, { name: "PyTorch, batched rotations, torch.cdist", peer: "torch" }],
};

const rotations = ([model, title]: readonly ["lenet" | "cifarCnn", string]): Workload => ({
  name: `4 rotations of 128 images ${title}`,
  tier: "quick",
  unit: "ms",
  inputs: { work: "rotate", model, width: null, method: "base", samples: 128, degrees: PAPER_DEGREES },
  steps: 20,
  warmUp: 5,
  entrants: [
    { name: "alignreg, 1 thread", peer: "alignreg" },
    { name: "PyTorch, one grid_sample of all", peer: "torch" },
    { name: "torchvision, rotate by angle", peer: "torch", way: "torchvision" },
  ],
});

/** Five steps, each in a process that does nothing else. */
const memory = (workload: Workload): Workload => ({
  ...workload,
  name: `Peak memory: ${workload.name}`,
  tier: "long",
  unit: "MiB",
  steps: 4,
  warmUp: 1,
  mostRounds: 2,
});

/** Angles that divide 90° into K + 1. */
const angles = (count: number) => Array.from({ length: count }, (_, k) => (90 * (k + 1)) / (count + 1));

const growth = [
  ...[32, 64, 128, 256].map((samples) =>
    ofModel({
      ...cifarCnn,
      ...plain,
      samples,
      tier: "long",
      peers: [TORCH, CHANNELS_LAST],
      growth: { series: "CIFAR CNN step", of: "batch size", value: samples },
    }),
  ),
  ...[1, 2, 4, 8].map((count) =>
    ofModel({
      ...lenet,
      ...rwa,
      degrees: angles(count),
      tier: "long",
      peers: [CAREFUL],
      growth: { series: "LeNet rwa step, batch 128", of: "rotations", value: count },
    }),
  ),
  ...[16, 32, 64].map((width) =>
    ofModel({
      ...resnet18,
      ...plain,
      width,
      tier: "long",
      peers: [TORCH, CHANNELS_LAST],
      growth: { series: "ResNet-18 step, batch 64", of: "width", value: width },
    }),
  ),
].map((workload): Workload => ({ ...workload, name: `Growth: ${workload.name}`, mostRounds: 3 }));

const [, , , , cifarRwa, , resnetStep] = modelWorkloads;

export const workloads: readonly Workload[] = [
  ...modelWorkloads,
  evaluation,
  ...(
    [
      ["lenet", "of 1×28×28"],
      ["cifarCnn", "of 3×32×32"],
    ] as const
  ).map(rotations),
  memory(resnetStep),
  memory(cifarRwa),
  ...growth,
];
