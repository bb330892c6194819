/** Which argument of a call of PyTorch an operator of its takes where. */
import type { GraphNode } from "../../onnx/index.ts";
import type { Argument, Call } from "./call.ts";
import type { Form } from "./form.ts";

/** The argument that an operator's input is, and how it takes it. */
export interface Operand {
  readonly argument: Argument;
  readonly form: Extract<Form, string>;
}

/** Position of an argument, by the operator's input. */
type Places = Readonly<Record<number, number>>;

const layer = (places: Places) => ({ Conv: places, ConvTranspose: places });
const normalization = (opType: string, ...places: number[]) => ({
  [opType]: Object.fromEntries(places.map((place, i) => [i + 1, place])),
});
const convolution = layer({ 1: 1, 2: 2 });
const batchNormalization = normalization("BatchNormalization", 1, 2, 3, 4);

/** By PyTorch's operator and the one of the file. */
const table: Readonly<Record<string, Readonly<Record<string, Places>>>> = {
  linear: { MatMul: { 1: 1 }, Gemm: { 1: 1, 2: 2 } },
  addmm: { Gemm: { 1: 2, 2: 0 } },
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  conv_transpose1d: convolution,
  conv_transpose2d: convolution,
  conv_transpose3d: convolution,
  convolution,
  layer_norm: normalization("LayerNormalization", 2, 3),
  native_layer_norm: normalization("LayerNormalization", 2, 3),
  group_norm: normalization("GroupNormalization", 2, 3),
  native_group_norm: normalization("GroupNormalization", 1, 2),
  instance_norm: normalization("InstanceNormalization", 1, 2),
  rms_norm: normalization("RMSNormalization", 2),
  batch_norm: batchNormalization,
  native_batch_norm: batchNormalization,
  _native_batch_norm_legit: batchNormalization,
  _native_batch_norm_legit_no_training: batchNormalization,
  embedding: { Gather: { 0: 0 } },
  prelu: { PRelu: { 1: 1 } },
};

/** What is multiplied by or added at the end of a layer that the exporter writes in several operators. */
const affine: Readonly<Record<string, { readonly Mul?: number; readonly Add: number }>> = {
  linear: { Add: 2 },
  group_norm: { Mul: 2, Add: 3 },
  native_group_norm: { Mul: 1, Add: 2 },
};

/** Arguments that are the biases which a layer may have, by PyTorch's operator. */
export const biasArguments: ReadonlyMap<string, number> = new Map([
  ["linear", 2],
  ["addmm", 0],
  ...Object.keys(table)
    .filter((operator) => operator.startsWith("conv"))
    .map((operator) => [operator, 2] as const),
]);

/** PyTorch's names of a BatchNormalization. */
export const isBatchNormalization = ({ operator }: Call): boolean =>
  Object.hasOwn(table, operator) && table[operator] === batchNormalization;

/** Operators that normalise, with scales and biases that the exporter makes where the call's come later. */
const innerNormalizations = new Set(["InstanceNormalization", "LayerNormalization"]);

/**
 * What a node takes at an input, where its call says so by the place alone.
 *
 * @returns "none" for what the exporter adds of its own; undefined where the place does not tell
 */
export function operandAt(node: GraphNode, input: number, call: Call): Operand | "none" | undefined {
  const { operator, arguments: given } = call;
  const places = Object.hasOwn(table, operator) ? table[operator] : {};
  const place = Object.hasOwn(places, node.opType) ? places[node.opType][input] : undefined;
  if (place !== undefined) {
    return given[place] ? { argument: given[place], form: formAt(node, input, operator) } : "none";
  }
  const ends = Object.hasOwn(affine, operator) ? affine[operator] : undefined;
  const end = ends && (node.opType === "Mul" || node.opType === "Add") ? ends[node.opType] : undefined;
  if (end !== undefined) {
    const form = operator === "linear" ? "as is" : "padded";
    return given[end] ? { argument: given[end], form } : "none";
  }
  if (innerNormalizations.has(node.opType) && operator.endsWith("group_norm")) return "none";
  if (operator === "cat" && node.opType === "Concat") return listItem(given[0], input);
  return undefined;
}

function formAt({ opType, attributes }: GraphNode, input: number, operator: string): Operand["form"] {
  if (opType === "PRelu") return "padded";
  const isWeight = operator === "linear" && input === 1;
  return isWeight && (opType === "MatMul" || attributes.transB !== 1) ? "transposed" : "as is";
}

/** The item of `[%a, %b]` that an operator of several inputs takes, if all are values. */
function listItem({ values, text }: Argument, input: number): Operand | undefined {
  const isList = text.split(",").length === values.length && values.length > input;
  return isList
    ? { argument: { text: `%${values[input]}`, values: [values[input]] }, form: "as is" }
    : undefined;
}
