/** How a pixel between pixels is read: the nearest one, 2×2 linearly, or 4×4 by cubics. */
export const interpolations = ["nearest", "bilinear", "bicubic"] as const;
export type Interpolation = (typeof interpolations)[number];

/** Pixels along each axis that a value is made of. */
export const tapsAlong: Readonly<Record<Interpolation, number>> = { nearest: 1, bilinear: 2, bicubic: 4 };

/** Keys' cubic with a = −0.75, as torch's `grid_sample(mode="bicubic")` and OpenCV have it; Pillow takes −0.5. */
const a = -0.75;

/**
 * Weights of the pixels at ⌊place⌋ − 1 … ⌊place⌋ + 2 for a place between the second and the third; they sum to 1.
 *
 * @param along  place − ⌊place⌋, in [0, 1)
 */
export function cubicWeights(along: number, out: Float64Array): void {
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  out[0] = far(along + 1);
  out[1] = near(along);
  out[2] = near(1 - along);
  out[3] = far(2 - along);
}
