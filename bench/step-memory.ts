/**
 * How close the expected memory of a training step comes to what it takes, and how long it takes: each in a process of its own.
 * `node --expose-gc --import tsx bench/step-memory.ts`
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type MethodName } from "../src/align/index.ts";
import { loadBackbone } from "../src/api/index.ts";
import { planRun } from "../src/api/plan-run.ts";
import { resolveFitOptions } from "../src/api/resolve-fit-options.ts";
import { rotation } from "../src/augment/index.ts";
import {
  type Classifier,
  cifarCnn,
  cifarLenet,
  lenet,
  mobileNet,
  resnet18,
  vgg,
} from "../src/models/index.ts";
import { sizeOf } from "../src/tensor/index.ts";
import { blockSize } from "../src/train/block-size.ts";
import { planMemory } from "../src/train/memory/plan-memory.ts";
import { PartsRunner } from "../src/train/parts/parts-runner.ts";
import { RunState } from "../src/train/run-state.ts";
import { StepRunner } from "../src/train/step-runner.ts";
import { withBlocks } from "../src/train/target.ts";

interface Case {
  readonly title: string;
  readonly shape: readonly [number, number, number];
  readonly make: () => Classifier | Promise<Classifier>;
  readonly method: MethodName;
  readonly batch: number;
  /** MB that the step may take (default: any amount). */
  readonly limit?: number;
  /** Degrees of the rotations (default: the family's own). */
  readonly degrees?: readonly number[];
  /** Whether training takes its values from the choice (default: as it is planned). */
  readonly reuses?: boolean;
}

const photograph = [3, 224, 224] as const;
const cifar = [3, 32, 32] as const;

/** Twelve, and the image itself. */
const degrees = [-60, -50, -40, -30, -20, -10, 10, 20, 30, 40, 50, 60];
const lite0 = {
  shape: photograph,
  make: () => loadBackbone("efficientnet-lite0"),
  method: "rwa",
  batch: 4,
  degrees,
} as const;

const cases: readonly Case[] = [
  { title: "LeNet", shape: [1, 28, 28], make: () => lenet(), method: "rwa", batch: 256 },
  { title: "LeNet", shape: [1, 28, 28], make: () => lenet(), method: "base", batch: 1024 },
  { title: "CIFAR's LeNet", shape: cifar, make: () => cifarLenet(), method: "vwa", batch: 512 },
  { title: "CIFAR CNN", shape: cifar, make: () => cifarCnn(), method: "rwa", batch: 256 },
  { title: "VGG", shape: cifar, make: () => vgg(), method: "va", batch: 64 },
  { title: "ResNet-18", shape: cifar, make: () => resnet18(), method: "rwa", batch: 32 },
  {
    title: "ResNet-18, 64²",
    shape: [3, 64, 64],
    make: () => resnet18({ shape: [3, 64, 64] }),
    method: "base",
    batch: 32,
  },
  { title: "MobileNet", shape: cifar, make: () => mobileNet(), method: "rwa", batch: 64 },
  {
    title: "MobileNet, 224²",
    shape: photograph,
    make: () => mobileNet({ shape: photograph }),
    method: "rwa",
    batch: 4,
  },
  {
    title: "MobileNet, 224²",
    shape: photograph,
    make: () => mobileNet({ shape: photograph }),
    method: "base",
    batch: 16,
  },
  {
    title: "CIFAR CNN, in parts",
    shape: cifar,
    make: () => cifarCnn(),
    method: "rwa",
    batch: 512,
    limit: 300,
  },
  {
    title: "LeNet, in parts",
    shape: [1, 28, 28],
    make: () => lenet(),
    method: "rwa",
    batch: 2048,
    limit: 300,
  },
  { title: "Lite0, values kept", ...lite0, reuses: true },
  { title: "Lite0, computed again", ...lite0, reuses: false },
  { title: "Lite0, in parts", ...lite0, limit: 700 },
];

const MB = 2 ** 20;
const [which] = process.argv.slice(2);
if (which === undefined) {
  console.log("net                     method  batch  expected MB  measured MB  ratio  s/step  parts");
  for (const [i, { title, method, batch }] of cases.entries()) {
    const args = ["--expose-gc", "--import", "tsx", import.meta.filename, String(i)];
    const { expected, measured, seconds, parts } = JSON.parse(
      execFileSync(process.execPath, args, { encoding: "utf8" }),
    ) as Row;
    const cells = [
      title.padEnd(22),
      method.padStart(7),
      String(batch).padStart(6),
      String(Math.round(expected)).padStart(12),
    ];
    console.log(
      cells.join(" "),
      String(Math.round(measured)).padStart(12),
      (expected / measured).toFixed(2).padStart(6),
      seconds.toFixed(2).padStart(7),
      parts,
    );
  }
} else console.log(JSON.stringify(await measure(cases[Number(which)])));

interface Row {
  readonly expected: number;
  readonly measured: number;
  /** Of the second step. */
  readonly seconds: number;
  readonly parts: string;
}

/** MB that two steps take above what the process has before. */
async function measure(given: Case): Promise<Row> {
  const { title, shape, make, method, batch, limit = Infinity, degrees: angles } = given;
  const settings = resolveFitOptions({ method, batchSize: batch });
  const { plan: plain } = await planRun(
    await make(),
    { shape, classes: 10 },
    settings,
    rotation(angles && { degrees: angles }),
    title,
  );
  const target = withBlocks(plain, await blockSize());
  const planned = planMemory(target, batch, limit * MB);
  const { form } = planned;
  const reusesSelection = given.reuses ?? form.reusesSelection;
  const bytes = reusesSelection ? planned.wholeBytes : planned.bytes;
  const plan = { ...target, reusesSelection };
  const options = { threads: 2 };
  const runner = form.parts ? new PartsRunner(plan, form.parts, options) : new StepRunner(plan, options);
  const state = RunState.initial(plan);
  const size = batch * plan.viewsPerSample * sizeOf(shape);
  const inputs = {
    images: Float32Array.from({ length: size }, (_, i) => (i % 251) / 251),
    labels: BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % 10)),
    alignmentWeight: 0.1,
    scalars: plan.optimizer.scalars(1, 1e-4),
    seed: 0,
    step: 0,
  };
  globalThis.gc?.();
  const before = resident("VmRSS");
  await runner.run(state, inputs);
  const began = performance.now();
  await runner.run(state, inputs);
  const seconds = (performance.now() - began) / 1000;
  const measured = resident("VmHWM") - before;
  await runner.release();
  return {
    expected: bytes / MB,
    measured,
    seconds,
    parts: form.parts ? Object.values(form.parts).join("/") : "",
  };
}

/** MB, as Linux counts them. */
function resident(field: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
}
