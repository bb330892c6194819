/** Reductions, softmax and what picks the greatest. */
import { ModelError } from "../../onnx/index.ts";
import { normalizeAxis } from "../../tensor/index.ts";
import type { NodeContext, OperatorConverter } from "../context.ts";
import { Laid, type Length, firstAxis } from "../held.ts";
import { productOfLengths } from "../lengths.ts";

/** @throws ModelError for what goes over the images of a batch */
export function checkWithin(axes: readonly number[], does: string): void {
  if (axes.includes(0)) throw new ModelError(`it ${does} the images of a batch`);
}

const reduce =
  (opType: string): OperatorConverter =>
  (context) => {
    const { g, attributes } = context;
    const x = context.laid(0);
    const rank = x.shape.length;
    const axes = context.wholes(1, "axes").map((axis) => normalizeAxis(axis, rank));
    const isConstant = x.own.constant !== undefined;
    if (!isConstant) checkWithin(axes, "goes over");
    const keepdims = attributes.truth("keep_dims", attributes.truth("keepdims")) ? 1 : 0;
    const isOverSpace = axes.length === 2 && axes.includes(1) && axes.includes(2);
    if (x.isFirst && (keepdims === 1 || isOverSpace)) {
      const moved = g.ints(axes.map(firstAxis).sort());
      return Laid.first(g, g.op1(opType, [x.first, moved], { keepdims }));
    }
    return Laid.last(g, g.op1(opType, [x.last, g.ints(axes)], { keepdims }));
  };

/** Of lengths, their product. */
const product: OperatorConverter = (context) => {
  if (context.held(0).kind !== "lengths") return reduce("ReduceProd")(context);
  const { values } = context.lengths(0, "lengths");
  const one: Length = { n: 1, perImage: false };
  const isScalar = !context.attributes.truth("keep_dims");
  return { kind: "lengths", isScalar, values: [values.reduce(productOfLengths, one)] };
};

/** Along TensorFlow's last axis. */
const along =
  (opType: string): OperatorConverter =>
  (context) => {
    const { g } = context;
    const x = context.laid(0);
    return x.isFirst
      ? Laid.first(g, g.op1(opType, [x.first], { axis: 1 }))
      : Laid.last(g, g.op1(opType, [x.last], { axis: -1 }));
  };

const pick =
  (opType: "ArgMax" | "ArgMin"): OperatorConverter =>
  (context: NodeContext) => {
    const { g } = context;
    const x = context.laid(0);
    const axis = context.axis(1, x.shape.length);
    checkWithin([axis], "picks from");
    return Laid.last(g, g.op1(opType, [x.last], { axis, keepdims: 0 }));
  };

export const reductionOperators: Readonly<Record<string, OperatorConverter>> = {
  Mean: reduce("ReduceMean"),
  Sum: reduce("ReduceSum"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Prod: product,
  Softmax: along("Softmax"),
  LogSoftmax: along("LogSoftmax"),
  ArgMax: pick("ArgMax"),
  ArgMin: pick("ArgMin"),
};
