/**
 * `npm run bench:profile -- [METHOD] [--model lenet|cifarCnn|resnet18] [--width N] [--batch N] [--steps N] [--threads N]`:
 * where the milliseconds of a step go, by ONNX Runtime's own profiler: the median of each node over the steps, and the
 * sum of each operator.
 */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import * as ort from "onnxruntime-node";
import { z } from "zod";
import { type MethodName, methodByName } from "../src/align/index.ts";
import { type Graph, type ValueInfo, modelOf, writeModel } from "../src/onnx/index.ts";
import { sizeOf, zeros } from "../src/tensor/index.ts";
import { buildStepGraph } from "../src/train/index.ts";
import { jobSchema } from "./job.ts";
import { median } from "./statistics.ts";
import { benchModels, benchPlan } from "./tasks/model.ts";

const NODES_SHOWN = 25;
const KERNEL_SUFFIX = "_kernel_time";

const { values, positionals } = parseArgs({
  options: {
    model: { type: "string", default: "lenet" },
    width: { type: "string" },
    batch: { type: "string", default: "128" },
    steps: { type: "string", default: "100" },
    threads: { type: "string", default: "2" },
  },
  allowPositionals: true,
});
const [method = "rwa"] = positionals;
const { views } = methodByName(method);
const model = jobSchema.shape.model.parse(values.model);
const [batchSize, steps] = [Number(values.batch), Number(values.steps)];

const eventSchema = z.object({
  cat: z.string(),
  name: z.string(),
  dur: z.number(),
  args: z.object({ op_name: z.string().optional() }).optional(),
});

interface NodeTimes {
  readonly op: string;
  readonly ms: number[];
}

/** Milliseconds of every run of every node. */
async function profile(graph: Graph): Promise<Map<string, NodeTimes>> {
  const folder = await mkdtemp(join(tmpdir(), "alignreg-profile-"));
  const session = await ort.InferenceSession.create(writeModel(modelOf(graph)), {
    intraOpNumThreads: Number(values.threads),
    graphOptimizationLevel: "extended",
    enableProfiling: true,
    profileFilePrefix: join(folder, "step"),
  });
  const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, feedFor(input)]));
  for (let step = 0; step < steps; step++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const [file] = await readdir(folder);
  const events = z.array(z.unknown()).parse(JSON.parse(await readFile(join(folder, file), "utf8")));
  await rm(folder, { recursive: true });

  const nodes = new Map<string, NodeTimes>();
  for (const event of events) {
    const { success, data } = eventSchema.safeParse(event);
    if (!success || data.cat !== "Node" || !data.name.endsWith(KERNEL_SUFFIX)) continue;
    const name = data.name.slice(0, -KERNEL_SUFFIX.length);
    const node = nodes.get(name) ?? { op: data.args?.op_name ?? "?", ms: [] };
    node.ms.push(data.dur / 1000);
    nodes.set(name, node);
  }
  return nodes;
}

/** Small numbers of both signs; what they are does not change how long a node takes. */
function feedFor({ dtype, shape }: ValueInfo): ort.Tensor {
  const data = zeros(dtype, sizeOf(shape as number[]));
  if (dtype === "float32") for (let i = 0; i < data.length; i++) data[i] = Math.sin(i) / 10;
  return new ort.Tensor(dtype, data as Float32Array, shape as number[]);
}

const plan = await benchPlan(
  { model, width: values.width === undefined ? null : Number(values.width), method: method as MethodName },
  { none: 1, random: 2, "worst-case": 5, mixes: 3 }[views],
);
const nodes = await profile(buildStepGraph(plan, batchSize).graph);
const medians = [...nodes].map(([name, { op, ms }]) => ({ name, op, ms: median(ms) }));
const total = medians.reduce((sum, { ms }) => sum + ms, 0);
console.log(
  `${method} step of ${benchModels[model].title}, batch ${batchSize}, ${values.threads} threads: ${total.toFixed(1)} ms in nodes`,
);

const style = { head: [], border: [], compact: true };
const byNode = new Table({ head: ["node", "operator", "ms"], colAligns: ["left", "left", "right"], style });
for (const { name, op, ms } of medians.sort((a, b) => b.ms - a.ms).slice(0, NODES_SHOWN)) {
  byNode.push([name, op, ms.toFixed(2)]);
}
const byOp = new Table({ head: ["operator", "nodes", "ms"], colAligns: ["left", "right", "right"], style });
const operators = [...new Set(medians.map(({ op }) => op))].map((op) =>
  medians.filter((node) => node.op === op),
);
const sumOf = (group: typeof medians) => group.reduce((sum, { ms }) => sum + ms, 0);
for (const group of operators.sort((a, b) => sumOf(b) - sumOf(a))) {
  byOp.push([group[0].op, group.length, sumOf(group).toFixed(2)]);
}
console.log(`${byNode.toString()}\n${byOp.toString()}`);
