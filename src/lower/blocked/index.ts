/**
 * The blocked lowering: convolutional networks in the memory layout of ONNX Runtime's direct convolutions. Rules keep
 * tensors in that layout from one operator to the next; an operator without a rule gets plain tensors.
 */
import type { GraphBuilder, GraphNode, Value } from "../../onnx/index.ts";
import { SEMANTIC_DOMAIN } from "../../autodiff/index.ts";
import { batchNormalization, batchNormalizationGrad } from "./batch-normalization.ts";
import { globalAveragePool, globalMaxPool, reduce } from "./channels.ts";
import { convGradWeight } from "./conv-grad-weight.ts";
import { convGradInput, convolution } from "./convolution.ts";
import { add, concat, elementwise, expand, gather, relu } from "./elementwise.ts";
import { Layouts } from "./layouts.ts";
import { maxPool, maxPoolGrad } from "./pooling.ts";
import type { BlockedRule } from "./rule.ts";
import { fromStorage, toStorage } from "./storage.ts";

export { blockedInference } from "./operators.ts";
export { type KernelMemory, blocksPay, kernelMemories, plainKernel, storedKernel } from "./storage.ts";

const elementwiseOperators = [
  "Sub",
  "Mul",
  "Div",
  "Max",
  "Min",
  "Pow",
  "Equal",
  "Greater",
  "Less",
  "Where",
  "Cast",
].concat(
  ["And", "Or", "Not", "Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Identity", "Clip"],
  [
    "LeakyRelu",
    "Elu",
    "Selu",
    "Celu",
    "Gelu",
    "Sigmoid",
    "Tanh",
    "HardSigmoid",
    "HardSwish",
    "Mish",
    "Softplus",
  ],
);

const rules: Readonly<Record<string, BlockedRule>> = {
  ...Object.fromEntries(elementwiseOperators.map((opType) => [opType, elementwise])),
  Relu: relu,
  Add: add,
  Gather: gather,
  Concat: concat,
  Expand: expand,
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  Conv: convolution,
  MaxPool: maxPool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  BatchNormalization: batchNormalization,
  [`${SEMANTIC_DOMAIN}.ConvGradWeight`]: convGradWeight,
  [`${SEMANTIC_DOMAIN}.ConvGradInput`]: convGradInput,
  [`${SEMANTIC_DOMAIN}.MaxPoolGrad`]: maxPoolGrad,
  [`${SEMANTIC_DOMAIN}.BatchNormalizationGrad`]: batchNormalizationGrad,
  [`${SEMANTIC_DOMAIN}.FromStorage`]: fromStorage,
  [`${SEMANTIC_DOMAIN}.ToStorage`]: toStorage,
};

/** Lowers the nodes of one graph. */
export interface BlockedLowering {
  /** The node's outputs, or null where plain memory is as good. */
  lower(node: GraphNode, inputs: readonly (Value | null)[]): readonly Value[] | null;
  /** The tensor that a value stands for, in plain memory. */
  plain(value: Value): Value;
}

/** @param block  channels in a block, of this processor */
export function blockedLowering(
  g: GraphBuilder,
  nodes: readonly GraphNode[],
  outputs: readonly string[],
  block: number,
): BlockedLowering {
  const layouts = new Layouts(g, block);
  const readers = new Map<string, GraphNode[]>();
  const add = (name: string, node: GraphNode) => readers.set(name, [...(readers.get(name) ?? []), node]);
  for (const node of nodes) for (const input of node.inputs) add(input, node);
  const result = {
    opType: "result",
    domain: SEMANTIC_DOMAIN,
    name: "",
    inputs: [],
    outputs: [],
    attributes: {},
  };
  for (const name of outputs) add(name, result);
  const readersOf = (name: string) => readers.get(name) ?? [];
  const context = {
    layouts,
    readersOf,
    centred: new Map<string, Value>(),
    tiles: new Map<string, readonly Value[]>(),
  };
  return {
    plain: (value) => layouts.plain(value),
    lower(node, inputs) {
      const rule = rules[node.domain === "" ? node.opType : `${node.domain}.${node.opType}`];
      if (!rule || inputs.includes(null)) return null;
      return rule(context, {
        ...node,
        inputs: inputs as readonly Value[],
        outputCount: node.outputs.length,
        readers: node.outputs.map(readersOf),
      });
    },
  };
}
