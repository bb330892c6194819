/**
 * Brings a graph to the current opset, so that every later stage knows one form of each operator.
 *
 * A table lists the operators whose form changed, with the opset of the change and the rewriting. Operators that
 * are not listed mean the same from opset 11 on.
 */
import { type Tensor, int64, tensor } from "../tensor/index.ts";
import { type Attribute, type Attributes, floatAttribute, intAttribute, intsAttribute } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import { CURRENT_OPSET, type Graph, type GraphNode, OLDEST_OPSET, opsetOf } from "./graph.ts";

interface Context {
  /** Adds a constant and returns its name. */
  constant(value: Tensor): string;
  /** A new value name. */
  fresh(): string;
}

type Upgrade = (node: GraphNode, context: Context) => GraphNode[];

/** A list attribute becomes an input, as its values may since depend on data. */
const listToInput =
  (key: string): Upgrade =>
  (node, context) => {
    if (node.attributes[key] === undefined) return [node];
    const axes = context.constant(int64(intsAttribute(node, key)));
    return [{ ...node, inputs: [node.inputs[0], axes], attributes: without(node.attributes, key) }];
  };

/** Before opset 13 softmax ran over all axes from `axis` on (default 1), flattened into one. */
const flattenedSoftmax: Upgrade = (node, context) => {
  const axis = intAttribute(node, "axis", 1);
  const [x] = node.inputs;
  const [flat, result, shape] = [context.fresh(), context.fresh(), context.fresh()];
  const step = (
    opType: string,
    inputs: string[],
    output: string,
    attributes: Attributes = {},
  ): GraphNode => ({
    opType,
    domain: "",
    name: `${node.name}/${opType}`,
    inputs,
    outputs: [output],
    attributes,
  });
  return [
    step("Shape", [x], shape),
    step("Flatten", [x], flat, { axis }),
    { ...node, inputs: [flat], outputs: [result], attributes: { axis: -1 } },
    step("Reshape", [result, shape], node.outputs[0]),
  ];
};

const dropoutRatioToInput: Upgrade = (node, context) => {
  const ratio = floatAttribute(node, "ratio", 0.5);
  const name = context.constant(tensor("float32", [], Float32Array.of(ratio)));
  return [{ ...node, inputs: [node.inputs[0], name], attributes: without(node.attributes, "ratio") }];
};

/** Opset 14 replaced the five training outputs by `training_mode` and three. */
const batchNormalizationOutputs: Upgrade = (node) => [
  node.outputs.slice(1).every((output) => output === "")
    ? { ...node, outputs: node.outputs.slice(0, 1) }
    : { ...node, outputs: node.outputs.slice(0, 3), attributes: { ...node.attributes, training_mode: 1 } },
];

const splitCount: Upgrade = (node) => [
  node.inputs[1] ? node : { ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } },
];

const axesToInput = listToInput("axes");

/** By operator: the opset at which its form changed, and how a node of the older form becomes one of the newer. */
const upgrades: Readonly<Record<string, readonly (readonly [since: number, Upgrade])[]>> = {
  Softmax: [[13, flattenedSoftmax]],
  LogSoftmax: [[13, flattenedSoftmax]],
  Squeeze: [[13, axesToInput]],
  Unsqueeze: [[13, axesToInput]],
  ReduceSum: [[13, axesToInput]],
  ReduceMean: [[18, axesToInput]],
  ReduceMax: [[18, axesToInput]],
  ReduceMin: [[18, axesToInput]],
  ReduceProd: [[18, axesToInput]],
  ReduceL1: [[18, axesToInput]],
  ReduceL2: [[18, axesToInput]],
  ReduceLogSum: [[18, axesToInput]],
  ReduceLogSumExp: [[18, axesToInput]],
  ReduceSumSquare: [[18, axesToInput]],
  Split: [
    [13, listToInput("split")],
    [18, splitCount],
  ],
  Dropout: [[12, dropoutRatioToInput]],
  BatchNormalization: [[14, batchNormalizationOutputs]],
};

/** The same graph in the operators' current forms. @throws ModelError for opsets outside the supported range */
export function upgradeGraph(graph: Graph): Graph {
  const opset = opsetOf(graph);
  if (opset < OLDEST_OPSET || opset > CURRENT_OPSET) {
    throw new ModelError(
      `The graph "${graph.name}" is at opset ${opset}; supported are ${OLDEST_OPSET} to ${CURRENT_OPSET}. ` +
        `Export it again with an opset in that range.`,
    );
  }
  const initializers = new Map(graph.initializers);
  const taken = new Set([...initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]);
  for (const { name } of graph.inputs) taken.add(name);
  let count = 0;
  const fresh = () => {
    let name: string;
    do name = `upgraded_${++count}`;
    while (taken.has(name));
    return name;
  };
  const constant = (value: Tensor) => {
    const name = fresh();
    initializers.set(name, value);
    return name;
  };
  const upgradeNode = (node: GraphNode): GraphNode[] => {
    const steps = (node.domain === "" && upgrades[node.opType]) || [];
    return steps
      .filter(([since]) => opset < since)
      .reduce<GraphNode[]>(
        (nodes, [, upgrade]) =>
          nodes.flatMap((n) => (n.opType === node.opType ? upgrade(n, { constant, fresh }) : [n])),
        [node],
      );
  };
  return {
    ...graph,
    nodes: graph.nodes.flatMap(upgradeNode),
    initializers,
    opsets: new Map([...graph.opsets, ["", CURRENT_OPSET]]),
  };
}

const without = (attributes: Attributes, key: string): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(attributes).filter(([k]) => k !== key));
