/** Types, shapes and constants inside a graph of outside origin, as far as they can be told. */
import { type Graph, type GraphNode, GraphBuilder, type Value, upgradeGraph } from "../onnx/index.ts";
import { LimitError } from "../options/index.ts";
import { AlignregError } from "../tensor/index.ts";

/** What is known of a graph for one batch. */
export interface InferredGraph {
  /** By name; a value that is missing depends on an operator whose shapes are not known. */
  readonly values: ReadonlyMap<string, Value>;
  /** The nodes in the forms of the current opset. */
  readonly nodes: readonly GraphNode[];
  /** The batch that shapes are of. */
  readonly batch: number;
}

/** Batch for which shapes are inferred where the file fixes none: 2 is told apart from lengths of 1. */
const BATCH = 2;

/** Images to try where a file does not say its size: [C, H, W]. */
const usualImages = [
  [3, 224, 224],
  [3, 32, 32],
  [1, 28, 28],
] as const;

/**
 * Infers what it can; unlike the planning of a training step it never fails, as files that are only tested may hold
 * operators that nobody here knows.
 *
 * @param image  shape of one image as the graph takes it (default: what the file declares, else usual sizes)
 */
export function inferValues(
  graph: Graph,
  input: string,
  image: readonly number[] | null = null,
): InferredGraph {
  const shape = graph.inputs.find(({ name }) => name === input)?.shape ?? null;
  const batch = typeof shape?.[0] === "number" && shape[0] > 0 ? shape[0] : BATCH;
  let upgraded: Graph;
  try {
    upgraded = upgradeGraph(graph);
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
    return { values: new Map(), nodes: [], batch };
  }
  const attempts = (image ? [image] : candidates(shape?.slice(1) ?? null)).map((size) => ({
    values: attempt(upgraded, input, [batch, ...size]),
    nodes: upgraded.nodes,
    batch,
  }));
  return attempts.reduce((best, other) => (other.values.size > best.values.size ? other : best));
}

/** The declared lengths of an image; where some are open, those that fit of the usual ones. */
function candidates(lengths: readonly (number | string | null)[] | null): (readonly number[])[] {
  const isOpen = (n: number | string | null) => typeof n !== "number" || n < 1;
  if (lengths === null || lengths.length !== 3) return [...usualImages];
  if (!lengths.some(isOpen)) return [lengths as readonly number[]];
  const channelsLast = lengths[2] === 3 || lengths[2] === 1;
  return usualImages.map(([c, h, w]) => {
    const usual = channelsLast ? [h, w, c] : [c, h, w];
    return lengths.map((n, i) => (isOpen(n) ? usual[i] : (n as number)));
  });
}

function attempt(graph: Graph, input: string, shape: readonly number[]): Map<string, Value> {
  const g = new GraphBuilder();
  const values = new Map<string, Value>([[input, g.input(input, "float32", shape)]]);
  for (const [name, value] of graph.initializers) values.set(name, g.constant(value));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? null : values.get(name)));
    if (inputs.includes(undefined)) continue;
    try {
      const { domain, name, attributes } = node;
      const options = { domain, name, outputs: node.outputs.length };
      const made = g.op(node.opType, inputs as (Value | null)[], attributes, options);
      node.outputs.forEach((output, i) => output !== "" && values.set(output, made[i]));
    } catch (error) {
      // An operator that is not known, or an image of a size that does not fit.
      if (!(error instanceof AlignregError) || error instanceof LimitError) throw error;
    }
  }
  return values;
}
