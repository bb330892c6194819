/** A graph model's nodes as a graph of ONNX. */
import type { LayerProblem } from "../keras/index.ts";
import { type Graph, GraphBuilder, ModelError, renameValues } from "../onnx/index.ts";
import { withStatedBatch } from "../models/index.ts";
import { ShapeError, type Tensor, UsageError } from "../tensor/index.ts";
import { Constants, NodeContext } from "./context.ts";
import { UnsupportedOperatorsError } from "./errors.ts";
import { type GraphNode, type NodeOutput, neededNodes } from "./graph-nodes.ts";
import { type Held, Laid } from "./held.ts";
import { isControl, operators, refusalOf } from "./operators/index.ts";
import { converterOfSpaced } from "./operators/spaced.ts";
import { type GraphOutput } from "./signature.ts";
import type { TakenInput } from "./taken-input.ts";

export interface GraphParts {
  /** What messages call the model. */
  readonly name: string;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly outputs: readonly GraphOutput[];
  /** By the node that stands for it. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * Builds the graph of these outputs. Its images are [N, C, H, W], or as the model has them where its channels come first; values
 * that the model names keep its names.
 *
 * @param outputs  that need no node without a counterpart ({@link problemsOf})
 * @throws UnsupportedOperatorsError for a node whose attributes or inputs are not read
 */
export function buildGraph({ name, nodes, outputs, weights }: GraphParts, input: TakenInput): Graph {
  const g = new GraphBuilder();
  // What is made on the way must not take the names of the model's own.
  g.reserve(nodes.keys());
  const value = g.input(input.name, "float32", input.shape);
  const image = input.isChannelsLast ? Laid.first(g, value) : Laid.last(g, value);
  const constants = new Constants(g, [input.name]);
  const made = new Map<string, readonly Held[]>();
  const names = new Map<string, string>();
  for (const node of neededNodes(nodes, outputs)) {
    const held =
      node.op === "Placeholder"
        ? [image]
        : node.op === "Const"
          ? [constantOf(node, weights)]
          : converted(
              node,
              new NodeContext(g, node.op, node.attributes, inputsOf(node, made), constants),
              name,
            );
    made.set(node.name, held);
    const [first] = held;
    if (first.kind === "laid" && !names.has(first.own.name)) names.set(first.own.name, node.name);
  }
  const values = outputs.map((output) => {
    const held = heldAt(output, made, `output ${JSON.stringify(output.name)}`);
    if (held.kind === "laid" && held.shape[0] === 1) return [output.name, held.last] as const;
    throw new UsageError(
      `The output ${JSON.stringify(output.name)} of ${name} ${held.kind === "laid" ? "has no row for each image" : "does not hang on the images"}.`,
    );
  });
  const taken = new Set([input.name, ...nodes.keys()]);
  const named = values.map(([key, last]) => [taken.has(key) ? `${key}:0` : key, last] as const);
  const graph = g.build(name, Object.fromEntries(named));
  return withStatedBatch(renameValues(graph, names));
}

/** What outputs need and has no counterpart, node by node. Loops are circles: they are not looked into. */
export const problemsOf = (
  nodes: ReadonlyMap<string, GraphNode>,
  outputs: readonly NodeOutput[],
): LayerProblem[] =>
  neededNodes(nodes, outputs, ({ op }) => isControl(op)).flatMap(({ name, op }) => {
    const problem = refusalOf(op);
    return problem === undefined ? [] : [{ layer: name, className: op, problem }];
  });

function constantOf({ name }: GraphNode, weights: ReadonlyMap<string, Tensor>): Held {
  const tensor = weights.get(name);
  if (tensor) return { kind: "numbers", name, tensor };
  throw new ModelError(
    `The weights of its constant ${JSON.stringify(name)} are missing. Convert the model anew.`,
  );
}

const inputsOf = (node: GraphNode, made: ReadonlyMap<string, readonly Held[]>): Held[] =>
  node.inputs.map((input) => heldAt(input, made, `node ${JSON.stringify(node.name)}`));

function heldAt({ node, index }: NodeOutput, made: ReadonlyMap<string, readonly Held[]>, by: string): Held {
  const held = made.get(node)?.at(index);
  if (held) return held;
  throw new ModelError(`its ${by} takes output ${index} of ${JSON.stringify(node)}, which is not made here`);
}

/** @throws UnsupportedOperatorsError that names the node where its attributes and inputs are not read, or do not fit */
function converted(node: GraphNode, context: NodeContext, model: string): readonly Held[] {
  try {
    const convert = operators.get(node.op)!;
    const result = converterOfSpaced(context, convert) ?? convert(context);
    const held = Array.isArray(result) ? (result as readonly Held[]) : [result as Held];
    return held.map((value) => settled(value, node.name));
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof ShapeError)) throw error;
    const problem = error.message.replace(/[.\s]*$/, ".");
    throw new UnsupportedOperatorsError(model, [{ layer: node.name, className: node.op, problem }]);
  }
}

/** What was made of constants alone is a constant. */
function settled(held: Held, name: string): Held {
  const tensor = held.kind === "laid" ? held.last.constant : undefined;
  return tensor ? { kind: "numbers", name, tensor } : held;
}
