/** The running statistics of BatchNormalization: initializers that steps change without a gradient. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { dependingOn, reaching } from "./reach.ts";
import { type GraphUse, trainableNames } from "./roles.ts";
import { statedTensors } from "./stated.ts";

/** Names of the running means and variances that training moves. */
export function bufferNames(graph: Graph, frozen: ReadonlySet<string> = new Set(), use?: GraphUse): string[] {
  const names = imageNormalizations(graph, use)
    .filter(({ inputs }) => !frozen.has(inputs[4]))
    .flatMap(({ inputs }) => inputs.slice(3, 5));
  return [...new Set(names)].filter((name) => graph.initializers.has(name));
}

/**
 * Running variances of the nodes that keep their statistics: those whose scale and bias could train and do not, or are
 * buffers by what the file says (torchvision's FrozenBatchNorm2d, a layer of Keras with trainable = False); and of those
 * without any, the ones that nothing that trains comes before, where not everything trains. With the layers before them
 * frozen too, a frozen layer is then the same function before and after.
 */
export function frozenStatistics(graph: Graph, trained: readonly string[], use?: GraphUse): Set<string> {
  const isTrained = new Set(trained);
  const isKept = new Set(trainableNames(graph, use).filter((name) => !isTrained.has(name)));
  const isPartial = isKept.size > 0;
  const buffers = statedTensors(graph, use?.metadata)?.buffers;
  const isFrozen = ({ inputs: [x, scale, bias] }: GraphNode): boolean => {
    const affine = [scale, bias];
    if (affine.some((name) => isTrained.has(name))) return false;
    if (affine.some((name) => isKept.has(name) || buffers?.has(name))) return true;
    if (!isPartial) return false;
    const before = reaching(graph, [x], { byGradient: true });
    return !trained.some((name) => before.has(name));
  };
  return new Set(
    imageNormalizations(graph, use)
      .filter(isFrozen)
      .map(({ inputs }) => inputs[4]),
  );
}

/**
 * The BatchNormalization nodes that normalise what depends on the images. One that normalises weights (weight
 * standardization) has no running statistics.
 */
export function imageNormalizations(graph: Graph, use: GraphUse = {}): GraphNode[] {
  const ofImages = dependingOn(graph, use.input ?? graph.inputs[0]?.name);
  return graph.nodes.filter(
    ({ opType, domain, inputs }) =>
      opType === "BatchNormalization" && domain === "" && ofImages.has(inputs[0]),
  );
}
