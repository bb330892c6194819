/** Blurs that draw nothing: of a lens out of focus, of a Gaussian, of a zoom while the shutter is open. */
import { evenKernelPass, forSize } from "../filter-pass.ts";
import { filtered } from "../plane-filter.ts";
import { type Corruption, eachPlane } from "./corruption.ts";
import { correlated, gaussianKernel, gaussianPasses } from "./filters.ts";
import { addZoomed, enlargement } from "./zoomed.ts";

/** @param sigma  in pixels */
export function gaussianBlur(sigma: number): Corruption {
  const passes = forSize((size) => gaussianPasses(size, [sigma, sigma], "nearest"));
  return (image, out, size) => void filtered(image, size, passes(size), out);
}

/**
 * A disk, its edge smoothed.
 *
 * @param radius     in pixels
 * @param edgeSigma  of the Gaussian that smooths the disk's edge
 */
export function defocusBlur(radius: number, edgeSigma: number): Corruption {
  const kernel = disk(radius, edgeSigma);
  const passes = forSize((size) => [evenKernelPass(size, "mirror", kernel)]);
  return (image, out, size) => void filtered(image, size, passes(size), out);
}

/**
 * The mean of the image and of its middle at each of the factors.
 *
 * @param isCentred  takes the middle of what is larger than the image by rounding, rather than its upper left
 */
export function zoomBlur(factors: readonly number[], isCentred = false): Corruption {
  const enlargements = forSize((size) => factors.map((factor) => enlargement(size, factor)));
  return (image, out, size) => {
    const { height, width } = size;
    const start = (count: number, length: number) =>
      isCentred ? Math.max(0, Math.floor((count - length) / 2)) : 0;
    eachPlane(image, size, (plane, c) => {
      const sum = Float64Array.from(plane);
      // Rounding may leave the picture a pixel short.
      for (const larger of enlargements(size)) {
        const from = [start(larger.rows.count, height), start(larger.columns.count, width)] as const;
        addZoomed(plane, width, larger, from, sum, size);
      }
      for (let i = 0; i < sum.length; i++) out[c * sum.length + i] = sum[i] / (factors.length + 1);
    });
  };
}

/** [side, side], sums to 1: 17 pixels wide, or as wide as the disk. */
function disk(radius: number, edgeSigma: number): Float64Array {
  const reach = radius <= 8 ? 8 : radius;
  const side = 2 * reach + 1;
  const plane = Float64Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [Math.floor(i / side) - reach, (i % side) - reach];
    return x * x + y * y <= radius * radius ? 1 : 0;
  });
  const area = plane.reduce((sum, value) => sum + value, 0);
  // A Gaussian of 3 or 5 pixels, whatever its standard deviation.
  const smoothing = radius <= 8 ? 1 : 2;
  const line = gaussianKernel(edgeSigma, smoothing);
  const square = Float64Array.from(
    { length: line.length ** 2 },
    (_, i) => line[Math.floor(i / line.length)] * line[i % line.length],
  );
  const smooth = correlated(Float32Array.from(plane), { height: side, width: side }, square, "mirror");
  return Float64Array.from(smooth, (value) => value / area);
}
