/** Weighted sums about each pixel. */

/** What lies beyond the border: "nearest" a a | a b c, "mirror" c b | a b c, "reflect" b a | a b c. */
export type Border = "nearest" | "mirror" | "reflect";

/** The place in a line of `length` that a place beyond its ends shows. */
export function inside(place: number, length: number, border: Border): number {
  if (place >= 0 && place < length) return place;
  if (border === "nearest" || length === 1) return place < 0 ? 0 : length - 1;
  const [period, offset] = border === "mirror" ? [2 * (length - 1), 0] : [2 * length, 1];
  const at = ((place % period) + period) % period;
  return at < length ? at : period - offset - at;
}

/** A Gaussian that sums to 1, [2 · reach + 1]. */
export function gaussianKernel(sigma: number, reach: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    sigma === 0 ? 1 : Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

/**
 * A Gaussian blur of a plane [H, W], cut at `truncate` standard deviations, as SciPy's and scikit-image's; sums in double precision.
 */
export function gaussianFilter(
  plane: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
  [sigmaY, sigmaX]: readonly [number, number],
  border: Border,
  truncate = 4,
): Float32Array {
  const [columns, rows] = [sigmaY, sigmaX].map((sigma) =>
    gaussianKernel(sigma, Math.floor(truncate * sigma + 0.5)),
  );
  const down = separated(plane, height, width, columns, border, false);
  return separated(down, height, width, rows, border, true);
}

function separated(
  plane: Float32Array,
  height: number,
  width: number,
  kernel: Float64Array,
  border: Border,
  isAlongRows: boolean,
): Float32Array {
  const result = new Float32Array(plane.length);
  const reach = (kernel.length - 1) / 2;
  const sums = new Float64Array(width);
  const length = isAlongRows ? width : height;
  const places = Int32Array.from({ length: length + 2 * reach }, (_, i) => inside(i - reach, length, border));
  const line = new Float32Array(places.length);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    if (isAlongRows) for (let i = 0; i < line.length; i++) line[i] = plane[y * width + places[i]];
    for (let tap = 0; tap < kernel.length; tap++) {
      const weight = kernel[tap];
      const [from, start] = isAlongRows ? [line, tap] : [plane, width * places[y + tap]];
      for (let x = 0; x < width; x++) sums[x] += weight * from[start + x];
    }
    result.set(sums, y * width);
  }
  return result;
}

/** The correlation of a plane [H, W] with a square kernel of an odd side; taps of 0 cost nothing. */
export function correlated(
  plane: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
  kernel: Float64Array,
  border: Border,
): Float32Array {
  const side = Math.sqrt(kernel.length);
  const reach = (side - 1) / 2;
  const result = new Float32Array(plane.length);
  const sums = new Float64Array(width);
  const columns = Int32Array.from({ length: width + 2 * reach }, (_, i) => inside(i - reach, width, border));
  // Each row once, continued to both sides.
  const wide = new Float32Array(height * columns.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let i = 0; i < columns.length; i++) wide[to++] = plane[y * width + columns[i]];
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let j = 0; j < side; j++) {
      const row = columns.length * inside(y + j - reach, height, border);
      for (let i = 0; i < side; i++) {
        const weight = kernel[j * side + i];
        if (weight === 0) continue;
        for (let x = 0, at = row + i; x < width; x++) sums[x] += weight * wide[at++];
      }
    }
    result.set(sums, y * width);
  }
  return result;
}
