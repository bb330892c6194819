/** Which positions of an axis each position of a resized one reads, and with what weight: the kernels of Resize. */
import type { ResizedAxis } from "../../onnx/index.ts";
import type { AxisMap } from "../axis-map.ts";

const f = Math.fround;

/** Where an output position lies on the input axis. */
export type Coordinate = (i: number, axis: ResizedAxis) => number;

/** A kernel around 0 and half of its width. */
export interface Kernel {
  readonly weight: (distance: number) => number;
  readonly reach: number;
}

export const triangle: Kernel = { weight: (d) => Math.max(0, 1 - Math.abs(d)), reach: 1 };

/** Keys' cubic convolution with coefficient a. */
export const cubicKernel = (a: number): Kernel => ({
  weight: (distance) => {
    const d = Math.abs(distance);
    if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
  },
  reach: 2,
});

/**
 * Four elements around each position. What lies outside reads the border, or with `excludes` nothing, and the others'
 * weights then sum to 1 again.
 */
export function cubicMap(axis: ResizedAxis, coordinate: Coordinate, a: number, excludes: boolean): AxisMap {
  const { weight } = cubicKernel(a);
  return Array.from({ length: axis.length }, (_, i) => {
    const at = coordinate(i, axis);
    const low = Math.floor(at);
    const share = f(at - low);
    const reads = [-1, 0, 1, 2].map((k) => ({ from: low + k, weight: weight(share - k) }));
    return excludes ? normalized(reads.filter((read) => isInside(read.from, axis))) : onBorder(reads, axis);
  });
}

/** With antialiasing the kernel is as much wider as the axis shrinks, and its weights sum to 1. */
export function antialiasedMap(
  axis: ResizedAxis,
  coordinate: Coordinate,
  { weight, reach }: Kernel,
  excludes: boolean,
): AxisMap {
  const stretch = Math.max(1, f(1 / axis.scale));
  const support = f(reach * stretch);
  return Array.from({ length: axis.length }, (_, i) => {
    const centre = f(f(coordinate(i, axis)) + 0.5);
    const first = Math.floor(centre - support + 0.5);
    const end = Math.floor(centre + support + 0.5);
    const reads = Array.from({ length: end - first }, (__, k) => ({
      from: first + k,
      weight: weight((first + k - centre + 0.5) / stretch),
    }));
    return normalized(excludes ? reads.filter((read) => isInside(read.from, axis)) : onBorder(reads, axis));
  });
}

type Reads = AxisMap[number];

const isInside = (at: number, { size }: ResizedAxis): boolean => at >= 0 && at < size;

const onBorder = (reads: Reads, { size }: ResizedAxis): Reads =>
  reads.map(({ from, weight }) => ({ from: Math.min(Math.max(from, 0), size - 1), weight }));

function normalized(reads: Reads): Reads {
  const total = reads.reduce((sum, { weight }) => sum + weight, 0);
  return total === 0 ? reads : reads.map(({ from, weight }) => ({ from, weight: weight / total }));
}
