import type { Graph, GraphNode } from "../onnx/index.ts";
import { isLayerName, moduleOf } from "./made-up-names.ts";
import { type GraphUse, type TensorRole, tensorRoles } from "./roles.ts";
import { GraphUses, isNormalization, layerPart } from "./uses.ts";

/**
 * The parameters layer by layer, in the order in which the graph uses them (one that is used twice where it is used last).
 *
 * A layer is what a person counts as one: tensors that a module of that name holds (`norm.weight` and `norm.bias`), or
 * else those that one operator takes, with the bias that is added on its own.
 */
export function parameterLayers(graph: Graph, use?: GraphUse): string[][] {
  const parameters = tensorRoles(graph, use).filter(({ kind }) => kind === "parameter");
  const everything = new Set(graph.nodes.flatMap((node) => node.outputs));
  const uses = new GraphUses(graph, everything);
  const positionOf = new Map(graph.nodes.map((node, index) => [node, index] as const));
  const layers = new Map<string | GraphNode, { position: number; names: string[] }>();
  for (const role of parameters) {
    const { key, position } = placeOf(role, uses, positionOf);
    const layer = layers.get(key) ?? { position, names: [] };
    layers.set(key, layer);
    layer.position = Math.max(layer.position, position);
    layer.names.push(role.name);
  }
  return [...layers.values()].sort((a, b) => a.position - b.position).map(({ names }) => names);
}

function placeOf(
  { name, uses: all, isMadeUp }: TensorRole,
  uses: GraphUses,
  positionOf: ReadonlyMap<GraphNode, number>,
): { key: string | GraphNode; position: number } {
  const last = all.at(-1)!;
  const owner = uses.biasedProduct(last) ?? uses.scaledNormalization(last) ?? last.node;
  const module = !isMadeUp && isLayerName(name) ? moduleOf(name) : "";
  // The node of a layer comes before the one that adds its bias, and counts for both.
  const isOfLayer = layerPart(last) !== undefined || isNormalization(owner.opType);
  const position = isOfLayer ? last.index : (positionOf.get(owner) ?? last.index);
  return { key: module === "" ? owner : module, position };
}
