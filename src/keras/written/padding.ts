import type { Window } from "../../onnx/index.ts";
import { type Placed, mapLengths } from "./placed.ts";
import type { Writer } from "./writer.ts";

export interface Padded {
  readonly layer: string;
  readonly padding: "same" | "valid";
}

/**
 * What a window is laid over: as it is, by "same" where TensorFlow would pad alike, else behind a layer of zeros. TensorFlow puts
 * the odd one after, PyTorch pads alike on both sides: strided convolutions of the one need a layer in the other.
 */
export function padded(writer: Writer, x: Placed, window: Window): Padded {
  const padding = paddingOf(x, window);
  return padding === null
    ? { layer: zeros(writer, x, window.pads), padding: "valid" }
    : { layer: x.layer, padding };
}

/** TensorFlow's word for a window's padding; null where it has none. */
export function paddingOf(x: Placed, { kernel, strides, dilations, pads }: Window): Padded["padding"] | null {
  if (pads.every((pad) => pad === 0)) return "valid";
  const isSame = mapLengths(x)
    .slice(0, 2)
    .every((length, i) => {
      const extent = (kernel[i] - 1) * dilations[i] + 1;
      const total = Math.max((Math.ceil(length / strides[i]) - 1) * strides[i] + extent - length, 0);
      return pads[i] === Math.floor(total / 2) && pads[i + 2] === Math.ceil(total / 2);
    });
  return isSame ? "same" : null;
}

/** @param pads  rows above, columns left, rows below, columns right */
export function zeros(writer: Writer, x: Placed, [top, left, bottom, right]: readonly number[]): string {
  const padding = [
    [top, bottom],
    [left, right],
  ];
  return writer.add({
    className: "ZeroPadding2D",
    config: { padding, data_format: "channels_last" },
    inputs: [x.layer],
  });
}
