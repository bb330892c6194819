import type { Graph, GraphNode } from "../../src/onnx/index.ts";
import { type Session, createSession } from "../../src/runtime/index.ts";
import { type Tensor, numbersOf } from "../../src/tensor/index.ts";
import { RunState } from "../../src/train/run-state.ts";
import { buildStepGraph } from "../../src/train/index.ts";
import { stepNames } from "../../src/train/step-names.ts";
import type { Job } from "../job.ts";
import { benchPlan } from "./model.ts";
import type { Task } from "./task.ts";

/** The selection pass alone: all views forward with the weights as inputs, and each image's worst view. */
export async function selectionTask(
  job: Job,
  tensors: ReadonlyMap<string, Tensor>,
  threads: number,
): Promise<Task> {
  const images = tensors.get("images")!;
  const labels = tensors.get("labels")!;
  const plan = await benchPlan(job, images.shape[0] / labels.data.length);
  const graph = selectionOf(buildStepGraph(plan, labels.data.length).graph);
  const everything: Record<string, Tensor> = {
    ...RunState.initial(plan).feeds(),
    [stepNames.images]: images,
    [stepNames.labels]: labels,
  };
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, everything[name]]));
  let session: Session | null = null;
  let chosen: number[] = [];
  return {
    async step() {
      session ??= await createSession(graph, { threads });
      const [choice] = Object.values(await session.run(feeds));
      chosen = numbersOf(choice);
    },
    async rest() {
      await session?.release();
      session = null;
    },
    check: () => ({ chosen: chosen.reduce((sum, member) => sum + member, 0) }),
  };
}

/** What of a step's graph leads to the choice of views: so it is timed as the step runs it. */
export function selectionOf(step: Graph): Graph {
  const producers = new Map(step.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const isChoice = ({ opType, attributes }: GraphNode) => opType === "ArgMax" && attributes.axis === 0;
  const choices = step.nodes.filter(isChoice);
  if (choices.length !== 1) {
    throw new Error(`Expected one ArgMax over the views in a step's graph; found ${choices.length}.`);
  }
  const kept = new Set<GraphNode>();
  const read = new Set<string>();
  const pending = [choices[0]];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (kept.has(node)) continue;
    kept.add(node);
    for (const name of node.inputs) {
      read.add(name);
      const producer = producers.get(name);
      if (producer) pending.push(producer);
    }
  }
  return {
    ...step,
    name: "selection pass",
    nodes: step.nodes.filter((node) => kept.has(node)),
    inputs: step.inputs.filter(({ name }) => read.has(name)),
    initializers: new Map([...step.initializers].filter(([name]) => read.has(name))),
    outputs: [{ name: choices[0].outputs[0], dtype: "int64", shape: null }],
  };
}
