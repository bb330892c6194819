import { intAttribute, intsAttribute, padsByAxis, stringAttribute } from "../../../onnx/index.ts";
import { normalizeAxis, numbersOf, sizeOf } from "../../../tensor/index.ts";
import { zeros } from "../padding.ts";
import { type Placed, mapLengths } from "../placed.ts";
import { type LayerRule, refuse } from "../writer.ts";
import { apart } from "./normalization.ts";

/** The same numbers in another shape: axes of length 1 come and go, or a map is laid flat. */
const reshape: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const shape = node.outputs[0].shape.slice(1);
  const long = (lengths: readonly number[]) => lengths.filter((n) => n !== 1).join();
  if (x.form === "row" && long(shape) === long(x.shape)) {
    const axis = shape.findIndex((n) => n !== 1);
    return { ...x, shape, channelAxis: Math.max(axis, 0) };
  }
  if (shape.length !== 1 || x.form !== "map") refuse(node, `no layer makes [${shape}] of [${x.shape}]`);
  const layer = writer.add({
    className: "Flatten",
    config: { data_format: "channels_last" },
    inputs: [x.layer],
  });
  const [height, width, channels] = mapLengths(x);
  const isInOrder = x.channelAxis === 2 || channels === 1 || height * width === 1;
  const flat: Placed = { layer, form: "row", channelAxis: 0, shape: [sizeOf(x.shape)] };
  return isInOrder ? flat : { ...flat, flatOf: [channels, height, width] };
};

/** Channels from first to last or back: nothing, as the layers model has them last all the time. */
const transpose: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const rank = x.shape.length + 1;
  const order = intsAttribute(
    node,
    "perm",
    Array.from({ length: rank }, (_, i) => rank - 1 - i),
  );
  const turned = x.form === "map" && x.channelAxis === 0 ? "0,2,3,1" : "0,3,1,2";
  const isRow = x.form === "row" && sizeOf(x.shape) === x.shape[x.channelAxis];
  if (order[0] !== 0 || (order.join() !== turned && !isRow)) refuse(node, `it orders axes as [${order}]`);
  return {
    ...x,
    shape: order.slice(1).map((axis) => x.shape[axis - 1]),
    channelAxis: order.indexOf(x.channelAxis + 1) - 1,
  };
};

const pad: LayerRule = (writer, node) => {
  const x = writer.map(node);
  const mode = stringAttribute(node, "mode", "constant");
  const fill = writer.constant(node, 2);
  if (mode !== "constant" || (fill && numbersOf(fill)[0] !== 0))
    refuse(node, "it pads with something else than 0");
  const { before, after } = padsByAxis({ ...node, outputCount: 1 });
  const [top, left] = spatialOf(before, x);
  const [bottom, right] = spatialOf(after, x);
  const others = [before, after].some((pads) => pads[0] !== 0 || pads[x.channelAxis + 1] !== 0);
  if (others || [top, left, bottom, right].some((n) => n < 0))
    refuse(node, "it pads or crops other axes than space");
  return { ...x, layer: zeros(writer, x, [top, left, bottom, right]), shape: node.outputs[0].shape.slice(1) };
};

/** Of numbers for each axis, the batch's first: those of space. */
const spatialOf = (lengths: readonly number[], x: Placed): number[] =>
  lengths.slice(1).filter((_, axis) => axis !== x.channelAxis);

const concat: LayerRule = (writer, node) => {
  const parts = node.inputs.map((_, index) => writer.input(node, index));
  const [first] = parts;
  const axis = normalizeAxis(intAttribute(node, "axis"), first.shape.length + 1) - 1;
  const isAlike = parts.every(
    ({ form, channelAxis, flatOf }) => form === first.form && channelAxis === axis && !flatOf,
  );
  if (!isAlike) refuse(node, "it does not join channels");
  const shape = node.outputs[0].shape.slice(1);
  if (parts.length === 1) return { ...first, shape };
  const layer = writer.add({
    className: "Concatenate",
    config: { axis: -1 },
    inputs: apart(writer, parts),
  });
  return { ...first, layer, shape };
};

/** What does nothing when a model is used. */
const same: LayerRule = (writer, node) => writer.input(node);

export const arrangements = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Pad: pad,
  Concat: concat,
  Identity: same,
  Dropout: same,
} satisfies Record<string, LayerRule>;
