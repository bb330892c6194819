/** Slices, of values and of shapes. */
import { ModelError, type Value } from "../../onnx/index.ts";
import type { NodeContext, OperatorConverter } from "../context.ts";
import { Laid, type Lengths, firstAxis } from "../held.ts";

/** What is taken of one axis, in the order of TensorFlow's specification of a slice. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

interface Plan {
  /** For each axis of the input. */
  readonly ranges: readonly Range[];
  /** Axes of which one place is taken, and that are gone. */
  readonly dropped: readonly number[];
  /** Where axes of length 1 come in, in the result. */
  readonly added: readonly number[];
}

const isSet = (mask: number, bit: number): boolean => ((mask >> bit) & 1) === 1;

/** What begin, end, strides and five masks ask for of a shape. */
function planOf(context: NodeContext, shape: readonly number[]): Plan {
  const { attributes } = context;
  const [begin, end, strides] = ["begins", "ends", "strides"].map((what, i) => context.wholes(i + 1, what));
  const mask = (key: string) => attributes.whole(`${key}_mask`, 0);
  const [beginMask, endMask, ellipsis, newAxis, shrink] = [
    "begin",
    "end",
    "ellipsis",
    "new_axis",
    "shrink_axis",
  ].map(mask);
  const ranges: Range[] = [];
  const dropped: number[] = [];
  const added: number[] = [];
  const whole = (length: number): Range => ({ start: 0, end: length, step: 1 });
  const isNew = (i: number) => !isSet(ellipsis, i) && isSet(newAxis, i);
  const taken = begin.filter((_, i) => !isNew(i) && !isSet(ellipsis, i)).length;
  const place = () => ranges.length - dropped.length + added.length;
  begin.forEach((from, i) => {
    if (isSet(ellipsis, i)) {
      const count = shape.length - taken;
      for (let k = 0; k < count; k++) ranges.push(whole(shape[ranges.length]));
      return;
    }
    if (isNew(i)) return void added.push(place());
    const length = shape[ranges.length];
    if (length === undefined) throw new ModelError(`it cuts ${taken} axes of [${shape.join(", ")}]`);
    if (isSet(shrink, i)) {
      const at = from < 0 ? from + length : from;
      if (at < 0 || at >= length) throw new ModelError(`it takes place ${from} of ${length}`);
      dropped.push(ranges.length);
      ranges.push({ start: at, end: at + 1, step: 1 });
      return;
    }
    ranges.push(
      rangeOf(length, strides[i], isSet(beginMask, i) ? null : from, isSet(endMask, i) ? null : end[i]),
    );
  });
  while (ranges.length < shape.length) ranges.push(whole(shape[ranges.length]));
  return { ranges, dropped, added };
}

function rangeOf(length: number, step: number, from: number | null, to: number | null): Range {
  if (!(step >= 1)) throw new ModelError(`its stride ${step} is not read; 1 or more is`);
  const clipped = (n: number) => Math.min(Math.max(n < 0 ? n + length : n, 0), length);
  const [start, end] = [from === null ? 0 : clipped(from), to === null ? length : clipped(to)];
  if (end <= start) throw new ModelError(`it takes nothing of an axis of ${length}: ${start} to ${end}`);
  return { start, end, step };
}

/** The ranges that leave something out, in the order of axes that a value has. */
function sliced(context: NodeContext, x: Laid, ranges: readonly Range[]): Value {
  const { g } = context;
  const cut = ranges.flatMap((range, axis) => {
    const isWhole = range.start === 0 && range.end === x.shape[axis] && range.step === 1;
    return isWhole ? [] : [{ ...range, axis: x.isFirst ? firstAxis(axis) : axis }];
  });
  return cut.length === 0 ? x.own : g.slice(x.own, cut);
}

const stridedSlice: OperatorConverter = (context) => {
  const { g } = context;
  const held = context.held(0);
  if (held.kind === "lengths") return slicedLengths(context, held);
  const x = context.laid(0);
  const { ranges, dropped, added } = planOf(context, x.shape);
  if (held.kind === "laid") checkAllImages(x, ranges, dropped.includes(0) || added.includes(0));
  const value = sliced(context, x, ranges);
  const part = x.isFirst ? Laid.first(g, value) : Laid.last(g, value);
  if (dropped.length + added.length === 0) return part;
  const without = dropped.length === 0 ? part.last : g.squeeze(part.last, dropped);
  return Laid.last(g, added.length === 0 ? without : g.op1("Unsqueeze", [without, g.ints(added)]));
};

function checkAllImages({ shape }: Laid, [range]: readonly Range[], isMoved: boolean): void {
  if (isMoved || range.start !== 0 || range.end !== shape[0] || range.step !== 1) {
    throw new ModelError("it takes some of the images of a batch");
  }
}

/** Of a list of lengths, some, or one. */
function slicedLengths(context: NodeContext, { values }: Lengths): Lengths {
  const { ranges, dropped } = planOf(context, [values.length]);
  const [{ start, end, step }] = ranges;
  const kept = values.slice(start, end).filter((_, i) => i % step === 0);
  return { kind: "lengths", isScalar: dropped.length > 0, values: kept };
}

/** From a place on, so many; −1 for all that are left. */
const slice: OperatorConverter = (context) => {
  const { g } = context;
  const held = context.held(0);
  const [begin, size] = [context.wholes(1, "begins"), context.wholes(2, "sizes")];
  const rangesOf = (shape: readonly number[]): Range[] =>
    shape.map((length, axis) => {
      const start = begin[axis] ?? 0;
      return rangeOf(length, 1, start, size[axis] === -1 ? null : start + size[axis]);
    });
  if (held.kind === "lengths") {
    const [{ start, end }] = rangesOf([held.values.length]);
    return { ...held, values: held.values.slice(start, end) };
  }
  const x = context.laid(0);
  const ranges = rangesOf(x.shape);
  if (held.kind === "laid" && size[0] !== -1) checkAllImages(x, ranges, false);
  const value = sliced(context, x, ranges);
  return x.isFirst ? Laid.first(g, value) : Laid.last(g, value);
};

/** Of a list of lengths those that are named. */
const gather: OperatorConverter = (context) => {
  const held = context.held(0);
  if (held.kind === "laid")
    throw new ModelError("it picks places of what hangs on the images, which is not read");
  const { values } = context.lengths(0, "lengths");
  const picked = context.wholes(1, "places").map((at) => {
    const value = values.at(at);
    if (!value) throw new ModelError(`it takes place ${at} of ${values.length}`);
    return value;
  });
  return { kind: "lengths", isScalar: context.numbers(1, "places").shape.length === 0, values: picked };
};

/** The lengths of a value; the first hangs on the batch. */
const shape: OperatorConverter = (context) => {
  const held = context.held(0);
  if (held.kind === "lengths") throw new ModelError("it asks for the shape of a shape");
  const lengths = held.kind === "numbers" ? held.tensor.shape : context.laid(0).shape;
  return {
    kind: "lengths",
    isScalar: false,
    values: lengths.map((n, axis) => ({ n, perImage: held.kind === "laid" && axis === 0 })),
  };
};

export const slicingOperators: Readonly<Record<string, OperatorConverter>> = {
  StridedSlice: stridedSlice,
  Slice: slice,
  Gather: gather,
  GatherV2: gather,
  Shape: shape,
};
