/**
 * Minimal filtering F(4, 3): four outputs of a filter of three taps by six products, where twelve are obvious. In two
 * dimensions 4×4 outputs of a 3×3 kernel take 36 products instead of 144:
 *
 *   Y = Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A  for the 6×6 numbers d of an image that the outputs see, and the kernel g
 *
 * S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural
 * Networks, CVPR 2016, whose letters these are. The matrices evaluate polynomials at points and interpolate (Toom and
 * Cook).
 */

export const OUTPUTS = 4;
export const TAPS = 3;
/** Numbers of an axis that a tile of outputs sees, and products that it takes. */
export const SEEN = OUTPUTS + TAPS - 1;

/**
 * Where polynomials are evaluated, besides infinity. With 0, ±1, ±2 rounding errors are twice as large (1.8e-6 of the
 * output's deviation against 0.9e-6, for 256 channels in float32); these are exact in binary.
 */
const POINTS = [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2];

/** Row by row. */
export type Rows = readonly (readonly number[])[];

const indices = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Coefficients of (x − p)(x − q)…, the constant first. */
const withRoots = (roots: readonly number[]): number[] =>
  roots.reduce<number[]>(
    (polynomial, root) =>
      indices(polynomial.length + 1).map((i) => (polynomial[i - 1] ?? 0) - root * (polynomial[i] ?? 0)),
    [1],
  );

const powers = (x: number, count: number): number[] => indices(count).map((i) => x ** i);
const atInfinity = (count: number): number[] => indices(count).map((i) => (i === count - 1 ? 1 : 0));
const others = (point: number): number[] => POINTS.filter((p) => p !== point);

/** G, [6, 3]: the kernel's polynomial at each point, over the product of the point's distances to the others. */
export const kernelMatrix: Rows = [
  ...POINTS.map((point) => {
    const distances = others(point).reduce((product, other) => product * (point - other), 1);
    return powers(point, TAPS).map((power) => power / distances);
  }),
  atInfinity(TAPS),
];

/** Bᵀ, [6, 6]. */
export const imageMatrix: Rows = [
  ...POINTS.map((point) => [...withRoots(others(point)), 0]),
  withRoots(POINTS),
];

/** Aᵀ, [4, 6]. */
export const outputMatrix: Rows = indices(OUTPUTS).map((i) => [
  ...POINTS.map((point) => point ** i),
  i === OUTPUTS - 1 ? 1 : 0,
]);
