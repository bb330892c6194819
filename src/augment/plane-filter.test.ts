import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { kernelPass } from "./corruptions/filters.ts";
import { jpeg, plainJpeg, stepsOf } from "./corruptions/jpeg.ts";
import { type Pass, type PlaneSize, evenKernelPass, evenPass, passOf } from "./filter-pass.ts";
import { filtered, plainFilter } from "./plane-filter.ts";
import { simdFilter, simdJpeg } from "./planes-simd.ts";

const sizes = [
  [1, 1],
  [1, 9],
  [28, 28],
  [5, 40],
  [33, 7],
  [200, 130],
].map(([height, width]) => ({ height, width }));

const planesOf = (count: number, { height, width }: PlaneSize): Float32Array => {
  const rng = random(7, height, width);
  return Float32Array.from({ length: count * height * width }, () => rng.uniform());
};

const bits = ({ buffer }: Float32Array): Buffer => Buffer.from(buffer as ArrayBuffer);

const kinds: Readonly<Record<string, (size: PlaneSize) => readonly Pass[]>> = {
  "scattered taps": (size) => [
    passOf(size, "nearest", [
      [0, 0, 0.4],
      [-3, 2, 0.3],
      [1, -4, 0.2],
    ]),
  ],
  "two even lines": (size) => {
    const half = Float64Array.of(0.4, 0.2, 0.07, 0.03);
    return [evenPass(size, "mirror", half, "right"), evenPass(size, "reflect", half, "down")];
  },
  "quarters of a kernel": (size) => {
    const quarter = Float64Array.from({ length: 81 }, (_, i) => {
      const [y, x] = [Math.abs(Math.floor(i / 9) - 4), Math.abs((i % 9) - 4)];
      return y + x > 5 ? 0 : (1 + y) / (3 + x * y + x);
    });
    return [evenKernelPass(size, "mirror", quarter), evenKernelPass(size, "nearest", Float64Array.of(0.7))];
  },
  "a line of one": (size) => [evenPass(size, "mirror", Float64Array.of(0.7), "down")],
};

describe("WebAssembly has the bits of JavaScript", () => {
  for (const [kind, passesOf] of Object.entries(kinds)) {
    test.each(sizes)(`${kind}, %o`, (size) => {
      const planes = planesOf(3, size);
      const [fast, plain] = [new Float32Array(planes.length), new Float32Array(planes.length)];
      expect(simdFilter(planes, size, passesOf(size), fast)).toBe(true);
      plainFilter(planes, size, passesOf(size), plain);
      expect(bits(fast).equals(bits(plain))).toBe(true);
    });
  }

  test.each(sizes)("quarters are all taps of a kernel, %o", (size) => {
    const kernel = Float64Array.from(
      { length: 49 },
      (_, i) => 1 / (1 + (Math.floor(i / 7) - 3) ** 2 + 2 * ((i % 7) - 3) ** 2),
    );
    const planes = planesOf(2, size);
    const [quarters, taps] = [evenKernelPass(size, "mirror", kernel), kernelPass(size, kernel, "mirror")].map(
      (pass) => filtered(planes, size, [pass]),
    );
    taps.forEach((value, i) => expect(quarters[i]).toBeCloseTo(value, 5));
  });

  test.each(sizes)("JPEG, %o", (size) => {
    for (const channels of [1, 3]) {
      const image = planesOf(channels, size);
      for (const quality of [5, 50, 95]) {
        const [fast, plain] = [new Float32Array(image.length), new Float32Array(image.length)];
        expect(simdJpeg(image, { channels, ...size }, stepsOf(quality), fast)).toBe(true);
        plainJpeg(image, { channels, ...size }, stepsOf(quality), plain);
        expect(bits(fast).equals(bits(plain))).toBe(true);
        jpeg(quality)(image, fast, { channels, ...size }, random(0));
        expect(bits(fast).equals(bits(plain))).toBe(true);
      }
    }
  });
});

test("a plane that memory is not grown for goes the plain way", () => {
  const size = { height: 1000, width: 1 };
  const far = passOf(size, "nearest", [[0, 10_000, 1]]);
  const out = new Float32Array(1000);
  expect(simdFilter(out, size, [far], out)).toBe(false);
  expect(filtered(new Float32Array(1000).fill(0.5), size, [far], out).every((value) => value === 0.5)).toBe(
    true,
  );
});

test("taps say where pixels come from, and borders what lies beyond", () => {
  const line = Float32Array.of(1, 2, 3);
  const size = { height: 1, width: 3 };
  const twoRight = (border: "nearest" | "mirror" | "reflect") =>
    Array.from(filtered(line, size, [passOf(size, border, [[0, 2, 1]])]));
  expect(twoRight("nearest")).toEqual([3, 3, 3]);
  expect(twoRight("mirror")).toEqual([3, 2, 1]);
  expect(twoRight("reflect")).toEqual([3, 3, 2]);
  expect(filtered(new Float32Array(0), size, [])).toEqual(new Float32Array(0));
});
