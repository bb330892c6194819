/** What moves, joins and cuts values without computing. */
import { ModelError, type Value } from "../../onnx/index.ts";
import { checkLimit } from "../../options/index.ts";
import { normalizeAxis, sizeOf } from "../../tensor/index.ts";
import type { NodeContext, OperatorConverter } from "../context.ts";
import { type Held, Laid, type Length, firstAxis } from "../held.ts";
import { joinedLengths } from "../lengths.ts";
import { checkWithin } from "./reduction.ts";

/** Values in one order of axes: channels first where one of them is so already. */
function inOneOrder(context: NodeContext, from: number, to: number): { values: Value[]; isFirst: boolean } {
  const laid = context.inputs.slice(from, to).map((_, i) => context.laid(from + i));
  const isFirst = laid.some((value) => value.isFirst) && laid.every(({ shape }) => shape.length === 4);
  return { values: laid.map((value) => (isFirst ? value.first : value.last)), isFirst };
}

const made = (context: NodeContext, isFirst: boolean, value: Value): Laid =>
  isFirst ? Laid.first(context.g, value) : Laid.last(context.g, value);

/** What hangs on the images, of constants alone nothing. */
const isOfImages = (context: NodeContext): boolean => context.inputs.some(({ kind }) => kind !== "numbers");

const concat: OperatorConverter = (context) => {
  const last = context.inputs.length - 1;
  if (context.inputs.slice(0, last).some(({ kind }) => kind === "lengths")) {
    return joinedLengths(context.inputs.slice(0, last).map((_, i) => context.lengths(i, "lengths")));
  }
  const rank = context.laid(0).shape.length;
  const axis = context.axis(last, rank);
  if (isOfImages(context)) {
    checkWithin([axis], "adds to");
    if (context.inputs.slice(0, last).some(({ kind }) => kind === "numbers")) {
      throw new ModelError("it joins images and constants, which are not there for each image");
    }
  }
  const { values, isFirst } = inOneOrder(context, 0, last);
  return made(context, isFirst, context.g.concat(values, isFirst ? firstAxis(axis) : axis));
};

const pack: OperatorConverter = (context) => {
  const { g, attributes, inputs } = context;
  if (inputs.some(({ kind }) => kind === "lengths")) {
    return joinedLengths(inputs.map((_, i) => context.lengths(i, "lengths")));
  }
  const parts = inputs.map((_, i) => context.laid(i).last);
  const axis = normalizeAxis(attributes.whole("axis", 0), parts[0].shape.length + 1);
  if (isOfImages(context)) checkWithin([axis], "adds an axis before");
  return Laid.last(
    g,
    g.concat(
      parts.map((part) => g.op1("Unsqueeze", [part, g.ints([axis])])),
      axis,
    ),
  );
};

const unpack: OperatorConverter = (context) => {
  const { g, attributes } = context;
  const held = context.held(0);
  if (held.kind === "lengths") {
    return held.values.map((value): Held => ({ kind: "lengths", isScalar: true, values: [value] }));
  }
  const x = context.laid(0).last;
  const axis = normalizeAxis(attributes.whole("axis", 0), x.shape.length);
  if (isOfImages(context)) checkWithin([axis], "takes apart");
  checkLimit("nodes", x.shape[axis], "It");
  const parts = g.split(x, new Array<number>(x.shape[axis]).fill(1), axis);
  return parts.map((part) => Laid.last(g, g.squeeze(part, [axis])));
};

/** Parts of equal lengths, or of those that an input states. */
function split(
  context: NodeContext,
  of: number,
  axisAt: number,
  lengths: (along: number) => number[],
): Held[] {
  const { g } = context;
  const x = context.laid(of);
  const axis = context.axis(axisAt, x.shape.length);
  if (isOfImages(context)) checkWithin([axis], "takes apart");
  const parts = g.split(x.own, lengths(x.shape[axis]), x.isFirst ? firstAxis(axis) : axis);
  return parts.map((part) => made(context, x.isFirst, part));
}

const splitEvenly: OperatorConverter = (context) =>
  split(context, 1, 0, (along) => {
    const count = context.attributes.whole("num_split");
    checkLimit("nodes", count, "It");
    if (count < 1 || along % count !== 0) throw new ModelError(`it cuts ${along} into ${count} parts`);
    return new Array<number>(count).fill(along / count);
  });

const splitAt: OperatorConverter = (context) =>
  split(context, 0, 2, (along) => {
    const lengths = context.wholes(1, "lengths");
    const rest = along - lengths.reduce((sum, n) => sum + Math.max(n, 0), 0);
    return lengths.map((n) => (n === -1 ? rest : n));
  });

const squeeze: OperatorConverter = (context) => {
  const { g, attributes } = context;
  const held = context.held(0);
  if (held.kind === "lengths") return { ...held, isScalar: true };
  const x = context.laid(0);
  const rank = x.shape.length;
  const stated = attributes.wholes("squeeze_dims", attributes.wholes("axis", []));
  const open = x.shape.flatMap((length, axis) =>
    length === 1 && (axis > 0 || !isOfImages(context)) ? [axis] : [],
  );
  const axes = stated.length > 0 ? stated.map((axis) => normalizeAxis(axis, rank)) : open;
  if (isOfImages(context)) checkWithin(axes, "takes away the axis of");
  if (axes.length === 0) return x;
  if (x.isFirst && axes.length === 2 && axes.includes(1) && axes.includes(2)) {
    return Laid.last(g, g.squeeze(x.first, [2, 3]));
  }
  return Laid.last(g, g.squeeze(x.last, axes));
};

const expandDims: OperatorConverter = (context) => {
  const { g } = context;
  const held = context.held(0);
  if (held.kind === "lengths") return { ...held, isScalar: false };
  const x = context.laid(0);
  const axis = context.axis(1, x.shape.length + 1);
  if (isOfImages(context)) checkWithin([axis], "puts an axis before");
  return Laid.last(g, g.op1("Unsqueeze", [x.last, g.ints([axis])]));
};

/** A shape's first length stands for the images, whatever it says: it must be what the others leave. */
const reshape: OperatorConverter = (context) => {
  const { g } = context;
  const held = context.held(0);
  const target = context.lengths(1, "shape").values;
  if (held.kind === "lengths") return { ...held, isScalar: target.length === 0 };
  if (held.kind === "numbers") {
    const lengths = context.wholes(1, "shape");
    return Laid.last(g, g.reshape(context.laid(0).last, lengths));
  }
  const x = context.laid(0);
  const size = sizeOf(x.shape);
  const [first, ...rest] = target;
  if (first === undefined || rest.some(({ perImage }) => perImage)) {
    throw new ModelError(
      `it makes [${target.map(lengthText).join(", ")}], in which images are not along the first axis`,
    );
  }
  const lengths = filledIn(rest, first, size);
  const rows = size / sizeOf(lengths);
  if (!Number.isInteger(rows) || (first.n !== -1 && first.n !== rows)) {
    throw new ModelError(
      `it makes [${target.map(lengthText).join(", ")}] of [N, ${x.shape.slice(1).join(", ")}], in which images would not stay apart`,
    );
  }
  const isFlat = x.isFirst && x.shape[1] * x.shape[2] === 1;
  const from = isFlat ? x.first : x.last;
  const start = x.shape[0] === 1 && rows === 1 ? 0 : -1;
  return Laid.last(g, g.op1("Reshape", [from, g.ints([start, ...lengths])]));
};

/** The one length that is −1 made what the others leave it. */
function filledIn(rest: readonly Length[], first: Length, size: number): number[] {
  const known = rest.filter(({ n }) => n !== -1).reduce((product, { n }) => product * n, Math.abs(first.n));
  return rest.map(({ n }) => (n === -1 ? size / known : n));
}

const lengthText = ({ n, perImage }: Length): string => (perImage ? (n === 1 ? "N" : `${n}·N`) : String(n));

const transpose: OperatorConverter = (context) => {
  const { g } = context;
  const x = context.laid(0);
  const rank = x.shape.length;
  const perm = context.wholes(1, "order of axes").map((axis) => normalizeAxis(axis, rank));
  if (isOfImages(context) && perm[0] !== 0) throw new ModelError("it moves the axis of the images");
  // From channels last to first, and back, is what Laid does.
  if (perm.join() === "0,3,1,2") return Laid.last(g, x.first);
  if (perm.join() === "0,2,3,1") return Laid.first(g, x.last);
  return Laid.last(g, g.transpose(x.last, perm));
};

/** @param fill  a number, or the mode of ONNX's Pad that repeats the border */
function pad(context: NodeContext, fill: number | "reflect"): Laid {
  const x = context.laid(0);
  const rank = x.shape.length;
  const { shape } = context.numbers(1, "paddings");
  const numbers = context.wholes(1, "paddings");
  if (shape.join() !== `${rank},2`)
    throw new ModelError(`its paddings are [${shape.join(", ")}] for ${rank} axes`);
  if (numbers.some((n) => n < 0)) throw new ModelError(`its paddings are [${numbers.join(", ")}]`);
  const pairs = Array.from({ length: rank }, (_, axis) => numbers.slice(2 * axis, 2 * axis + 2));
  if (isOfImages(context) && pairs[0].some((n) => n !== 0)) throw new ModelError("it adds images to a batch");
  return padded(context, x, pairs, fill);
}

/** @param pairs  how much comes before and after each axis, in TensorFlow's order */
export function padded(
  { g }: NodeContext,
  x: Laid,
  pairs: readonly (readonly number[])[],
  fill: number | "reflect" = 0,
): Laid {
  const order = x.isFirst ? [0, 3, 1, 2] : pairs.map((_, axis) => axis);
  const pads = [0, 1].flatMap((end) => order.map((axis) => pairs[axis][end]));
  if (pads.every((n) => n === 0)) return x;
  const value = fill === "reflect" || fill === 0 ? null : g.scalar(fill);
  const mode = fill === "reflect" ? "reflect" : "constant";
  const made = g.op1("Pad", [x.own, g.ints(pads), value], { mode });
  return x.isFirst ? Laid.first(g, made) : Laid.last(g, made);
}

const mirrorPad: OperatorConverter = (context) => {
  const mode = context.attributes.text("mode");
  if (mode !== "REFLECT") throw new ModelError(`its mode ${mode} is not read; REFLECT is`);
  return pad(context, "reflect");
};

export const arrangementOperators: Readonly<Record<string, OperatorConverter>> = {
  ConcatV2: concat,
  Pack: pack,
  Unpack: unpack,
  Split: splitEvenly,
  SplitV: splitAt,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Reshape: reshape,
  Transpose: transpose,
  Pad: (context) => pad(context, 0),
  PadV2: (context) => pad(context, Number(context.numbers(2, "constant").data[0])),
  MirrorPad: mirrorPad,
};
