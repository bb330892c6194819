/** What is left of a graph once its frozen part is cut off. */
import { type Graph, type GraphNode, intAttribute, prunedGraph } from "../onnx/index.ts";
import { type Shape, type Tensor, int64, sizeOf } from "../tensor/index.ts";

/** A tensor that is kept for each image. */
export interface BetweenTensor {
  readonly name: string;
  /** Of one image. */
  readonly shape: Shape;
}

/**
 * The graph from the tensors between on: its one input `features`, [N, F, 1, 1], is these tensors behind one another, which
 * it splits again. Where it asks for the shape of something before the cut, that is put together of what is known.
 *
 * @param before  nodes before the cut
 * @param shapes  of what is before the cut, for one image: all have their rows on the first axis
 */
export function suffixGraph(
  graph: Graph,
  features: string,
  between: readonly BetweenTensor[],
  before: ReadonlySet<GraphNode>,
  shapes: ReadonlyMap<string, Shape>,
  targets: readonly string[],
): Graph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const taken = new Set([...graph.nodes.flatMap(({ outputs }) => outputs), ...initializers.keys(), features]);
  const unused = (stem: string): string => (taken.has(stem) ? unused(`${stem}'`) : (taken.add(stem), stem));
  const stored = (stem: string, value: Tensor): string => {
    const name = unused(stem);
    initializers.set(name, value);
    return name;
  };

  const parts = between.map(({ name }) => unused(`${features}/${name}`));
  const sizes = between.map(({ shape }) => sizeOf(shape));
  const split: GraphNode[] =
    between.length === 1
      ? []
      : [node("Split", [features, stored(`${features}/sizes`, int64(sizes))], parts, { axis: 1 })];
  const reshapes = between.map(({ name, shape }, i) => {
    const target = stored(`${features}/${name}/shape`, int64([0, ...shape]));
    return node("Reshape", [between.length === 1 ? features : parts[i], target], [name]);
  });

  const available = new Set(between.map(({ name }) => name));
  const rest = graph.nodes.flatMap((each): GraphNode[] => {
    if (before.has(each)) return [];
    const [source] = each.inputs;
    const shape = shapes.get(source);
    const isOfShape = each.domain === "" && (each.opType === "Shape" || each.opType === "Size");
    return isOfShape && shape && !available.has(source) ? shapeOf(each, shape) : [each];
  });
  const whole = {
    ...graph,
    inputs: [
      { name: features, dtype: "float32" as const, shape: ["N", sizes.reduce((a, b) => a + b, 0), 1, 1] },
    ],
    nodes: [...split, ...reshapes, ...rest],
    initializers,
  };
  const pruned = prunedGraph(whole, targets);
  const declared = targets.map(
    (name) =>
      graph.outputs.find((output) => output.name === name) ?? {
        name,
        dtype: "float32" as const,
        shape: null,
      },
  );
  return { ...pruned, outputs: declared };

  /** Shape or Size of something that is not computed here: the number of rows is the features'. */
  function shapeOf(asking: GraphNode, lengths: Shape): GraphNode[] {
    const [output] = asking.outputs;
    const count = unused(`${output}/rows`);
    const rows = node("Shape", [features], [count], { start: 0, end: 1 });
    const constant = (values: readonly number[], shape?: Shape) =>
      stored(`${output}/lengths`, int64(values, shape));
    if (asking.opType === "Size") {
      const squeezed = unused(`${output}/count`);
      return [
        rows,
        node("Squeeze", [count], [squeezed]),
        node("Mul", [squeezed, constant([sizeOf(lengths)], [])], [output]),
      ];
    }
    const rank = lengths.length + 1;
    const bound = (n: number) => Math.min(rank, Math.max(0, n < 0 ? n + rank : n));
    const start = bound(intAttribute(asking, "start", 0));
    const end = bound(intAttribute(asking, "end", rank));
    const fixed = lengths.slice(Math.max(0, start - 1), Math.max(0, end - 1));
    if (start > 0 || end === 0) return [node("Identity", [constant(fixed)], [output])];
    if (fixed.length === 0) return [rows, node("Identity", [count], [output])];
    return [rows, node("Concat", [count, constant(fixed)], [output], { axis: 0 })];
  }
}

const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: GraphNode["attributes"] = {},
): GraphNode => ({ opType, domain: "", name: "", inputs, outputs, attributes });
