import type { Graph, GraphNode } from "../onnx/index.ts";

/**
 * The graph as it is to be run after training: BatchNormalization with its running statistics, and no Dropout that
 * draws. PyTorch writes the training form of both unless it is asked for evaluation.
 */
export const evaluationForm = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.map(inEvaluation) });

/** Whether a graph would normalise by batch statistics or drop units at random if it were run as it is. */
export const isTrainingForm = ({ nodes, initializers }: Graph): boolean =>
  nodes.some(({ opType, attributes, inputs, outputs }) =>
    opType === "BatchNormalization"
      ? attributes.training_mode === 1 || outputs.length > 1
      : opType === "Dropout" && Boolean(inputs[2]) && initializers.get(inputs[2])?.data[0] !== 0,
  );

function inEvaluation(node: GraphNode): GraphNode {
  if (node.opType === "Dropout") return { ...node, inputs: node.inputs.slice(0, 2) };
  if (node.opType !== "BatchNormalization") return node;
  const attributes = Object.entries(node.attributes).filter(([name]) => name !== "training_mode");
  return { ...node, attributes: Object.fromEntries(attributes), outputs: node.outputs.slice(0, 1) };
}
