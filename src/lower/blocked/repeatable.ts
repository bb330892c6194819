/**
 * Convolutions that cost less to compute again than their output costs to keep: those of images of a few channels, where a number
 * is a sum of some thirty products.
 */
import type { Value, ValueType } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { Layouts } from "./layouts.ts";
import { type ConvCall, conv } from "./operators.ts";

/** Products in a number of the output. */
const FEW_PRODUCTS = 36;

/** Whether a convolution by this kernel [Co, Ci, kh, kw] is one of them. */
export const isRepeatable = ({ shape }: ValueType, block: number): boolean =>
  shape[1] < block && sizeOf(shape.slice(1)) <= FEW_PRODUCTS;

/**
 * The convolution's output at each pixel of the pooling window, row by row, each computed when it is asked for: of images
 * shifted to that pixel, by the window's stride. They are the very numbers that were pooled, as the products of each are summed up
 * in the same order at any stride; `blockSize` sees to it.
 */
export function repeatedPhases(
  layouts: Layouts,
  call: ConvCall,
  [rows, columns]: readonly [number, number],
): (() => Value)[] {
  const [top, left, bottom, right] = call.pads ?? [0, 0, 0, 0];
  // What the padding does not take up of a shift is cut off the image.
  const phase = (down: number, along: number): Value =>
    conv(layouts.g, {
      ...call,
      x: croppedStart(layouts, call.x, Math.max(0, down - top), Math.max(0, along - left)),
      strides: [rows, columns],
      pads: [Math.max(0, top - down), Math.max(0, left - along), bottom, right],
    });
  return Array.from({ length: rows * columns }, (_, i) => () => phase(Math.floor(i / columns), i % columns));
}

/** Plain images without their first rows and columns. */
function croppedStart({ g }: Layouts, x: Value, down: number, along: number): Value {
  const [, , h, w] = x.shape;
  const cut = [
    { axis: 2, start: down, end: h },
    { axis: 3, start: along, end: w },
  ].filter(({ start }) => start > 0);
  return cut.length > 0 ? g.slice(x, cut) : x;
}
