/**
 * Convolutions that cost less to compute again than their output costs to keep: those of images of a few channels, where a number
 * is a sum of some thirty products.
 */
import type { GraphBuilder, Value, ValueType } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import { croppedStart } from "./cropped-start.ts";
import { type ConvCall, conv } from "./operators.ts";

/** Products in a number of the output. */
const FEW_PRODUCTS = 36;

/** Whether a convolution by this kernel [Co, Ci, kh, kw] is one of them. */
export const isRepeatable = ({ shape }: ValueType, block: number): boolean =>
  shape[1] < block && sizeOf(shape.slice(1)) <= FEW_PRODUCTS;

/** Bytes of a convolution's output that should still be in the cache when they are read. */
const CACHE_BYTES = 14 << 20;

/** What is made of the convolution's output, of this size, by so many images at a time that this stays in the cache. */
export function inTurns(g: GraphBuilder, call: ConvCall, size: number, use: (output: Value) => Value): Value {
  const images = call.x.shape[0];
  const most = Math.max(1, Math.floor((images * CACHE_BYTES) / (4 * size)));
  if (images <= most) return use(conv(g, call));
  const counts = evenly(images, Math.ceil(images / most));
  return g.concat(
    g.split(call.x, counts, 0).map((x) => use(conv(g, { ...call, x }))),
    0,
  );
}

/** Whole numbers that add up to the total and differ by one at most. */
const evenly = (total: number, parts: number): number[] =>
  Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * total) / parts) - Math.floor((i * total) / parts),
  );

/**
 * The convolution's output at one pixel of the pooling windows, counted row by row: of images shifted to that pixel, by the window's
 * stride. They are the very numbers that were pooled, as the products of each are summed up in the same order at any stride;
 * `blockSize` sees to it.
 */
export function repeatedPhase(
  g: GraphBuilder,
  call: ConvCall,
  [rows, columns]: readonly [number, number],
  phase: number,
): Value {
  const [down, along] = [Math.floor(phase / columns), phase % columns];
  const [top, left, bottom, right] = call.pads ?? [0, 0, 0, 0];
  // What the padding does not take up of a shift is cut off the image.
  return conv(g, {
    ...call,
    x: croppedStart(g, call.x, Math.max(0, down - top), Math.max(0, along - left)),
    strides: [rows, columns],
    pads: [Math.max(0, top - down), Math.max(0, left - along), bottom, right],
  });
}
