/** Sums and products: of two tensors a layer that joins them, of a tensor and a constant for each channel a normalisation. */
import type { TypedNode } from "../../../onnx/index.ts";
import { type Tensor, numbersOf, shapesEqual, sizeOf } from "../../../tensor/index.ts";
import type { Placed } from "../placed.ts";
import { type LayerRule, type Writer, refuse } from "../writer.ts";
import { affine, apart, shifted } from "./normalization.ts";

/** From the constant, by channel, to what multiplies and what is added; `isFirst`: it stands before the tensor. */
type Affine = (value: number, isFirst: boolean) => readonly [scale: number, offset: number] | null;

const arithmetic =
  (joined: string | null, ofConstant: Affine): LayerRule =>
  (writer, node) => {
    const [a, b] = node.inputs.map((value) => value && writer.find(value.name));
    if (a && b)
      return joined === null
        ? refuse(node, "no layer does that with two tensors")
        : join(writer, node, joined, a, b);
    const x = (a ?? b)!;
    const constant = writer.constant(node, a ? 1 : 0)!;
    const values = byChannel(node, x, constant).map((value) => ofConstant(value, !a));
    if (values.includes(null)) refuse(node, "no layer divides by its input");
    const pairs = values as (readonly [number, number])[];
    return affine(
      writer,
      x,
      Float32Array.from(pairs, ([s]) => s),
      Float32Array.from(pairs, ([, o]) => o),
    );
  };

/** Of two tensors a layer; with a constant, by channel, max(x, c) = relu(x − c) + c and min(x, c) = c − relu(c − x). */
const extreme =
  (className: string, sign: 1 | -1): LayerRule =>
  (writer, node) => {
    const [a, b] = node.inputs.map((value) => value && writer.find(value.name));
    if (node.inputs.length !== 2) refuse(node, `it has ${node.inputs.length} inputs, not 2`);
    if (a && b) return join(writer, node, className, a, b);
    const x = (a ?? b)!;
    const bounds = Float32Array.from(byChannel(node, x, writer.constant(node, a ? 1 : 0)!));
    const signs = bounds.map(() => sign);
    const beyond = affine(
      writer,
      x,
      signs,
      bounds.map((c) => -sign * c),
    );
    return affine(writer, writer.same("ReLU", beyond, { max_value: null }), signs, bounds);
  };

/** Two of one shape; TensorFlow.js would spread a map of one pixel over a larger one, as ONNX does. */
function join(writer: Writer, node: TypedNode, className: string, a: Placed, b: Placed): Placed {
  const [from, to] = a.form === b.form ? [a, b] : [writer.map(node, 0), writer.map(node, 1)];
  const isSpread =
    from.form === "map" &&
    from.shape.every((n, axis) => n === to.shape[axis] || n === 1 || to.shape[axis] === 1);
  if (!shapesEqual(from.shape, to.shape) && !isSpread)
    refuse(node, `its inputs are [${a.shape}] and [${b.shape}]`);
  if (from.flatOf?.join() !== to.flatOf?.join()) refuse(node, "its inputs are laid flat in different orders");
  const larger = sizeOf(from.shape) >= sizeOf(to.shape) ? from : to;
  return { ...larger, layer: writer.add({ className, inputs: apart(writer, [from, to]) }) };
}

/** A constant's number for each channel. */
function byChannel(node: TypedNode, x: Placed, constant: Tensor): number[] {
  const channels = x.shape[x.channelAxis];
  const values = numbersOf(constant);
  if (values.length === 1) return Array<number>(channels).fill(values[0]);
  // Axes are counted from the last.
  const fromLast = x.shape.length - x.channelAxis;
  const isOfChannels =
    values.length === channels && constant.shape.at(-fromLast) === channels && x.flatOf === undefined;
  return isOfChannels
    ? values
    : refuse(node, `its constant [${constant.shape}] is not one number for each channel`);
}

export const arithmetics = {
  Add: arithmetic("Add", (c) => [1, c]),
  Sub: arithmetic(null, (c, isFirst) => (isFirst ? [-1, c] : [1, -c])),
  Mul: arithmetic("Multiply", (c) => [c, 0]),
  Div: arithmetic(null, (c, isFirst) => (isFirst ? null : [1 / c, 0])),
  Max: extreme("Maximum", 1),
  Min: extreme("Minimum", -1),
  Neg: (writer, node) => shifted(writer, writer.input(node), -1, 0),
  /** x·max(0, min(1, x/6 + 1/2)) = x·relu6(x + 3)/6 */
  HardSwish: (writer, node) => {
    const x = writer.input(node);
    const bounded = writer.same("ReLU", shifted(writer, x, 1, 3), { max_value: 6 });
    const gate = shifted(writer, bounded, 1 / 6, 0);
    return { ...x, layer: writer.add({ className: "Multiply", inputs: [x.layer, gate.layer] }) };
  },
} satisfies Record<string, LayerRule>;
