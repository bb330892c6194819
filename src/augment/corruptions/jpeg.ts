/**
 * What JPEG loses: everything of an encoder and decoder that changes pixels (ITU-T T.81), and nothing of the coding between, which is
 * lossless. So it needs no bytes, and runs in a page. Rounds as libjpeg does, colours at half the resolution; its cosines are of
 * 13 bits, ours exact, by which a pixel may differ in its last bits.
 */
import type { Corruption, ImageSize } from "./corruption.ts";

/** @param quality  of libjpeg, 1 to 100 */
export function jpeg(quality: number): Corruption {
  const [luma, chroma] = [lumaSteps, chromaSteps].map((steps) => scaled(steps, quality));
  return (image, out, size) => {
    const { channels, height, width } = size;
    const bytes = image.map((value) => Math.floor(Math.min(Math.max(value, 0), 1) * 255 + 0.5));
    if (channels === 1) {
      const grey = quantized({ values: bytes, height, width }, luma);
      return grey.values.forEach((value, i) => (out[i] = value / 255));
    }
    const area = height * width;
    const [red, green, blue] = [0, 1, 2].map((c) => bytes.subarray(c * area, (c + 1) * area));
    const y = new Float32Array(area);
    const colours = [new Float32Array(area), new Float32Array(area)];
    for (let i = 0; i < area; i++) {
      const [r, g, b] = [red[i], green[i], blue[i]];
      y[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
      colours[0][i] = Math.round(-0.168735892 * r - 0.331264108 * g + 0.5 * b + 128);
      colours[1][i] = Math.round(0.5 * r - 0.418687589 * g - 0.081312411 * b + 128);
    }
    const bright = quantized({ values: y, height, width }, luma).values;
    const [cb, cr] = colours.map((values) =>
      enlarged(quantized(halved({ values, height, width }), chroma), size),
    );
    for (let i = 0; i < area; i++) {
      const [u, v] = [cb[i] - 128, cr[i] - 128];
      out[i] = unit(bright[i] + Math.round(1.402 * v));
      out[area + i] = unit(bright[i] + Math.round(-0.344136286 * u - 0.714136286 * v));
      out[2 * area + i] = unit(bright[i] + Math.round(1.772 * u));
    }
  };
}

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

/** As libjpeg scales them for baseline files. */
function scaled(steps: readonly number[], quality: number): readonly number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return steps.map((step) => Math.min(Math.max(Math.floor((step * percent + 50) / 100), 1), 255));
}

/** [frequency, place] of a cosine transform of 8 values that keeps lengths. */
const cosines = Float64Array.from({ length: 64 }, (_, i) => {
  const [frequency, place] = [Math.floor(i / 8), i % 8];
  return Math.sqrt(frequency === 0 ? 1 / 8 : 2 / 8) * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16);
});

/** A plane of bytes after its blocks of 8×8 went through the steps; those at the border are filled up with its last pixels. */
function quantized({ values, height, width }: Plane, steps: readonly number[]): Plane {
  const result = new Float32Array(values.length);
  const block = new Float64Array(64);
  const turned = new Float64Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        const [y, x] = [Math.min(top + (i >> 3), height - 1), Math.min(left + (i & 7), width - 1)];
        block[i] = values[y * width + x] - 128;
      }
      transformed(block, turned, false);
      transformed(turned, block, false);
      for (let i = 0; i < 64; i++) {
        const level = block[i] / steps[i];
        block[i] = steps[i] * Math.sign(level) * Math.floor(Math.abs(level) + 0.5);
      }
      transformed(block, turned, true);
      transformed(turned, block, true);
      for (let i = 0; i < 64; i++) {
        const [y, x] = [top + (i >> 3), left + (i & 7)];
        if (y < height && x < width) result[y * width + x] = byte(Math.round(block[i] + 128));
      }
    }
  }
  return { values: result, height, width };
}

/** Rows of a block [8, 8] by the cosines, or back, as columns: twice makes both axes. */
function transformed(block: Float64Array, out: Float64Array, isInverse: boolean): void {
  for (let row = 0; row < 8; row++) {
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let i = 0; i < 8; i++) sum += block[8 * row + i] * cosines[isInverse ? 8 * i + k : 8 * k + i];
      out[8 * k + row] = sum;
    }
  }
}

/** Means of 2×2 pixels; where they lie between two bytes, down in even columns and up in odd ones. */
function halved({ values, height, width }: Plane): Plane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const at = (y: number, x: number) => values[Math.min(y, height - 1) * width + Math.min(x, width - 1)];
  const half = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [y, x] = [2 * Math.floor(i / columns), 2 * (i % columns)];
    const sum = at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1);
    return Math.floor((sum + 1 + ((i % columns) & 1)) / 4);
  });
  return { values: half, height: rows, width: columns };
}

/** Twice the size, 3/4 of the nearest pixel and 1/4 of the next along each axis. */
function enlarged({ values, height, width }: Plane, size: ImageSize): Float32Array {
  const inside = (place: number, length: number) => Math.min(Math.max(place, 0), length - 1);
  return Float32Array.from({ length: size.height * size.width }, (_, i) => {
    const [y, x] = [Math.floor(i / size.width), i % size.width];
    const near = y >> 1;
    const far = inside(near + (y & 1 ? 1 : -1), height);
    const column = x >> 1;
    const beside = inside(column + (x & 1 ? 1 : -1), width);
    const sum = (at: number) => 3 * values[near * width + at] + values[far * width + at];
    return Math.floor((3 * sum(column) + sum(beside) + (x & 1 ? 7 : 8)) / 16);
  });
}
