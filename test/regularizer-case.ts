/** A regularizer as a function of two tensors. A critic has the weights that a run of seed 0 starts it with. */
import {
  type PairsRegularizer,
  type RegularizerName,
  regularizerByName,
  regularizers,
} from "../src/align/index.ts";
import { semanticInference } from "../src/autodiff/index.ts";
import { lower } from "../src/lower/index.ts";
import { type Graph, GraphBuilder, type Value, inlineGraph } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { type Tensor, float32, random } from "../src/tensor/index.ts";
import { runGraph, runWithGradients } from "./run-graph.ts";

/** Those that compare an image's representation with its view's. */
export const pairNames = (Object.keys(regularizers) as RegularizerName[]).filter(
  (name) => regularizerByName(name).kind === "pairs",
);

export const pairsByName = (name: string): PairsRegularizer => regularizerByName(name) as PairsRegularizer;

/** The value of each sample, [N]. */
export const perSample = async (regularizer: PairsRegularizer, z: Tensor, zView: Tensor): Promise<Tensor> =>
  (await runGraph({ z, zView }, (g, inputs) => ({ d: distance(g, regularizer, inputs) }))).d;

/** The mean over the batch as `value`, and its gradients, `grad:z` and `grad:zView`. */
export const meanWithGradients = (
  regularizer: PairsRegularizer,
  z: Tensor,
  zView: Tensor,
): Promise<Record<string, Tensor>> =>
  runWithGradients({ z, zView }, (g, inputs) => g.mean(distance(g, regularizer, inputs), [0]));

/**
 * The slope of the mean along one entry of `z` or `zView`, by central differences.
 *
 * What stands under a StopGradient is held at its value for the tensors as given: that is what the gradient of
 * such a graph means.
 */
export async function slopes(
  regularizer: PairsRegularizer,
  tensors: { readonly z: Tensor; readonly zView: Tensor },
  entries: readonly { readonly of: "z" | "zView"; readonly at: number }[],
  step: number,
): Promise<number[]> {
  const session = await createSession(await holdingStopped(meanGraph(regularizer, tensors), tensors), {
    threads: 1,
  });
  try {
    const found: number[] = [];
    for (const { of, at } of entries) {
      const [above, below] = [shifted(tensors[of], at, step), shifted(tensors[of], at, -step)];
      const up = await session.run({ ...tensors, [of]: above });
      const down = await session.run({ ...tensors, [of]: below });
      found.push((Number(up.mean.data[0]) - Number(down.mean.data[0])) / (2 * step));
    }
    return found;
  } finally {
    await session.release();
  }
}

type Inputs = Readonly<Record<string, Value>>;

const distance = (g: GraphBuilder, regularizer: PairsRegularizer, { z, zView }: Inputs): Value =>
  regularizer.distance(g, z, zView, criticParameters(g, regularizer, z.shape[1]));

function criticParameters(g: GraphBuilder, { critic }: PairsRegularizer, features: number): Value[] {
  const parameters = critic?.parameters(features) ?? [];
  return parameters.map((parameter) => {
    const rng = random(0, "critic", parameter.name);
    return g.initializer(parameter.name, float32(parameter.shape, parameter.initial(rng)));
  });
}

/** The mean over the batch, and as outputs of their own the values whose gradient is stopped. */
function meanGraph(regularizer: PairsRegularizer, { z, zView }: { z: Tensor; zView: Tensor }): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const inputs = { z: g.input("z", z.dtype, z.shape), zView: g.input("zView", zView.dtype, zView.shape) };
  const mean = g.mean(distance(g, regularizer, inputs), [0]);
  const stopped = g.nodes.filter((node) => node.opType === "StopGradient").map((node) => node.outputs[0]);
  return g.build("mean", { mean, ...Object.fromEntries(stopped.map((value, i) => [`stopped:${i}`, value])) });
}

/** The same graph with constants in the place of the values whose gradient is stopped. */
async function holdingStopped(graph: Graph, feeds: { z: Tensor; zView: Tensor }): Promise<Graph> {
  const session = await createSession(lower(graph), { threads: 1 });
  const held = await session.run({ ...feeds });
  await session.release();
  const g = new GraphBuilder({ extension: semanticInference });
  const inputs = graph.inputs.map(
    ({ name, dtype, shape }) => [name, g.input(name, dtype, shape as number[])] as const,
  );
  const values = inlineGraph(g, graph, new Map(inputs), {
    rewrite: (_, node) => (node.opType === "StopGradient" ? [g.constant(held[node.outputs[0]])] : null),
  });
  return g.build("mean", { mean: values.get("mean")! });
}

const shifted = ({ shape, data }: Tensor, at: number, by: number): Tensor =>
  float32(
    shape,
    (data as Float32Array).map((v, i) => (i === at ? v + by : v)),
  );
