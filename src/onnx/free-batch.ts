/**
 * Models that were exported for one batch size, made to run at any.
 *
 * Exporters write the batch size into the targets of reshapes, and repeat tensors such as a class token for each
 * image; some do so although the input's batch has a name. Shapes are inferred for the batch of the file and for another;
 * where a node does not follow, its constants are what holds it back.
 */
import { AlignregError, type Shape, ShapeError, int64, numbersOf } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import { BatchFollower } from "./batch-follower.ts";
import { GraphBuilder } from "./builder.ts";
import { singleCopy } from "./copies.ts";
import { ModelError } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { inlineGraph } from "./inline.ts";
import { upgradeGraph } from "./upgrade.ts";
import type { Value } from "./value.ts";

/** A number of images that no exporter takes by itself. */
const UNUSUAL = 7;

/**
 * The graph without a batch size of its own; the same graph where it has none.
 *
 * @param graph   at the current opset
 * @param input   name of the images, [N, …]
 * @param image   shape of one image, as the graph takes it
 * @param logits  whose rows must be the images' (default: the first output)
 * @throws ModelError for a node that cannot follow another batch size
 */
export function freeBatch(
  graph: Graph,
  input: string,
  image: Shape,
  logits: string | undefined = graph.outputs[0]?.name,
): Graph {
  const info = graph.inputs.find(({ name }) => name === input);
  if (!info) return graph;
  const stated = info.shape?.[0];
  const isFixed = typeof stated === "number" && stated > 0;
  const situation: Situation = { graph, input, image, logits };
  // An operator that we know nothing of says nothing of the batch.
  if (!isFixed && fit(situation, UNUSUAL) !== "misfit") return graph;
  const batch = isFixed ? stated : hiddenBatch(situation);
  // What is wrong at any number of images, the step says when it is built.
  if (batch === undefined) return graph;
  const { before, follower, nodes } = followed(situation, batch);
  const after = follower.after.get(logits ?? "");
  if (after && before.get(logits)?.shape[0] === batch && after.shape[0] !== batch + 1) {
    throw stuck(graph, logits, before, follower.after, batch);
  }
  const symbolic = { ...info, shape: [null, ...image] };
  return {
    ...graph,
    inputs: graph.inputs.map((i) => (i === info ? symbolic : i)),
    outputs: graph.outputs.map((o) => ({ ...o, shape: null })),
    nodes,
    initializers: new Map([...graph.initializers, ...follower.initializers]),
  };
}

/**
 * The graph with one copy of each stored tensor that holds one for each image of the file's batch, such as a class token that
 * was expanded before it was stored, and an Expand behind it: trained, all images share it.
 *
 * @param graph  with a fixed batch, at its own opset; any other comes back as it is
 */
export function withSingleCopies(graph: Graph, input: string, image: Shape, logits: string): Graph {
  const batch = graph.inputs.find(({ name }) => name === input)?.shape?.[0];
  if (typeof batch !== "number" || batch < 2) return graph;
  const repeated = copiesIn({ graph, input, image, logits }, batch);
  if (repeated.length === 0) return graph;
  const initializers = new Map(graph.initializers);
  const renamed = new Map<string, string>();
  const expands = repeated.map(([name, axis]): GraphNode => {
    const stored = graph.initializers.get(name)!;
    const [whole, shape] = [`${name}:copies`, `${name}:copies:shape`];
    initializers.set(name, singleCopy(stored, axis)!).set(shape, int64(stored.shape));
    renamed.set(name, whole);
    return {
      opType: "Expand",
      domain: "",
      name: whole,
      inputs: [name, shape],
      outputs: [whole],
      attributes: {},
    };
  });
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => renamed.get(name) ?? name),
  }));
  return { ...graph, nodes: [...expands, ...nodes], initializers };
}

/** What is repeated for each image of the file's batch; nothing where the graph cannot follow another at all. */
function copiesIn(situation: Situation, batch: number): (readonly [string, number])[] {
  try {
    const graph = upgradeGraph(situation.graph);
    const { repeated } = followed({ ...situation, graph }, batch).follower;
    return [...repeated].filter(([name]) => situation.graph.initializers.get(name)?.dtype === "float32");
  } catch (error) {
    // What stands against the model is said where it is freed.
    if (error instanceof AlignregError) return [];
    throw error;
  }
}

/** The graph's nodes at another batch size than its own. */
function followed(situation: Situation, batch: number) {
  const { graph } = situation;
  const before = valuesAt(situation, batch);
  const other = new GraphBuilder();
  const follower = new BatchFollower(graph, before, bindings(other, situation, batch + 1), other);
  return { before, follower, nodes: graph.nodes.flatMap((node) => follower.follow(node)) };
}

/** Numbers of images that are tried at most. */
const TRIED = 24;

interface Situation {
  readonly graph: Graph;
  readonly input: string;
  readonly image: Shape;
  readonly logits: string | undefined;
}

function bindings(g: GraphBuilder, { graph, input, image }: Situation, size: number): Map<string, Value> {
  const { dtype } = graph.inputs.find(({ name }) => name === input)!;
  const values = new Map([[input, g.input(input, dtype, [size, ...image])]]);
  for (const [name, value] of graph.initializers) values.set(name, g.constant(value));
  return values;
}

function valuesAt(situation: Situation, size: number): Map<string, Value> {
  const g = new GraphBuilder();
  return inlineGraph(g, situation.graph, bindings(g, situation, size));
}

/** Whether the graph runs for so many images, and gives as many rows; "unknown" where shapes do not follow at all. */
function fit(situation: Situation, size: number): "fits" | "misfit" | "unknown" {
  try {
    const logits = valuesAt(situation, size).get(situation.logits ?? "");
    return !logits || logits.shape[0] === size ? "fits" : "misfit";
  } catch (error) {
    if (error instanceof ShapeError) return "misfit";
    if (error instanceof AlignregError) return "unknown";
    throw error;
  }
}

/** The one number of images that a graph runs for although its input has a name for it. */
function hiddenBatch(situation: Situation): number | undefined {
  const { nodes, initializers } = situation.graph;
  const targets = nodes
    .filter(({ opType }) => ["Reshape", "Expand", "Concat", "Range"].includes(opType))
    .flatMap(({ inputs }) => inputs.map((name) => initializers.get(name)))
    .flatMap((value) => (value?.dtype === "int64" ? numbersOf(value).slice(0, 4) : []));
  const constants = nodes.flatMap(({ opType, attributes: { value } }) =>
    opType === "Constant" && typeof value === "object" && "dtype" in value && value.data.length <= 16
      ? numbersOf(value).slice(0, 4)
      : [],
  );
  const sizes = [...new Set([1, 2, ...targets, ...constants])].slice(0, TRIED);
  return sizes.find((n) => Number.isInteger(n) && n > 0 && n <= 4096 && fit(situation, n) === "fits");
}

/** The node that makes as many rows as the file's batch had, whatever comes in. */
function stuck(
  graph: Graph,
  logits: string,
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
  batch: number,
): ModelError {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  const follows = (name: string) => before.get(name)?.shape.join() !== after.get(name)?.shape.join();
  let node: GraphNode | undefined = producers.get(logits);
  while (node && !node.inputs.some(follows)) {
    const [next] = node.inputs.map((name) => producers.get(name)).filter((n) => n !== undefined);
    node = next;
  }
  return new ModelError(
    `The model was exported for ${batch} ${batch === 1 ? "image" : "images"} at a time, and its rows do not follow ` +
      `another number${node ? `: ${describeNode(node)} makes as many whatever it gets` : ""}. Take the batch from the ` +
      `images' shape there, x.shape[0], and export it again with a dynamic batch (dynamic_axes, or dynamic_shapes).`,
  );
}
