/** Operators that work element by element, or on whole rows: in blocked memory they are what they are in plain. */
import { type Value, intAttribute } from "../../onnx/index.ts";
import { normalizeAxis, shapesEqual, sizeOf } from "../../tensor/index.ts";
import type { Layouts } from "./layouts.ts";
import { type BlockedRule, isReadOnce } from "./rule.ts";

/** One operand at least is blocked; the others are images of the same shape, single numbers, or one number per channel. */
export const elementwise: BlockedRule = ({ layouts }, node) => {
  const { g } = layouts;
  const images = node.inputs.find((input) => layouts.isBlocked(input));
  if (!images) return null;
  const { shape } = images;
  const roles = node.inputs.map((input) => roleOf(layouts, input, shape));
  if (roles.includes("other")) return null;
  const isByChannel = roles.includes("channels");
  const operands = node.inputs.map((input, i) => {
    if (roles[i] === "number") return g.reshape(input, []);
    if (roles[i] === "channels") return layouts.perChannel(g.reshape(input, [shape[1]]));
    return isByChannel ? layouts.view(input) : layouts.blocked(input);
  });
  const made = g.op1(node.opType, operands, node.attributes);
  return [isByChannel ? layouts.fromView(made) : layouts.holdBlocked(made)];
};

function roleOf(
  layouts: Layouts,
  value: Value,
  shape: readonly number[],
): "images" | "number" | "channels" | "other" {
  if (layouts.isBlocked(value)) return shapesEqual(value.shape, shape) ? "images" : "other";
  if (sizeOf(value.shape) === 1) return "number";
  if (shapesEqual(value.shape, shape)) return layouts.canBlock(value) ? "images" : "other";
  const perChannel = [shape[1], 1, 1];
  const isPerChannel = shapesEqual(value.shape, perChannel) || shapesEqual(value.shape, [1, ...perChannel]);
  return isPerChannel ? "channels" : "other";
}

/** ReLU of a convolution that waits is made by it; one that would change nothing is none. */
export const relu: BlockedRule = (context, node) => {
  const { layouts } = context;
  const [x] = node.inputs;
  const held = layouts.held(x);
  if (layouts.isRectified(x)) return [x];
  if (held?.kind !== "pending") return elementwise(context, node);
  return [layouts.holdBlocked(held.make({ ...held.finish, activation: "Relu" }))];
};

/** A sum with a convolution that waits is made by it; phases are added to phases. */
export const add: BlockedRule = (context, node) => {
  const { layouts } = context;
  const [a, b] = node.inputs;
  const [heldA, heldB] = node.inputs.map((input) => layouts.held(input));
  if (!shapesEqual(a.shape, b.shape)) return elementwise(context, node);
  if (heldA?.kind === "phases" && heldB?.kind === "phases" && heldA.stride.join() === heldB.stride.join()) {
    const parts = heldA.parts.map((part, i) => {
      const other = heldB.parts[i];
      return part && other ? layouts.g.add(part, other) : (part ?? other);
    });
    return [layouts.hold({ kind: "phases", stride: heldA.stride, parts }, a)];
  }
  const fused = (waiting: Value, other: Value) => {
    const held = layouts.held(waiting);
    const fits = held?.kind === "pending" && !held.finish.sum && waiting !== other;
    if (!fits || !(layouts.isBlocked(other) || layouts.canBlock(other))) return null;
    return { make: held.make, finish: { ...held.finish, sum: layouts.blocked(other) } };
  };
  const pending = fused(a, b) ?? fused(b, a);
  return pending ? [layouts.holdPending(pending, a, isReadOnce(node))] : elementwise(context, node);
};

/** Rows that are picked or joined stay in their blocks. */
export const gather: BlockedRule = ({ layouts }, node) => {
  const [x, rows] = node.inputs;
  const held = layouts.held(x);
  if (!held || held.kind === "weight" || rows.shape.length !== 1 || intAttribute(node, "axis", 0) !== 0)
    return null;
  const { g } = layouts;
  if (held.kind !== "repeatable") return [layouts.holdBlocked(g.gather(layouts.blocked(x), rows))];
  const call = { ...held.call, x: g.gather(held.call.x, rows) };
  const like = { dtype: x.dtype, shape: [rows.shape[0], ...x.shape.slice(1)] };
  return [layouts.hold({ kind: "repeatable", call }, like)];
};

/** Along rows, or along channels that make whole blocks. */
export const concat: BlockedRule = ({ layouts }, node) => {
  const axis = normalizeAxis(intAttribute(node, "axis"), node.inputs[0].shape.length);
  if (axis > 1 || !node.inputs.some((input) => layouts.isBlocked(input))) return null;
  if (!node.inputs.every((input) => layouts.isBlocked(input) || layouts.canBlock(input))) return null;
  return [
    layouts.holdBlocked(
      layouts.g.concat(
        node.inputs.map((input) => layouts.blocked(input)),
        axis,
      ),
    ),
  ];
};

/** One number per row and channel, repeated over space. */
export const expand: BlockedRule = ({ layouts }, node) => {
  const [x, shape] = node.inputs;
  const target = shape.constant ? Array.from(shape.constant.data as BigInt64Array, Number) : [];
  if (target.length !== 4 || x.shape.length !== 4 || x.shape[2] * x.shape[3] !== 1) return null;
  const like = { dtype: x.dtype, shape: target };
  if (layouts.held(x) || !layouts.canBlock(like) || x.shape[1] !== target[1] || x.shape[0] !== target[0])
    return null;
  const { g, block: b } = layouts;
  const [n, c, h, w] = target;
  return [layouts.fromView(g.expand(g.reshape(x, [n, c / b, 1, 1, b]), [n, c / b, h, w, b]))];
};
