/**
 * What JPEG loses: everything of an encoder and decoder that changes pixels (ITU-T T.81), and nothing of the coding between, which is
 * lossless. So it needs no bytes, and runs in a page. In libjpeg's whole numbers, colours at half the resolution: Pillow's pixels.
 */
import { simdJpeg } from "../planes-simd.ts";
import { forwardCosines, inverseCosines } from "./cosines.ts";
import { type Corruption, type ImageSize, withinRange } from "./corruption.ts";

/** @param quality  of libjpeg, 1 to 100 */
export function jpeg(quality: number): Corruption {
  const steps = stepsOf(quality);
  return withinRange((image, out, size) => {
    if (!simdJpeg(image, size, steps, out)) plainJpeg(image, size, steps, out);
  });
}

const { fround } = Math;

/** Where WebAssembly has no instructions for it. */
export function plainJpeg(
  image: Float32Array,
  size: ImageSize,
  [luma, chroma]: readonly [Int32Array, Int32Array],
  out: Float32Array,
): void {
  const { channels, height, width } = size;
  const bytes = image.map((value) => Math.floor(fround(fround(Math.min(Math.max(value, 0), 1) * 255) + 0.5)));
  if (channels === 1) {
    const grey = quantized({ values: bytes, height, width }, luma);
    return grey.values.forEach((value, i) => (out[i] = value / 255));
  }
  const area = height * width;
  const y = new Float32Array(area);
  const [blue, red] = [new Float32Array(area), new Float32Array(area)];
  for (let i = 0; i < area; i++) {
    const r = bytes[i];
    const g = bytes[area + i];
    const b = bytes[2 * area + i];
    y[i] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
    blue[i] = (-11059 * r - 21709 * g + 32768 * b + centre) >> 16;
    red[i] = (32768 * r - 27439 * g - 5329 * b + centre) >> 16;
  }
  const bright = quantized({ values: y, height, width }, luma).values;
  const [cb, cr] = [blue, red].map((values) =>
    enlarged(quantized(halved({ values, height, width }), chroma), size),
  );
  for (let i = 0; i < area; i++) {
    const u = cb[i] - 128;
    const v = cr[i] - 128;
    out[i] = unit(bright[i] + ((91881 * v + 32768) >> 16));
    out[area + i] = unit(bright[i] + ((-22554 * u - 46802 * v + 32768) >> 16));
    out[2 * area + i] = unit(bright[i] + ((116130 * u + 32768) >> 16));
  }
}

/** 128 and almost a half, of 16 bits. */
const centre = (128 << 16) + 32767;

interface Plane {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

const byte = (value: number): number => Math.min(Math.max(value, 0), 255);
const unit = (value: number): number => byte(value) / 255;

/** Steps of the two tables that T.81's annex K gives as examples, and libjpeg takes; by rows. */
const lumaSteps = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56],
  ...[14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];
const chromaSteps = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99],
  ...[47, 66, 99, 99, 99, 99, 99, 99],
  ...Array<number>(32).fill(99),
];

/** Of brightness and of colours. */
export const stepsOf = (quality: number): readonly [luma: Int32Array, chroma: Int32Array] => [
  scaled(lumaSteps, quality),
  scaled(chromaSteps, quality),
];

/** As libjpeg scales them for baseline files. */
function scaled(steps: readonly number[], quality: number): Int32Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return Int32Array.from(steps, (step) =>
    Math.min(Math.max(Math.floor((step * percent + 50) / 100), 1), 255),
  );
}

/** A plane of bytes after its blocks of 8×8 went through the steps; those at the border are filled up with its last pixels. */
function quantized({ values, height, width }: Plane, steps: Int32Array): Plane {
  const result = new Float32Array(values.length);
  const block = new Int32Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        const y = Math.min(top + (i >> 3), height - 1);
        block[i] = values[y * width + Math.min(left + (i & 7), width - 1)] - 128;
      }
      forwardCosines(block);
      for (let i = 0; i < 64; i++) {
        const step = steps[i];
        // Frequencies are 8 times as large; halves go away from 0.
        const level = ((Math.abs(block[i]) + 4 * step) / (8 * step)) | 0;
        block[i] = block[i] < 0 ? -level * step : level * step;
      }
      inverseCosines(block);
      for (let i = 0; i < 64; i++) {
        const y = top + (i >> 3);
        const x = left + (i & 7);
        if (y < height && x < width) result[y * width + x] = byte(block[i] + 128);
      }
    }
  }
  return { values: result, height, width };
}

/** Means of 2×2 pixels; where they lie between two bytes, down in even columns and up in odd ones. */
function halved({ values, height, width }: Plane): Plane {
  // Whole blocks wide: what fills them up are halves of the last pixel, not the last half.
  const [rows, columns] = [Math.ceil(height / 2), 8 * Math.ceil(width / 16)];
  const half = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const above = 2 * row * width;
    const below = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < columns; column++) {
      const x = Math.min(2 * column, width - 1);
      const next = Math.min(2 * column + 1, width - 1);
      const sum = values[above + x] + values[above + next] + values[below + x] + values[below + next];
      half[row * columns + column] = (sum + 1 + (column & 1)) >> 2;
    }
  }
  return { values: half, height: rows, width: columns };
}

/** Twice the size, 3/4 of the nearest pixel and 1/4 of the next along each axis. */
function enlarged({ values, height, width }: Plane, size: ImageSize): Float32Array {
  const last = Math.ceil(size.width / 2) - 1;
  const large = new Float32Array(size.height * size.width);
  for (let y = 0, i = 0; y < size.height; y++) {
    const near = (y >> 1) * width;
    const far = Math.min(Math.max((y >> 1) + (y & 1 ? 1 : -1), 0), height - 1) * width;
    for (let x = 0; x < size.width; x++, i++) {
      const column = x >> 1;
      const beside = Math.min(Math.max(column + (x & 1 ? 1 : -1), 0), last);
      const own = 3 * values[near + column] + values[far + column];
      const other = 3 * values[near + beside] + values[far + beside];
      large[i] = (3 * own + other + (x & 1 ? 7 : 8)) >> 4;
    }
  }
  return large;
}
