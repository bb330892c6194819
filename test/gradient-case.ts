/**
 * The gradient fixtures as data: reads one, builds its gradient graph, runs it, and measures how far it is from
 * PyTorch. The test and `tools/gradient-table.ts` share this.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { backward, semanticInference } from "../src/autodiff/index.ts";
import { lower } from "../src/lower/index.ts";
import {
  type Graph,
  GraphBuilder,
  type Value,
  inlineGraph,
  readModel,
  upgradeGraph,
} from "../src/onnx/index.ts";
import { type SessionOptions, createSession } from "../src/runtime/index.ts";
import { type Random, type Tensor, float32, numbersOf } from "../src/tensor/index.ts";

export const GRADIENT_FIXTURES = join(import.meta.dirname, "fixtures", "gradients");

/** The largest |a − b| / max|b| that float32 arithmetic may show, unless a case states its own. */
const TOLERANCE = 1e-5;

/** Operators whose fixtures have inputs on or near a kink, where a difference quotient is no derivative. */
const KINKED = new Set([
  "Abs",
  "Cast",
  "Clip",
  "Elu",
  "GlobalMaxPool",
  "HardSigmoid",
  "HardSwish",
  "LeakyRelu",
  "LpNormalization",
  "Max",
  "MaxPool",
  "Min",
  "Mod",
  "PRelu",
  "ReduceL1",
  "ReduceL2",
  "ReduceMax",
  "ReduceMin",
  "Relu",
  "Selu",
  "ThresholdedRelu",
]);

export type Tensors = Readonly<Record<string, Tensor>>;

/** One fixture: a graph, what to feed it, and PyTorch's numbers. */
export interface GradientCase {
  readonly op: string;
  /** `op/case` */
  readonly name: string;
  readonly tolerance: number;
  /** Whether central differences can tell the derivative. */
  readonly isSmooth: boolean;
  /** The graph alone, at the current opset. */
  readonly graph: Graph;
  readonly inputs: Tensors;
  /** Expected outputs. */
  readonly expected: Tensors;
  /** Upstream gradients of those outputs that have one. */
  readonly upstream: Tensors;
  /** Expected gradients of Σ over outputs of Σ output·dy, by input. */
  readonly gradients: Tensors;
}

/** The names `op/case` of all fixtures, sorted. */
export function gradientCaseNames(folder = GRADIENT_FIXTURES): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".onnx"))
    .map((path) => path.replaceAll("\\", "/").slice(0, -".onnx".length))
    .sort();
}

export function readGradientCase(name: string, folder = GRADIENT_FIXTURES): GradientCase {
  const { graph, metadata } = readModel(readFileSync(join(folder, `${name}.onnx`)), name);
  const stored = (prefix: string): Tensors =>
    Object.fromEntries(
      [...graph.initializers]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  const own = [...graph.initializers].filter(([key]) => !/^(input|expected|dy|grad):/.test(key));
  return {
    op: name.split("/")[0],
    name,
    tolerance: Number(metadata.tolerance ?? TOLERANCE),
    isSmooth: metadata.smooth !== "no" && !KINKED.has(name.split("/")[0]),
    graph: upgradeGraph({ ...graph, initializers: new Map(own) }),
    inputs: stored("input:"),
    expected: stored("expected:"),
    upstream: stored("dy:"),
    gradients: stored("grad:"),
  };
}

/** The graph whose outputs are the case's own, and `grad:<input>` for each input; lowered. */
export function gradientGraph({ name, graph, inputs, expected, upstream }: GradientCase): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const bound = new Map<string, Value>(
    Object.entries(inputs).map(([key, { dtype, shape }]) => [key, g.input(key, dtype, shape)]),
  );
  const values = inlineGraph(g, graph, bound);
  const terms = Object.entries(upstream).map(([output, dy]) => {
    const weighted = g.mul(values.get(output)!, g.constant(dy));
    return g.sum(g.reshape(weighted, [-1]), [0]);
  });
  const gradients = backward(
    g,
    terms.reduce((a, b) => g.add(a, b)),
    [...bound.values()],
  );
  const outputs = Object.fromEntries(Object.keys(expected).map((key) => [key, values.get(key)!]));
  const named = Object.fromEntries([...bound.keys()].map((key, i) => [`grad:${key}`, gradients[i]]));
  return lower(g.build(name, { ...outputs, ...named }));
}

/** Runs a graph once. */
export async function runOnce(
  graph: Graph,
  feeds: Tensors,
  optimization: SessionOptions["optimization"],
): Promise<Tensors> {
  const session = await createSession(graph, { optimization, threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** max|a − b| / max|b| over the elements of two tensors; infinite when the shapes differ. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  const a = numbersOf(actual);
  const b = numbersOf(expected);
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
  const difference = b.reduce((largest, value, i) => Math.max(largest, Math.abs(a[i] - value)), 0);
  return a.some((value) => !Number.isFinite(value)) ? Infinity : difference / scale;
}

/** How far one run is from PyTorch. */
export interface CaseErrors {
  /** Worst relative error of an output. */
  readonly forward: number;
  /** Worst relative error of a gradient. */
  readonly gradient: number;
}

export async function caseErrors(
  c: GradientCase,
  graph: Graph,
  optimization: SessionOptions["optimization"],
): Promise<CaseErrors> {
  const results = await runOnce(graph, c.inputs, optimization);
  const worst = (expected: Tensors, prefix = "") =>
    Math.max(
      0,
      ...Object.entries(expected).map(([key, value]) => relativeError(results[prefix + key], value)),
    );
  return { forward: worst(c.expected), gradient: worst(c.gradients, "grad:") };
}

/** A derivative of the loss by one coordinate of an input, by the graph and by central differences. */
export interface Derivative {
  readonly where: string;
  readonly analytic: number;
  readonly numeric: number;
  /** Largest entry of that input's gradient: rounding errors scale with it. */
  readonly scale: number;
}

/**
 * Compares a few random coordinates of each input with central differences.
 *
 * The step is relative: near ∛ε ≈ 5e-3 of the coordinate it balances truncation against float32 rounding. The
 * difference of the outputs is weighted and summed in double precision.
 */
export async function derivatives(c: GradientCase, graph: Graph, random: Random): Promise<Derivative[]> {
  const session = await createSession(graph, { threads: 1 });
  try {
    const analytic = await session.run(c.inputs);
    const found: Derivative[] = [];
    for (const [name, input] of Object.entries(c.inputs)) {
      const gradient = numbersOf(analytic[`grad:${name}`]);
      const scale = gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      for (let trial = 0; trial < Math.min(3, gradient.length); trial++) {
        const at = random.integer(gradient.length);
        const x = numbersOf(input);
        const step = 5e-3 * Math.max(Math.abs(x[at]), 0.2);
        const run = async (value: number) => {
          const moved = float32(input.shape, x.with(at, value));
          return { value: moved.data[at], outputs: await session.run({ ...c.inputs, [name]: moved }) };
        };
        const up = await run(x[at] + step);
        const down = await run(x[at] - step);
        const change = Object.entries(c.upstream).map(([output, dy]) =>
          weightedDifference(up.outputs[output], down.outputs[output], dy),
        );
        found.push({
          where: `${name}[${at}]`,
          analytic: gradient[at],
          numeric: change.reduce((a, b) => a + b) / (up.value - down.value),
          scale,
        });
      }
    }
    return found;
  } finally {
    await session.release();
  }
}

function weightedDifference(a: Tensor, b: Tensor, weight: Tensor): number {
  const [x, y, w] = [a, b, weight].map(numbersOf);
  return w.reduce((sum, weight, i) => sum + weight * (x[i] - y[i]), 0);
}
