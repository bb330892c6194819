import type { Predictions } from "./predictions.ts";

/**
 * The share of samples x for which the paper's *efficiency* assumption holds: for every member a, f(a(x)) is strictly
 * closer in l1 to f(x) than to f(x′) for any other test sample x′, of whatever class; f are the logits. A sample
 * whose clean logits equal another's therefore does not satisfy it.
 *
 * Exact. For any signs s, |s·u − s·v| ≤ ‖u − v‖₁, so clean samples are kept sorted by s·f(x) and only those
 * within the distance to beat are compared. Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909).
 */
export function efficiency({ labels, classes, logits }: Predictions): number {
  const samples = labels.length;
  const clean = new SortedRows(logits[0], samples, classes);
  let satisfied = 0;
  for (let i = 0; i < samples; i++) {
    if (logits.every((member) => !clean.hasOtherWithin(member, i))) satisfied++;
  }
  return satisfied / samples;
}

/** The rows of a matrix, sorted by their projection on a vector of signs. */
class SortedRows {
  private readonly signs: Float64Array;
  /** Projections, ascending, and the rows in that order. */
  private readonly keys: Float64Array;
  private readonly rows: Float64Array;
  private readonly order: Int32Array;
  /** No row's absolute values add up to more. */
  private readonly largestSum: number;

  constructor(
    private readonly values: Float32Array,
    count: number,
    private readonly width: number,
  ) {
    this.signs = spreadingSigns(values, count, width);
    const keys = Float64Array.from({ length: count }, (_, i) => this.project(values, i));
    this.order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => keys[a] - keys[b]);
    this.keys = Float64Array.from(this.order, (i) => keys[i]);
    this.rows = new Float64Array(count * width);
    this.order.forEach((i, at) => {
      for (let k = 0; k < width; k++) this.rows[at * width + k] = values[i * width + k];
    });
    this.largestSum = width * values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  }

  /** Whether a row other than `i` lies as close to row `i` of `views` as row `i` itself does. */
  hasOtherWithin(views: Float32Array, i: number): boolean {
    const { values, width, keys, rows, order } = this;
    let radius = 0;
    for (let k = i * width; k < (i + 1) * width; k++) radius += Math.abs(views[k] - values[k]);

    const key = this.project(views, i);
    // Each projection and each sum is rounded by at most width · ε of its terms' magnitudes.
    const reach = radius + 4 * width * Number.EPSILON * (this.largestSum + radius);
    for (let at = lowerBound(keys, key - reach); at < keys.length && keys[at] <= key + reach; at++) {
      let sum = 0;
      for (let k = 0; k < width && sum <= radius; k++) {
        sum += Math.abs(views[i * width + k] - rows[at * width + k]);
      }
      if (sum <= radius && order[at] !== i) return true;
    }
    return false;
  }

  private project(values: Float32Array, i: number): number {
    let sum = 0;
    for (let k = 0; k < this.width; k++) sum += this.signs[k] * values[i * this.width + k];
    return sum;
  }
}

/**
 * Signs along which the rows spread: few rows then share a key. From the signs of all +1, each pass moves to the
 * signs of XᵀX s (X centred), which never lowers ‖X s‖; any signs would be correct, these are merely faster.
 */
function spreadingSigns(values: Float32Array, count: number, width: number): Float64Array {
  const means = new Float64Array(width);
  for (let j = 0; j < values.length; j++) means[j % width] += values[j] / count;
  let signs = new Float64Array(width).fill(1);
  for (let pass = 0; pass < 4; pass++) {
    const next = new Float64Array(width);
    for (let i = 0; i < count; i++) {
      let projection = 0;
      for (let k = 0; k < width; k++) projection += signs[k] * (values[i * width + k] - means[k]);
      for (let k = 0; k < width; k++) next[k] += projection * (values[i * width + k] - means[k]);
    }
    signs = next.map((x) => (x < 0 ? -1 : 1));
  }
  return signs;
}

/** Index of the first of the ascending `keys` that is at least `key`. */
function lowerBound(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
