import { areaAverage } from "./area-average.ts";

/** Side of the luma that pictures are compared by. */
export const LUMA_SIDE = 32;
/** Side of their colours. */
export const CHROMA_SIDE = 16;
/** Numbers of a descriptor. */
export const DESCRIPTOR_LENGTH = 35;

/** What pictures are compared by, whatever their size. */
export interface Fingerprint {
  /**
   * [35]: a perceptual hash before it is cut to bits. The lowest 6 × 6 frequencies (DCT-II, orthonormal) but the mean of the luma,
   * over the luma's norm about its mean; so the distance of two pictures does not depend on brightness or contrast.
   */
  readonly descriptor: Float32Array;
  /** [32, 32], in [0, 1], slightly blurred. */
  readonly luma: Float32Array;
  /** [2, 16, 16]: red less green and blue less green; null for grey. */
  readonly chroma: Float32Array | null;
}

/** @param image  [C, H, W] in [0, 1], C of 1 or 3 */
export function fingerprint(
  image: Float32Array,
  [channels, height, width]: readonly [number, number, number],
): Fingerprint {
  const area = height * width;
  const planes = Array.from({ length: channels }, (_, c) => image.subarray(c * area, (c + 1) * area));
  if (channels !== 3) {
    const luma = softened(areaAverage(planes[0], height, width, LUMA_SIDE));
    return { descriptor: descriptorOf(luma), luma, chroma: null };
  }
  const small = planes.map((plane) => areaAverage(plane, height, width, LUMA_SIDE));
  const luma = softened(small[0].map((red, i) => 0.299 * red + 0.587 * small[1][i] + 0.114 * small[2][i]));
  const coarse = small.map((plane) => areaAverage(plane, LUMA_SIDE, LUMA_SIDE, CHROMA_SIDE));
  const chroma = new Float32Array(2 * CHROMA_SIDE * CHROMA_SIDE);
  coarse[1].forEach((green, i) => {
    chroma[i] = coarse[0][i] - green;
    chroma[CHROMA_SIDE * CHROMA_SIDE + i] = coarse[2][i] - green;
  });
  return { descriptor: descriptorOf(luma), luma, chroma };
}

/** Of each place and its neighbours 1 : 2 : 1, along both axes: how a picture was resized shows in its finest detail alone. */
function softened(luma: Float32Array): Float32Array {
  return [1, LUMA_SIDE].reduce(
    (plane, step) =>
      plane.map((value, i) => {
        const place = Math.floor(i / step) % LUMA_SIDE;
        const before = place === 0 ? value : plane[i - step];
        const after = place === LUMA_SIDE - 1 ? value : plane[i + step];
        return (before + 2 * value + after) / 4;
      }),
    luma,
  );
}

const FREQUENCIES = 6;

/** [frequency][place] */
const cosines = Array.from({ length: FREQUENCIES }, (_, frequency) =>
  Float32Array.from(
    { length: LUMA_SIDE },
    (_, place) =>
      Math.sqrt((frequency === 0 ? 1 : 2) / LUMA_SIDE) *
      Math.cos((Math.PI * (place + 0.5) * frequency) / LUMA_SIDE),
  ),
);

/** The lowest frequencies first, so that a distance is soon seen to be too great. */
const order = Array.from({ length: FREQUENCIES * FREQUENCIES }, (_, i) => i)
  .sort((a, b) => diagonal(a) - diagonal(b))
  .slice(1);

function diagonal(i: number): number {
  return Math.floor(i / FREQUENCIES) + (i % FREQUENCIES);
}

function descriptorOf(luma: Float32Array): Float32Array {
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  const norm = Math.sqrt(luma.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  const rows = new Float32Array(FREQUENCIES * LUMA_SIDE);
  for (let y = 0; y < LUMA_SIDE; y++) {
    for (let k = 0; k < FREQUENCIES; k++) {
      let sum = 0;
      for (let x = 0; x < LUMA_SIDE; x++) sum += cosines[k][x] * (luma[y * LUMA_SIDE + x] - mean);
      rows[k * LUMA_SIDE + y] = sum;
    }
  }
  return Float32Array.from(order, (i) => {
    const [u, k] = [Math.floor(i / FREQUENCIES), i % FREQUENCIES];
    let sum = 0;
    for (let y = 0; y < LUMA_SIDE; y++) sum += cosines[u][y] * rows[k * LUMA_SIDE + y];
    return norm === 0 ? 0 : sum / norm;
  });
}
