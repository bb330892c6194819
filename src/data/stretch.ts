/** Height and width in pixels. */
interface Size {
  readonly height: number;
  readonly width: number;
}

/** Fixed point of the weights: 32 bits less 8 of a byte and 2 of headroom. */
const precisionBits = 22;

/**
 * An image [H, W, channels] of interleaved bytes, stretched to another size: bilinear, and antialiased where it shrinks.
 * First along its rows, then along its columns, rounded to bytes in between, with weights in fixed point: the same bytes
 * as Pillow's `Image.resize(size, BILINEAR)` and so torchvision's `Resize` of a Pillow image. An image of that size is
 * returned as it is.
 *
 * Source: Pillow's Resample.c, `precompute_coeffs` and `ImagingResample*_8bpc`.
 */
export function stretch(image: Uint8Array, channels: number, from: Size, to: Size): Uint8Array {
  let bytes = image;
  if (from.width !== to.width) {
    const taps = tapsOf(from.width, to.width);
    bytes = resampled(bytes, taps, { outer: from.height, before: from.width, inner: channels });
  }
  if (from.height !== to.height) {
    const taps = tapsOf(from.height, to.height);
    bytes = resampled(bytes, taps, { outer: 1, before: from.height, inner: to.width * channels });
  }
  return bytes;
}

/** The input places that an output place is made of, and their weights. */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

/** A triangle about the place, as wide as the step between places but at least one input pixel to each side. */
function tapsOf(before: number, after: number): Taps[] {
  const scale = before / after;
  const support = Math.max(scale, 1);
  return Array.from({ length: after }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), before);
    const shares = Array.from({ length: end - first }, (_, i) =>
      Math.max(0, 1 - Math.abs((i + first - centre + 0.5) * (1 / support))),
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    return {
      first,
      weights: Int32Array.from(shares, (share) => Math.trunc(0.5 + (share / sum) * (1 << precisionBits))),
    };
  });
}

/** [outer, before, inner] to [outer, taps, inner]. */
function resampled(
  bytes: Uint8Array,
  taps: readonly Taps[],
  { outer, before, inner }: { outer: number; before: number; inner: number },
): Uint8Array {
  const result = new Uint8Array(outer * taps.length * inner);
  const sums = new Int32Array(inner);
  for (let o = 0; o < outer; o++) {
    taps.forEach(({ first, weights }, place) => {
      sums.fill(1 << (precisionBits - 1));
      for (let tap = 0; tap < weights.length; tap++) {
        const at = (o * before + first + tap) * inner;
        const weight = weights[tap];
        for (let i = 0; i < inner; i++) sums[i] += bytes[at + i] * weight;
      }
      const to = (o * taps.length + place) * inner;
      // A whole pixel's weights may exceed 1 by their rounding, never so far that a sum passes 31 bits.
      for (let i = 0; i < inner; i++) result[to + i] = Math.min(sums[i] >> precisionBits, 255);
    });
  }
  return result;
}
