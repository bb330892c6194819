/**
 * Brings a graph to the current opset, so that every later stage knows one form of each operator.
 *
 * A table lists the operators whose form changed, with the opset of the change and the rewriting. Operators that
 * are not listed mean the same from opset 9 on.
 */
import { type Tensor, tensor } from "../tensor/index.ts";
import { type Attribute, type Attributes, floatAttribute, intAttribute, intsAttribute } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import { CURRENT_OPSET, type Graph, type GraphNode, OLDEST_OPSET, opsetOf } from "./graph.ts";
import { int64Of } from "./int64.ts";

interface Context {
  /** Adds a constant and returns its name. */
  constant(value: Tensor): string;
  /** A new value name. */
  fresh(): string;
}

type Upgrade = (node: GraphNode, context: Context) => GraphNode[];

/**
 * Attributes became inputs, as their values may since depend on data. They go after the first input, in the
 * given order; those that are absent are left out.
 */
const attributesToInputs =
  (...keys: readonly string[]): Upgrade =>
  (node, context) => {
    const inputs = keys.map((key) => {
      const value = node.attributes[key];
      if (value === undefined) return "";
      return context.constant(
        Array.isArray(value)
          ? int64s(intsAttribute(node, key))
          : tensor("float32", [], Float32Array.of(floatAttribute(node, key))),
      );
    });
    const attributes = keys.reduce(without, node.attributes);
    return [{ ...node, inputs: [node.inputs[0], ...inputs], attributes }];
  };

const int64s = (values: readonly number[]): Tensor =>
  tensor("int64", [values.length], BigInt64Array.from(values, int64Of));

/** One of the nodes that stand in for `node`. */
const step = (
  node: GraphNode,
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): GraphNode => ({
  opType,
  domain: "",
  name: `${node.name}/${output}`,
  inputs,
  outputs: [output],
  attributes,
});

/** Before opset 13 softmax ran over all axes from `axis` on (default 1), flattened into one. */
const flattenedSoftmax: Upgrade = (node, context) => {
  const axis = intAttribute(node, "axis", 1);
  const [x] = node.inputs;
  const [flat, result, shape] = [context.fresh(), context.fresh(), context.fresh()];
  return [
    step(node, "Shape", [x], shape),
    step(node, "Flatten", [x], flat, { axis }),
    { ...node, inputs: [flat], outputs: [result], attributes: { axis: -1 } },
    step(node, "Reshape", [result, shape], node.outputs[0]),
  ];
};

/** Before opset 21 scale and bias were per group: instance normalization with the groups in place of the channels. */
const scalePerGroup: Upgrade = (node, context) => {
  const [x, scale, bias] = node.inputs;
  const [grouped, result, shape] = [context.fresh(), context.fresh(), context.fresh()];
  const groups = context.constant(int64s([0, intAttribute(node, "num_groups"), -1]));
  const attributes = without(node.attributes, "num_groups");
  return [
    step(node, "Shape", [x], shape),
    step(node, "Reshape", [x, groups], grouped),
    step(node, "InstanceNormalization", [grouped, scale, bias], result, attributes),
    step(node, "Reshape", [result, shape], node.outputs[0]),
  ];
};

/** x·sigmoid(α·x): ONNX Runtime 1.30 has no kernel for Swish. */
const swishInParts: Upgrade = (node, context) => {
  const [x] = node.inputs;
  const alpha = floatAttribute(node, "alpha", 1);
  const gate = context.fresh();
  const gated = step(node, "Mul", [x, gate], node.outputs[0]);
  if (alpha === 1) return [step(node, "Sigmoid", [x], gate), gated];
  const scaled = context.fresh();
  const factor = context.constant(tensor("float32", [], Float32Array.of(alpha)));
  return [step(node, "Mul", [x, factor], scaled), step(node, "Sigmoid", [scaled], gate), gated];
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

const axesToInput = attributesToInputs("axes");

/**
 * By operator: the opset at which its form changed, and how a node of the older form becomes one of the newer. A form
 * that ONNX Runtime cannot run counts as older than all.
 */
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
    [13, attributesToInputs("split")],
    [18, splitCount],
  ],
  Dropout: [[12, attributesToInputs("ratio")]],
  BatchNormalization: [[14, batchNormalizationOutputs]],
  Clip: [[11, attributesToInputs("min", "max")]],
  Pad: [[11, attributesToInputs("pads", "value")]],
  GroupNormalization: [[21, scalePerGroup]],
  Swish: [[CURRENT_OPSET + 1, swishInParts]],
  Slice: [[10, attributesToInputs("starts", "ends", "axes")]],
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
