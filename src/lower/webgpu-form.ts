import {
  type Graph,
  GraphBuilder,
  type GraphNode,
  type Value,
  floatAttribute,
  inlineGraph,
  intAttribute,
} from "../onnx/index.ts";
import { float32, int64 } from "../tensor/index.ts";

/**
 * A lowered step in operators that ONNX Runtime's WebGPU provider (1.30) has, and computes rightly.
 *
 * @param graph  lowered, all shapes static
 */
export function webgpuForm(graph: Graph): Graph {
  const g = new GraphBuilder();
  const bindings = new Map(
    graph.inputs.map(({ name, dtype, shape }) => [name, g.input(name, dtype, shape as number[])] as const),
  );
  const values = inlineGraph(g, graph, bindings, {
    rewrite: (_, node, inputs) =>
      node.opType === "Conv" && node.domain === ""
        ? evenConvolution(g, node, inputs)
        : node.opType === "BatchNormalization" && node.attributes.training_mode === 1
          ? batchNormalization(g, node, inputs as readonly Value[])
          : null,
  });
  return g.build(graph.name, Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!])));
}

/**
 * The provider's convolution to a multiple of 4 channels takes input channels in threes where they divide by 3 and not
 * by 4, and gets all but the first three wrong. Such images and kernels, LeNet's second convolution among them, get
 * channels of zeros up to a multiple of 4.
 */
function evenConvolution(
  g: GraphBuilder,
  node: GraphNode,
  [x, w, ...bias]: readonly (Value | null)[],
): readonly Value[] | null {
  const [outChannels, inChannels] = w!.shape;
  const isWrong = outChannels % 4 === 0 && inChannels % 3 === 0 && inChannels % 4 !== 0 && inChannels > 3;
  if (!isWrong || intAttribute(node, "group", 1) !== 1) return null;
  const missing = 4 - (inChannels % 4);
  const widen = (v: Value) =>
    g.op1("Pad", [v, g.constant(int64(v.shape.flatMap(() => [0, 0]).with(v.shape.length + 1, missing)))]);
  return g.op("Conv", [widen(x!), widen(w!), ...bias], node.attributes, { name: node.name });
}

/**
 * The provider normalises by running statistics only. In a lowered step the momentum is 0, so that the outputs are
 * (x − mean)/√(var + ε)·scale + bias [N, C, …], and the mean and the biased variance of the batch, [C].
 */
function batchNormalization(
  g: GraphBuilder,
  node: GraphNode,
  [x, scale, bias]: readonly Value[],
): readonly Value[] {
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const perChannel = (v: Value) => g.reshape(v, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  const mean = g.mean(x, axes, { keep: true });
  const centred = g.sub(x, mean);
  const variance = g.mean(g.mul(centred, centred), axes, { keep: true });
  const epsilon = g.constant(float32([], [floatAttribute(node, "epsilon", 1e-5)]));
  const normalised = g.div(centred, g.sqrt(g.add(variance, epsilon)));
  const y = g.add(g.mul(normalised, perChannel(scale)), perChannel(bias));
  return [y, g.reshape(mean, [x.shape[1]]), g.reshape(variance, [x.shape[1]])];
}
