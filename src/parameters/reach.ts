/** From which tensors the logits can be reached, and from which of them along a path that a gradient can take. */
import { gradientRules } from "../autodiff/index.ts";
import { type Graph, type GraphNode, capturedNames, qualifiedName } from "../onnx/index.ts";

/** The inputs that a gradient can take, where an operator has others too: shapes, indices, scales of a Resize, ratios. */
export const gradientInputs: Readonly<Record<string, readonly number[]>> = {
  AffineGrid: [0],
  Attention: [0, 1, 2, 3, 4, 5],
  BatchNormalization: [0, 1, 2],
  CastLike: [0],
  Col2Im: [0],
  CumSum: [0],
  Dropout: [0],
  Expand: [0],
  Gather: [0],
  GatherElements: [0],
  GatherND: [0],
  GridSample: [0, 1],
  MaxUnpool: [0],
  Pad: [0],
  ReduceL1: [0],
  ReduceL2: [0],
  ReduceLogSum: [0],
  ReduceLogSumExp: [0],
  ReduceMax: [0],
  ReduceMean: [0],
  ReduceMin: [0],
  ReduceProd: [0],
  ReduceSum: [0],
  ReduceSumSquare: [0],
  Reshape: [0],
  Resize: [0],
  RoiAlign: [0],
  RotaryEmbedding: [0, 1, 2],
  ScatterElements: [0, 2],
  ScatterND: [0, 2],
  SequenceAt: [0],
  SequenceErase: [0],
  SequenceInsert: [0, 1],
  Slice: [0],
  Split: [0],
  SplitToSequence: [0],
  Squeeze: [0],
  Tile: [0],
  TopK: [0],
  Trilu: [0],
  Unsqueeze: [0],
  Upsample: [0],
  Where: [1, 2],
};

/** Operators without a gradient rule of ours through which no gradient passes either. */
const flat = new Set(
  ["Bernoulli", "Multinomial", "NonMaxSuppression", "NonZero", "QuantizeLinear"].concat([
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Hardmax",
    "Unique",
  ]),
);

/** ONNX's numbers of float32, float16, float64 and bfloat16. */
const floatTypes: readonly unknown[] = [1, 10, 11, 16];

/**
 * @param own  operators that a user has a rule for, by which it passes
 * @returns    whether a gradient can pass from a node's outputs to its input `index`
 */
export function passesGradient(
  { opType, domain, attributes }: GraphNode,
  index: number,
  own: ReadonlySet<string> = new Set(),
): boolean {
  if (own.has(qualifiedName(domain, opType))) return true;
  if (domain === "" && flat.has(opType)) return false;
  if (opType === "Cast") return floatTypes.includes(attributes.to);
  if (gradientRules.get(qualifiedName(domain, opType))?.inputs === "none") return false;
  return domain !== "" || !Object.hasOwn(gradientInputs, opType) || gradientInputs[opType].includes(index);
}

/** Values that the targets are computed from, themselves included; with `byGradient`, those that a gradient reaches. */
export function reaching(
  { nodes }: Graph,
  targets: readonly string[],
  { byGradient, own }: { readonly byGradient: boolean; readonly own?: ReadonlySet<string> },
): Set<string> {
  const found = new Set(targets);
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => output !== "" && found.has(output))) continue;
    node.inputs.forEach((name, i) => {
      if (name !== "" && (!byGradient || passesGradient(node, i, own))) found.add(name);
    });
    for (const name of capturedNames(node)) found.add(name);
  }
  return found;
}

/** Values that depend on a source, itself included. */
export function dependingOn({ nodes }: Graph, source: string): Set<string> {
  const found = new Set([source]);
  for (const node of nodes) {
    // The shapes of images are the same for all of them.
    if (node.opType === "Shape" || node.opType === "Size") continue;
    if (![...node.inputs, ...capturedNames(node)].some((name) => found.has(name))) continue;
    for (const output of node.outputs) if (output !== "") found.add(output);
  }
  return found;
}
