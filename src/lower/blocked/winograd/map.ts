/** Which maps convolutions of 3×3 taps go over, and whether minimal filtering pays there. */
import type { Shape } from "../../../tensor/index.ts";
import { allEqual } from "../../conv-window.ts";
import { OUTPUTS, SEEN, TAPS, imageMatrix, outputMatrix } from "./filtering.ts";
import type { Matrix } from "./matrix.ts";

/** One axis of a map. */
interface Axis {
  readonly length: number;
  /** Zeros before it. */
  readonly pad: number;
  readonly outputs: number;
}

/** A map in two dimensions, rows first. */
export interface WinogradMap {
  readonly axes: readonly [Axis, Axis];
  /** Whether one product of matrices transforms both axes of it. */
  readonly isSmall: boolean;
  /** The kernel is evaluated at so many points at a time; they divide the points of the first axis of tiles. */
  readonly pointsAtOnce: number;
  /**
   * Axes of length 1 in front of all shapes. ONNX Runtime plans one buffer for tensors of the same shape and keeps it from
   * the first to the last of them: the shapes of the backward pass must not be those of the forward one, whose buffers
   * would be held when memory is needed most (147 MiB of ResNet-18).
   */
  readonly lead: readonly 1[];
}

interface Window {
  readonly spatial: readonly number[];
  readonly output: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** Fewer channels make matrices that are too narrow to be multiplied at full speed. */
const FEWEST_CHANNELS = 32;

/** Up to so many pixels, both axes at once cost less than one after the other. */
const SMALL_MAP = 64;

/** Products of matrices run at two thirds of the speed of direct convolutions; transforms axis by axis wait for memory. */
const MATRIX_COST = 1.5;
const MEMORY_COST = 3;

/** Of a kernel at the points that are worked on at once: they should stay in the cache, and need little memory. */
const KERNEL_BYTES = 12 << 20;

/**
 * Up to which cost, in products of the direct convolution, filtering pays (docs/performance.md). Both gradients share the
 * tiles of dY, and a direct dW has costs of its own.
 */
const WORTHWHILE = { forward: 0.85, backward: 1.2 };

/** Whether a kernel [Co, Ci, kh, kw] can be one of minimal filtering. */
export const isWinogradKernel = ([co, ci, ...kernel]: Shape): boolean =>
  kernel.length === 2 && allEqual(kernel, TAPS) && Math.min(co, ci) >= FEWEST_CHANNELS;

/** The map of a convolution, or of its gradients, that minimal filtering speeds up; null of another one. */
export function winogradMap(
  kernel: Shape,
  window: Window,
  pass: keyof typeof WORTHWHILE,
): WinogradMap | null {
  const { spatial, output, strides, dilations, pads } = window;
  if (!isWinogradKernel(kernel) || !allEqual(strides, 1) || !allEqual(dilations, 1)) return null;
  const axis = (i: number): Axis => ({ length: spatial[i], pad: pads[i], outputs: output[i] });
  const isSmall = Math.max(spatial[0] * spatial[1], output[0] * output[1]) <= SMALL_MAP;
  // The points of both axes, or of the first one with all of the second.
  const [points, together] = isSmall ? [SEEN * SEEN, 1] : [SEEN, SEEN];
  const bytes = 4 * together * kernel[0] * kernel[1];
  const pointsAtOnce = largestDivisor(points, (count) => count * bytes <= KERNEL_BYTES);
  const map: WinogradMap = {
    axes: [axis(0), axis(1)],
    isSmall,
    pointsAtOnce,
    lead: pass === "backward" ? [1] : [],
  };
  return cost(kernel, map) < WORTHWHILE[pass] ? map : null;
}

function largestDivisor(total: number, fits: (divisor: number) => boolean): number {
  for (let divisor = total; divisor > 1; divisor--)
    if (total % divisor === 0 && fits(divisor)) return divisor;
  return 1;
}

/** Over that of the direct convolution. */
function cost([co, ci]: Shape, { axes: [y, x], isSmall }: WinogradMap): number {
  const [ty, tx] = [y, x].map((axis) => SEEN * tilesOf(axis));
  const transform = (rows: number, columns: number) =>
    isSmall
      ? MATRIX_COST * ty * tx * rows * columns
      : MEMORY_COST * (ty * rows * columns + ty * tx * columns);
  const filtered =
    MATRIX_COST * ty * tx * ci * co +
    transform(y.length, x.length) * ci +
    transform(y.outputs, x.outputs) * co;
  return filtered / (TAPS * TAPS * ci * co * y.outputs * x.outputs);
}

export const tilesOf = ({ outputs }: Axis): number => Math.ceil(outputs / OUTPUTS);

/**
 * What the tiles see of an axis, evaluated: [6·tiles, length], the tiles of one point after another. Padding, and what
 * the last tile sees beyond the end, are zeros that no product takes.
 */
export function spreadMatrix(axis: Axis): Matrix {
  const tiles = tilesOf(axis);
  return {
    rows: SEEN * tiles,
    columns: axis.length,
    at(row, column) {
      const seen = column + axis.pad - OUTPUTS * (row % tiles);
      return imageMatrix[Math.floor(row / tiles)][seen] ?? 0;
    },
  };
}

/** The outputs of an axis from its products: [outputs, 6·tiles]. What the last tile has beyond the end is left out. */
export function collectMatrix(axis: Axis): Matrix {
  const tiles = tilesOf(axis);
  return {
    rows: axis.outputs,
    columns: SEEN * tiles,
    at(row, column) {
      const output = row - OUTPUTS * (column % tiles);
      return outputMatrix[output]?.[Math.floor(column / tiles)] ?? 0;
    },
  };
}

/** Both axes at once; rows by the points of both, then by tiles. */
export const ofBothAxes = (map: WinogradMap, [y, x]: readonly [Matrix, Matrix]): Matrix => {
  const [ty, tx] = map.axes.map(tilesOf);
  const tiles = ty * tx;
  return {
    rows: y.rows * x.rows,
    columns: y.columns * x.columns,
    at(row, column) {
      const [point, tile] = [Math.floor(row / tiles), row % tiles];
      const inY = Math.floor(point / SEEN) * ty + Math.floor(tile / tx);
      const inX = (point % SEEN) * tx + (tile % tx);
      return y.at(inY, Math.floor(column / x.columns)) * x.at(inX, column % x.columns);
    },
  };
};
