/**
 * Swin's relative position biases: a table [(2H − 1)(2W − 1), heads] with a row for each offset between two places of a
 * window of H×W, which exporters that fold gather into [1, heads, HW, HW].
 *
 * Source: Liu et al., ICCV 2021 (arXiv 2103.14030); the order of rows is that of the authors, torchvision and timm.
 */
import { type Tensor, sizeOf } from "../../tensor/index.ts";

export interface Window {
  readonly height: number;
  readonly width: number;
}

/** Row of the table for each pair of places, [HW, HW]. */
export function windowIndex({ height, width }: Window): number[] {
  const places = height * width;
  const rows: number[] = [];
  for (let a = 0; a < places; a++) {
    for (let b = 0; b < places; b++) {
      const down = Math.floor(a / width) - Math.floor(b / width) + height - 1;
      rows.push(down * (2 * width - 1) + (a % width) - (b % width) + width - 1);
    }
  }
  return rows;
}

/**
 * The table that a gathered tensor [1, …, heads, HW, HW] was made of.
 *
 * @returns undefined where two pairs of one offset have different numbers
 */
export function windowTable(gathered: Tensor, window: Window): Tensor | undefined {
  const places = window.height * window.width;
  const heads = sizeOf(gathered.shape) / places ** 2;
  const count = (2 * window.height - 1) * (2 * window.width - 1);
  const data = gathered.data.slice(0, count * heads);
  const isSet = new Uint8Array(count * heads);
  const rows = windowIndex(window);
  for (let i = 0; i < gathered.data.length; i++) {
    const at = rows[i % rows.length] * heads + Math.floor(i / rows.length);
    if (isSet[at] && data[at] !== gathered.data[i]) return undefined;
    data[at] = gathered.data[i];
    isSet[at] = 1;
  }
  return { ...gathered, shape: [count, heads], data } as Tensor;
}

/** More places than any window of today has: the index would be larger than the tensors that it is for. */
const MOST_PLACES = 4096;

/**
 * The window whose table a tensor was gathered from, by its numbers: the only one that fits, of those whose rows are all
 * different.
 */
export function findWindow(gathered: Tensor): Window | undefined {
  const { shape } = gathered;
  const places = shape.at(-1)!;
  if (shape.length < 3 || shape.at(-2) !== places || places < 4 || places > MOST_PLACES) return undefined;
  if (shape.slice(0, -3).some((length) => length !== 1)) return undefined;
  const found = [...windowsOf(places)].filter((window) => {
    const table = windowTable(gathered, window);
    return table !== undefined && hasDifferentRows(table);
  });
  return found.length === 1 ? found[0] : undefined;
}

function* windowsOf(places: number): Generator<Window> {
  for (let height = 1; height <= places; height++)
    if (places % height === 0) yield { height, width: places / height };
}

/** Equal rows would fit other orders too. */
function hasDifferentRows({ shape: [count, heads], data }: Tensor): boolean {
  const rows = new Set<string>();
  for (let i = 0; i < count; i++) rows.add(data.slice(i * heads, (i + 1) * heads).join());
  return rows.size === count;
}
