/** Where a frozen part can be cut off, and what each place would have to keep. */
import type { Graph, GraphNode, Value } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";
import { forwardWork } from "./forward-work.ts";
import { readsOf } from "./moving-values.ts";

/** A cut behind some of the frozen nodes, the first ones in the graph's order. */
export interface CutPlace {
  /** How many of the frozen nodes come before it. */
  readonly nodes: number;
  /** What the rest reads of them, in the order in which it is made. */
  readonly between: readonly string[];
  /** float32 numbers an image; infinite where something else than float32 would have to be kept. */
  readonly size: number;
  /** Of the nodes before it, for {@link rows} images. */
  readonly work: number;
}

/** For a batch of so many `rows`: the values, and those that have images along another axis than the first. */
interface KnownValues {
  readonly values: ReadonlyMap<string, Value>;
  readonly rows: number;
  readonly turned: ReadonlySet<string>;
}

/**
 * Every place behind a frozen node, in the graph's order.
 *
 * @param graph    nothing in it but what the targets need
 * @param frozen   its nodes that are the same function of each image in every step
 */
export function cutPlaces(
  graph: Graph,
  { input, targets }: { readonly input: string; readonly targets: readonly string[] },
  frozen: readonly GraphNode[],
  { values, rows, turned }: KnownValues,
): CutPlace[] {
  const place = new Map(frozen.map((node, i) => [node, i] as const));
  const born = new Map([[input, -1]]);
  frozen.forEach(({ outputs }, i) => outputs.forEach((name) => name !== "" && born.set(name, i)));
  const lastRead = new Map<string, number>(targets.map((name) => [name, Infinity]));
  for (const node of graph.nodes) {
    // A shape is the same for all images.
    if (node.opType === "Shape" || node.opType === "Size") continue;
    const at = place.get(node) ?? Infinity;
    for (const name of readsOf(node)) lastRead.set(name, Math.max(at, lastRead.get(name) ?? -1));
  }
  const sizes = new Map(
    [...born.keys()].map((name) => [name, turned.has(name) ? Infinity : rowSize(values.get(name), rows)]),
  );
  let open = new Set(lastRead.has(input) ? [input] : []);
  let work = 0;
  return frozen.map((node, i) => {
    work += forwardWork(node, values);
    open = new Set(
      [...open, ...node.outputs.filter((name) => name !== "")].filter(
        (name) => (lastRead.get(name) ?? -1) > i,
      ),
    );
    const between = [...open];
    return { nodes: i + 1, between, size: between.reduce((sum, name) => sum + sizes.get(name)!, 0), work };
  });
}

const rowSize = (value: Value | undefined, rows: number): number =>
  value?.dtype === "float32" && value.shape[0] === rows ? sizeOf(value.shape.slice(1)) : Infinity;
