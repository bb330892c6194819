import type { Graph, GraphNode } from "../onnx/index.ts";
import { dependingOn } from "../parameters/index.ts";

/**
 * The graph as it is to be run after training: BatchNormalization with its running statistics, and no Dropout that
 * draws. PyTorch writes the training form of both unless it is asked for evaluation. A BatchNormalization of weights, or one
 * that has no running statistics, normalises by what it gets in evaluation too, and stays.
 *
 * @param input  name of the images (default: the graph's input)
 */
export function evaluationForm(graph: Graph, input = graph.inputs[0]?.name): Graph {
  const ofImages = dependingOn(graph, input);
  return { ...graph, nodes: graph.nodes.map((node) => inEvaluation(node, ofImages)) };
}

/** Whether a graph would normalise by batch statistics or drop units at random if it were run as it is. */
export function isTrainingForm(graph: Graph, input = graph.inputs[0]?.name): boolean {
  const ofImages = dependingOn(graph, input);
  return graph.nodes.some((node) =>
    node.opType === "BatchNormalization"
      ? isTraining(node) && runsStatistics(node, ofImages)
      : node.opType === "Dropout" &&
        Boolean(node.inputs[2]) &&
        graph.initializers.get(node.inputs[2])?.data[0] !== 0,
  );
}

/** The BatchNormalization nodes that know nothing but the batch: PyTorch's track_running_stats=False. */
export function batchOnlyNormalizations(graph: Graph, input = graph.inputs[0]?.name): GraphNode[] {
  const ofImages = dependingOn(graph, input);
  return graph.nodes.filter(
    (node) =>
      node.opType === "BatchNormalization" &&
      isTraining(node) &&
      ofImages.has(node.inputs[0]) &&
      !runsStatistics(node, ofImages),
  );
}

const isTraining = ({ attributes, outputs }: GraphNode): boolean =>
  attributes.training_mode === 1 || outputs.length > 1;

/** Statistics that run are stored; where there are none, exporters write the batch's own as inputs. */
const runsStatistics = ({ inputs }: GraphNode, ofImages: ReadonlySet<string>): boolean =>
  ofImages.has(inputs[0]) && !ofImages.has(inputs[3]);

function inEvaluation(node: GraphNode, ofImages: ReadonlySet<string>): GraphNode {
  if (node.opType === "Dropout") return { ...node, inputs: node.inputs.slice(0, 2) };
  if (node.opType !== "BatchNormalization" || (isTraining(node) && !runsStatistics(node, ofImages)))
    return node;
  const attributes = Object.entries(node.attributes).filter(([name]) => name !== "training_mode");
  return { ...node, attributes: Object.fromEntries(attributes), outputs: node.outputs.slice(0, 1) };
}
