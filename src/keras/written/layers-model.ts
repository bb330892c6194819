/** A classifier's graph as a TensorFlow.js layers model: model.json and the bytes of its weights. */
import { type Graph, GraphBuilder, type TypedNode, inlineGraph, upgradeGraph } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { WrittenLayer, WrittenWeight } from "./layer-list.ts";
import { layerRules } from "./operators/index.ts";
import type { Placed } from "./placed.ts";
import { signedRoot, signedRoots } from "./signed-root.ts";
import { Writer, refuse } from "./writer.ts";

/** A graph, and what of it is written. */
export interface WrittenGraph {
  /** In evaluation form. */
  readonly graph: Graph;
  /** Name of the images, and one of them as the graph takes it: [C, H, W], or [H, W, C] where channels are last. */
  readonly input: string;
  readonly image: readonly [number, number, number];
  readonly channelsLast: boolean;
  /** Name of the tensor that the model ends with. */
  readonly output: string;
}

export interface LayersModel {
  /** What model.json says of the layers. */
  readonly topology: unknown;
  readonly weights: readonly WrittenWeight[];
  /** Numbers that it gives for an image. */
  readonly units: number;
}

/** Adds layers around the graph's own. */
export interface Around {
  /** Height and width of the images that are fed, where they are not the graph's. */
  readonly fed?: readonly [height: number, width: number];
  /** From the images, [H, W, C] in the layers model, to what the graph takes. */
  readonly before?: (writer: Writer, images: Placed) => Placed;
  /** From the output to what the model ends with. */
  readonly after?: (writer: Writer, output: Placed) => Placed;
}

/** Shapes are inferred for it; 2 is told apart from lengths of 1. */
const BATCH = 2;

/**
 * @throws UnsupportedOpError for an operator, or a form of one, that no layer computes
 */
export function layersModel(
  { graph, input, image, channelsLast, output }: WrittenGraph,
  around: Around = {},
): LayersModel {
  const g = new GraphBuilder();
  const images = g.input(input, "float32", [BATCH, ...image]);
  const constants = [...graph.initializers].map(([name, value]) => [name, g.constant(value)] as const);
  const values = inlineGraph(g, upgradeGraph(graph), new Map([...constants, [input, images]]));
  const writer = new Writer();
  const channelAxis = channelsLast ? 2 : 0;
  const spatial = around.fed ?? image.filter((_, axis) => axis !== channelAxis);
  const first = writer.add({
    className: "InputLayer",
    config: { batch_input_shape: [null, ...spatial, image[channelAxis]], dtype: "float32", sparse: false },
    inputs: [],
  });
  const start: Placed = { layer: first, shape: image, form: "map", channelAxis };
  writer.place(images.name, around.before?.(writer, start) ?? start);
  const end = values.get(output)!;
  const nodes = needed(g.nodes, end.name);
  const roots = signedRoots(nodes);
  for (const node of nodes) {
    if (roots.inside.has(node)) continue;
    const root = roots.ends.get(node);
    if (root) {
      writer.place(node.outputs[0].name, signedRoot(writer, writer.find(root.x.name)!, root.epsilon));
      continue;
    }
    if (!node.inputs.some((value) => value && writer.find(value.name))) continue;
    const rule = node.domain === "" ? layerRules.get(node.opType) : undefined;
    const [made] = node.outputs;
    if (!rule) refuse(node, "there is no layer for this operator");
    const placed = rule(writer, node);
    if (made.shape[0] !== BATCH) refuse(node, "its first axis is not the batch");
    writer.place(made.name, placed);
  }
  const logits = writer.find(end.name)!;
  const last = around.after?.(writer, logits) ?? logits;
  return {
    topology: topologyOf(graph.name, writer.layers, first, last.layer),
    weights: writer.layers.flatMap(({ weights }) => weights),
    units: sizeOf(last.shape),
  };
}

/** The nodes that a value is computed by, in order. */
function needed(nodes: readonly TypedNode[], name: string): readonly TypedNode[] {
  const wanted = new Set([name]);
  const kept: TypedNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output.name))) continue;
    kept.unshift(node);
    for (const value of node.inputs) if (value) wanted.add(value.name);
  }
  return kept;
}

/** In the words of Keras 2, which every version of TensorFlow.js reads. */
const topologyOf = (name: string, layers: readonly WrittenLayer[], input: string, output: string) => ({
  keras_version: "2.4.0",
  backend: "tensorflow",
  model_config: {
    class_name: "Model",
    config: {
      name,
      layers: layers.map((layer) => ({
        class_name: layer.className,
        name: layer.name,
        config: { name: layer.name, trainable: true, ...layer.config },
        inbound_nodes: layer.inputs.length === 0 ? [] : [layer.inputs.map((from) => [from, 0, 0, {}])],
      })),
      input_layers: [[input, 0, 0]],
      output_layers: [[output, 0, 0]],
    },
  },
});
