/**
 * Sequences of tensors: exporters write `chunk`, `split` and `unbind` with them. Which tensors a sequence holds is known
 * when a graph is built, so that in what is built there are none: a split is a Split, and its parts are what is taken.
 */
import { ShapeError, normalizeAxis, numbersOf } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import type { Operators } from "../operators.ts";
import { ModelError } from "../errors.ts";
import { type InferenceNode, constantNumbers, required } from "../infer/rule.ts";
import type { Value } from "../value.ts";
import { type Expansion, formError } from "./rule.ts";

const sequence = (g: Operators, parts: readonly Value[]): Value[] => [
  { name: g.uniqueName("sequence"), dtype: parts[0]?.dtype ?? "float32", shape: [], parts },
];

/** Parts of given lengths, of one given length (the last may be shorter), or of length 1, whose axis keepdims=0 drops. */
const splitToSequence: Expansion = (g, node) => {
  const x = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", 0), x.shape.length);
  const length = x.shape[axis];
  const given = constantNumbers(node, 1);
  const isScalar = given !== undefined && node.inputs[1]?.shape.length === 0;
  const [size] = isScalar ? given : given ? [] : [1];
  if (size !== undefined && !(size > 0)) {
    throw new ShapeError(`${describeNode(node)} cannot split ${length} elements into parts of ${size}.`);
  }
  const lengths =
    size === undefined
      ? given!
      : Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
  if (lengths.some((n) => n < 0) || lengths.reduce((a, b) => a + b, 0) !== length) {
    throw new ShapeError(
      `${describeNode(node)} cannot split ${length} elements of [${x.shape}] into [${lengths}].`,
    );
  }
  const parts = g.split(x, lengths, axis);
  const drops = given === undefined && intAttribute(node, "keepdims", 1) === 0;
  return sequence(g, drops ? parts.map((part) => g.squeeze(part, [axis])) : parts);
};

const sequenceAt: Expansion = (_, node) => {
  const parts = partsOf(node, 0);
  return [parts[positionIn(node, 1, parts.length)]];
};

const sequenceConstruct: Expansion = (g, node) =>
  sequence(
    g,
    node.inputs.map((_, i) => required(node, i)),
  );

const sequenceEmpty: Expansion = (g) => sequence(g, []);

/** Inserted before a position; by default at the end, where position n is too. */
const sequenceInsert: Expansion = (g, node) => {
  const parts = partsOf(node, 0);
  const at = node.inputs[2] ? positionIn(node, 2, parts.length, parts.length) : parts.length;
  return sequence(g, parts.toSpliced(at, 0, required(node, 1)));
};

const sequenceErase: Expansion = (g, node) => {
  const parts = partsOf(node, 0);
  const at = node.inputs[1] ? positionIn(node, 1, parts.length) : parts.length - 1;
  return sequence(g, parts.toSpliced(at, 1));
};

const sequenceLength: Expansion = (g, node) => [
  g.op1("Squeeze", [g.ints([partsOf(node, 0).length]), g.ints([0])]),
];

/** All parts joined along an axis, with new_axis=1 one that is new. */
const concatFromSequence: Expansion = (g, node) => {
  const parts = partsOf(node, 0);
  const isNew = intAttribute(node, "new_axis", 0) !== 0;
  if (parts.length === 0) throw new ShapeError(`${describeNode(node)} has no tensors to join.`);
  const axis = normalizeAxis(intAttribute(node, "axis"), parts[0].shape.length + (isNew ? 1 : 0));
  const wide = isNew ? parts.map((part) => g.op1("Unsqueeze", [part, g.ints([axis])])) : parts;
  return [g.concat(wide, axis)];
};

function partsOf(node: InferenceNode, index: number): readonly Value[] {
  const { parts } = required(node, index);
  if (!parts) throw new ModelError(`${describeNode(node)} needs a sequence, and gets a tensor.`);
  return parts;
}

/** A position in a sequence, from its end where it is negative; at most `last`. */
function positionIn(node: InferenceNode, index: number, length: number, last = length - 1): number {
  const { constant } = required(node, index);
  if (!constant) {
    throw formError(
      node,
      "picks from a sequence by a position that depends on the images",
      "Pick by a fixed number, or with torch.gather or index_select.",
    );
  }
  const [position] = numbersOf(constant);
  const at = position < 0 ? position + length : position;
  if (at >= 0 && at <= last) return at;
  throw new ShapeError(`${describeNode(node)}: there is no position ${position} among ${length}.`);
}

export const sequenceExpansions = {
  SplitToSequence: splitToSequence,
  SequenceAt: sequenceAt,
  SequenceConstruct: sequenceConstruct,
  SequenceEmpty: sequenceEmpty,
  SequenceInsert: sequenceInsert,
  SequenceErase: sequenceErase,
  SequenceLength: sequenceLength,
  ConcatFromSequence: concatFromSequence,
} satisfies Record<string, Expansion>;
