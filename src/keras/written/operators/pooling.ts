import {
  type TypedNode,
  intAttribute,
  intsAttribute,
  padsWithoutCeil,
  reducedAxes,
  resolveWindow,
} from "../../../onnx/index.ts";
import { paddingOf, zeros } from "../padding.ts";
import { type Placed, mapLengths } from "../placed.ts";
import { type LayerRule, type Writer, refuse } from "../writer.ts";

const pool =
  (className: "MaxPooling2D" | "AveragePooling2D"): LayerRule =>
  (writer, node) => {
    const x = writer.map(node);
    if (x.channelAxis !== 0) refuse(node, "its channels are not first");
    const [height, width] = mapLengths(x);
    const kernel = intsAttribute(node, "kernel_shape");
    const window = resolveWindow(node, [height, width], kernel);
    const { strides, dilations, output } = window;
    if (dilations.some((d) => d !== 1)) refuse(node, "it is dilated");
    const pads = padsWithoutCeil(window, [height, width]);
    const from = paddingOf(x, { ...window, pads });
    const over = (layer: string, size: readonly number[], steps: readonly number[], padding: string) =>
      writer.add({
        className,
        config: { pool_size: size, strides: steps, padding, data_format: "channels_last" },
        inputs: [layer],
      });
    const pooled = (layer: string): Placed => ({ ...x, shape: [x.shape[0], ...output], layer });
    const isPadded = pads.some((n) => n !== 0);
    const counts = className === "AveragePooling2D" && intAttribute(node, "count_include_pad", 0) === 1;
    // "same" leaves the border out of maxima and means; zeros that count are a layer of their own.
    if (isPadded && counts) {
      if (pads.join() !== window.pads.join()) refuse(node, "it counts a part of its padding");
      return pooled(over(zeros(writer, x, pads), kernel, strides, "valid"));
    }
    if (from !== null) return pooled(over(x.layer, kernel, strides, from));
    // Padded alike on both sides: every place, and then one in so many.
    const isCentred = kernel.every(
      (n, i) => n % 2 === 1 && pads[i] === (n - 1) / 2 && pads[i] === pads[i + 2],
    );
    if (!isCentred) refuse(node, `its padding [${pads}] is not TensorFlow's "same"`);
    return pooled(over(over(x.layer, kernel, [1, 1], "same"), [1, 1], strides, "valid"));
  };

/** All of space to one pixel, which is a row in the layers model. */
function overSpace(writer: Writer, node: TypedNode, className: string, keepsAxes: boolean): Placed {
  const x = writer.map(node);
  const channels = x.shape[x.channelAxis];
  const layer = writer.add({ className, config: { data_format: "channels_last" }, inputs: [x.layer] });
  return keepsAxes
    ? {
        layer,
        form: "row",
        channelAxis: x.channelAxis,
        shape: x.shape.map((n, axis) => (axis === x.channelAxis ? n : 1)),
      }
    : { layer, form: "row", channelAxis: 0, shape: [channels] };
}

const reduce =
  (className: string): LayerRule =>
  (writer, node) => {
    const x = writer.input(node);
    const axes = reducedAxes({ ...node, outputCount: 1 }).map((axis) => axis - 1);
    const spatial = x.shape.flatMap((_, axis) => (axis === x.channelAxis ? [] : [axis]));
    if (x.shape.length !== 3 || axes.join() !== spatial.join())
      refuse(node, `it is over the axes ${axes.map((a) => a + 1)}`);
    return overSpace(writer, node, className, intAttribute(node, "keepdims", 1) === 1);
  };

export const poolings = {
  MaxPool: pool("MaxPooling2D"),
  AveragePool: pool("AveragePooling2D"),
  GlobalAveragePool: (writer, node) => overSpace(writer, node, "GlobalAveragePooling2D", true),
  GlobalMaxPool: (writer, node) => overSpace(writer, node, "GlobalMaxPooling2D", true),
  ReduceMean: reduce("GlobalAveragePooling2D"),
  ReduceMax: reduce("GlobalMaxPooling2D"),
} satisfies Record<string, LayerRule>;
