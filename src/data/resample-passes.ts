/** The two passes of a resampling: sums of bytes times weights, along the rows or along the columns of an image. */

/** Fixed point of the weights: 32 bits less 8 of a byte and 2 of headroom. */
export const precisionBits = 22;
const half = 1 << (precisionBits - 1);

/** For each of some output places, the input places that it is made of and their weights, behind one another. */
export interface Taps {
  readonly firsts: Int32Array;
  /** Place p has weights[starts[p]] … weights[starts[p + 1] − 1]. */
  readonly starts: Int32Array;
  readonly weights: Int32Array;
}

export interface Passes {
  /**
   * Rows `top` to `end` of an image `width` wide, whose first column is column `left` of the one that taps count in, each
   * resampled: [end − top, places, channels].
   */
  readonly alongRows: (
    image: Uint8Array,
    channels: number,
    width: number,
    taps: Taps,
    left: number,
    rows: readonly [top: number, end: number],
  ) => Uint8Array;
  /** Rows of `length` bytes, of which the first is row `top` of the image, to one row for each place. */
  readonly alongColumns: (rows: Uint8Array, length: number, taps: Taps, top: number) => Uint8Array;
}

const clipped = (sum: number): number => {
  const value = sum >> precisionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

function alongRows(
  image: Uint8Array,
  channels: number,
  width: number,
  { firsts, starts, weights }: Taps,
  left: number,
  [top, end]: readonly [number, number],
): Uint8Array {
  const places = firsts.length;
  const result = new Uint8Array((end - top) * places * channels);
  for (let row = top, to = 0; row < end; row++) {
    for (let place = 0; place < places; place++) {
      const from = (row * width + firsts[place] - left) * channels;
      const [start, stop] = [starts[place], starts[place + 1]];
      if (channels === 3) {
        let [red, green, blue] = [half, half, half];
        for (let tap = start, at = from; tap < stop; tap++, at += 3) {
          const weight = weights[tap];
          red += image[at] * weight;
          green += image[at + 1] * weight;
          blue += image[at + 2] * weight;
        }
        result[to++] = clipped(red);
        result[to++] = clipped(green);
        result[to++] = clipped(blue);
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        let sum = half;
        for (let tap = start, at = from + channel; tap < stop; tap++, at += channels)
          sum += image[at] * weights[tap];
        result[to++] = clipped(sum);
      }
    }
  }
  return result;
}

function alongColumns(
  rows: Uint8Array,
  length: number,
  { firsts, starts, weights }: Taps,
  top: number,
): Uint8Array {
  const places = firsts.length;
  const result = new Uint8Array(places * length);
  const sums = new Int32Array(length);
  for (let place = 0; place < places; place++) {
    sums.fill(half);
    for (let tap = starts[place], at = (firsts[place] - top) * length; tap < starts[place + 1]; tap++) {
      const weight = weights[tap];
      for (let i = 0; i < length; i++) sums[i] += rows[at++] * weight;
    }
    const to = place * length;
    for (let i = 0; i < length; i++) result[to + i] = clipped(sums[i]);
  }
  return result;
}

export const plainPasses: Passes = { alongRows, alongColumns };
