/** What is left of a graph once its frozen part is cut off. */
import { type Graph, type GraphNode, intAttribute, prunedGraph } from "../onnx/index.ts";
import { type Shape, type Tensor, int64, sizeOf } from "../tensor/index.ts";

/** A tensor that is kept for each image. */
export interface BetweenTensor {
  readonly name: string;
  /** Of one image. */
  readonly shape: Shape;
}

/** A shape that follows the number of images, N. */
export interface BatchShape {
  /** At `axis` those of one image. */
  readonly lengths: Shape;
  /** The one that is N times as long: the first but where a tensor is turned, as in attention; null for none. */
  readonly axis: number | null;
}

/**
 * The graph from the tensors between on: its one input `features`, [N, F, 1, 1], is these tensors behind one another, which
 * it splits again. Where it asks for the shape of something before the cut, that is put together of what is known.
 *
 * @param before  nodes before the cut
 * @param shapes  of what is before the cut
 */
export function suffixGraph(
  graph: Graph,
  features: string,
  between: readonly BetweenTensor[],
  before: ReadonlySet<GraphNode>,
  shapes: ReadonlyMap<string, BatchShape>,
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

  /** Shape or Size of something that is not computed here: the number of images is that of the features. */
  function shapeOf(asking: GraphNode, { lengths, axis }: BatchShape): GraphNode[] {
    const [output] = asking.outputs;
    const constant = (values: readonly number[], shape?: Shape) =>
      stored(`${output}/lengths`, int64(values, shape));
    const count = unused(`${output}/images`);
    const images = node("Shape", [features], [count], { start: 0, end: 1 });
    if (asking.opType === "Size") {
      const size = constant([sizeOf(lengths)], []);
      if (axis === null) return [node("Identity", [size], [output])];
      const squeezed = unused(`${output}/count`);
      return [images, node("Squeeze", [count], [squeezed]), node("Mul", [squeezed, size], [output])];
    }
    const rank = lengths.length;
    const bound = (n: number) => Math.min(rank, Math.max(0, n < 0 ? n + rank : n));
    const start = bound(intAttribute(asking, "start", 0));
    const end = bound(intAttribute(asking, "end", rank));
    if (axis === null || axis < start || axis >= end)
      return [node("Identity", [constant(lengths.slice(start, end))], [output])];
    const isCount = lengths[axis] === 1;
    const rows = isCount ? count : unused(`${output}/rows`);
    const [front, back] = [lengths.slice(start, axis), lengths.slice(axis + 1, end)];
    const around = (side: Shape) => (side.length > 0 ? [constant(side)] : []);
    return [
      images,
      ...(isCount ? [] : [node("Mul", [count, constant([lengths[axis]])], [rows])]),
      node("Concat", [...around(front), rows, ...around(back)], [output], { axis: 0 }),
    ];
  }
}

const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: GraphNode["attributes"] = {},
): GraphNode => ({ opType, domain: "", name: "", inputs, outputs, attributes });
