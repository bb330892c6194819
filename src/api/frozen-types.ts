/**
 * The frozen part of a network needs no gradient and no shape rule of ours. Where it has operators that we know nothing of,
 * or whose shapes we cannot follow, the runtime runs it once, and what it makes tells the types.
 */
import {
  type BatchedType,
  type Graph,
  GraphBuilder,
  type GraphNode,
  type Value,
  expandedOperators,
  inferredOperators,
  isRandom,
  opaqueNode,
  qualifiedName,
} from "../onnx/index.ts";
import { innerValues } from "../runtime/index.ts";
import { AlignregError, type Shape, float32, random, sizeOf } from "../tensor/index.ts";

/** Two numbers of images, from which the lengths of any number follow. */
const FEW = 2;
const MORE = 3;

/**
 * The graph with the nodes of its frozen part that have no shape rule as opaque ones.
 *
 * @param graph    at the current opset
 * @param input    name of the images
 * @param image    shape of one, as the graph takes it
 * @param trained  names of what trains: whatever depends on it is not frozen, and stays as it is
 * @param own      operators that a user has a gradient rule for: those that we know nothing of become opaque anywhere
 * @throws RuntimeError when ONNX Runtime cannot run the frozen part
 */
export async function opaqueFrozenPart(
  graph: Graph,
  input: string,
  image: Shape,
  trained: readonly string[],
  own: ReadonlySet<string> = new Set(),
): Promise<Graph> {
  const frozen = frozenNodes(graph, trained);
  const described = unknownNodes(graph).filter((node) => own.has(qualifiedName(node.domain, node.opType)));
  if (described.length === 0 && withoutRule(graph, frozen, input, image).length === 0) return graph;
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs.filter(Boolean)));
  const around = described
    .flatMap((node) => [...node.inputs, ...node.outputs])
    .filter((name) => made.has(name));
  const names = [...new Set([...frozen.flatMap(({ outputs }) => outputs.filter(Boolean)), ...around])];
  const types = await probe(graph, names, input, image);
  types.set(input, { dtype: "float32", base: [0, ...image], perImage: [1, ...image.map(() => 0)] });
  const opaque = new Set([...withoutRule(graph, frozen, input, image, types), ...described]);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (opaque.has(node) ? opaqueNode(node, types) : node)),
  };
}

/** Nodes whose operator we know nothing of. */
function unknownNodes({ nodes }: Graph): GraphNode[] {
  const known = new Set([...inferredOperators, ...expandedOperators, "Constant", "ConstantOfShape"]);
  return nodes.filter((node) => !known.has(qualifiedName(node.domain, node.opType)));
}

/** Nodes that no trained tensor reaches. */
function frozenNodes({ nodes }: Graph, trained: readonly string[]): GraphNode[] {
  const moving = new Set(trained);
  return nodes.filter(({ inputs, outputs }) => {
    const isFrozen = !inputs.some((name) => moving.has(name));
    if (!isFrozen) for (const output of outputs) moving.add(output);
    return isFrozen;
  });
}

/**
 * The frozen nodes whose outputs' types do not follow from those of their inputs.
 *
 * @param types  where they are known: the nodes behind such a one can then be looked at too
 */
function withoutRule(
  graph: Graph,
  frozen: readonly GraphNode[],
  input: string,
  image: Shape,
  types?: ReadonlyMap<string, BatchedType>,
): GraphNode[] {
  const g = new GraphBuilder();
  const values = new Map<string, Value>([[input, g.input(input, "float32", [FEW, ...image])]]);
  for (const [name, value] of graph.initializers) values.set(name, g.constant(value));
  const known = new Set([...inferredOperators, ...expandedOperators, "Constant"]);
  return frozen.filter((node) => {
    const { opType, domain, inputs, outputs, attributes } = node;
    const isReady = inputs.every((name) => name === "" || values.has(name));
    // What draws random numbers is refused, not run.
    if (!isReady || isRandom(node)) return false;
    if (known.has(qualifiedName(domain, opType))) {
      try {
        const made = g.op(
          opType,
          inputs.map((name) => (name === "" ? null : values.get(name)!)),
          attributes,
          { domain, outputs: outputs.length },
        );
        outputs.forEach((name, i) => name !== "" && values.set(name, made[i]));
        return false;
      } catch (error) {
        if (!(error instanceof AlignregError)) throw error;
      }
    }
    for (const name of outputs) {
      const type = types?.get(name);
      if (type) {
        const shape = type.base.map((length, axis) => length + FEW * type.perImage[axis]);
        values.set(name, g.input(`opaque ${name}`, type.dtype, shape));
      }
    }
    return true;
  });
}

/** The types of values, as they follow the number of images. */
async function probe(
  graph: Graph,
  names: readonly string[],
  input: string,
  image: Shape,
): Promise<Map<string, BatchedType>> {
  const rng = random(0, "frozen part");
  const run = (count: number) =>
    innerValues(graph, names, {
      [input]: float32(
        [count, ...image],
        Float32Array.from({ length: count * sizeOf(image) }, () => rng.uniform()),
      ),
    });
  const few = await run(FEW);
  const more = await run(MORE);
  return new Map(
    names.map((name) => {
      const perImage = more[name].shape.map((length, axis) => length - few[name].shape[axis]);
      const base = few[name].shape.map((length, axis) => length - FEW * perImage[axis]);
      return [name, { dtype: few[name].dtype, base, perImage }];
    }),
  );
}
