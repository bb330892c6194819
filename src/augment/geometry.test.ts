import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { blur } from "./blur.ts";
import type { Transform } from "./family.ts";
import { scale } from "./scale.ts";
import { shear } from "./shear.ts";
import { translate } from "./translate.ts";

interface Case {
  images: string;
  family: FamilyOfOne;
  parameter: number;
  direction: string | null;
  view: string;
}
type FamilyOfOne = "translate" | "scale" | "shear" | "blur";

const fixture = readImageFixture<Case>("geometry.json");

const only = {
  translate: (share: number) => translate({ shares: [share] }).members.slice(1),
  scale: (factor: number) => scale({ factors: [factor] }).members.slice(1),
  shear: (degrees: number) => shear({ degrees: [degrees] }).members.slice(1),
  blur: (sigma: number) => blur({ sigmas: [sigma] }).members.slice(1),
} satisfies Record<FamilyOfOne, (parameter: number) => readonly Transform[]>;

describe("agreement with torchvision", () => {
  test.each(fixture.cases)("$images images, $family $direction $parameter", (c) => {
    const member = only[c.family](c.parameter).find(
      ({ name }) => !c.direction || name.includes(c.direction),
    )!;
    // torchvision computes positions and kernels in float32: about 1e-7 of the image width, times the contrast
    expect(member.apply(fixture.images[c.images])).toBeAllClose(floats(c.view), { atol: 1e-5 });
  });

  test.each([scale(), shear(), blur()])("covers the default members of $name", ({ name, members }) => {
    const covered = fixture.cases.filter((c) => c.family === name).map((c) => c.parameter);
    const defaults = members.flatMap(({ parameters }) => Object.values(parameters));
    expect(covered).toEqual(expect.arrayContaining(defaults));
  });

  test("covers the default members of translate", () => {
    const covered = fixture.cases.map((c) => `${c.family} ${c.direction} ${c.parameter}`);
    const defaults = translate().members.slice(1);
    expect(covered).toEqual(expect.arrayContaining(defaults.map(({ name }) => name)));
  });
});

/** One [1, 1, height, width] image, bright at one pixel. */
function dot(height: number, width: number, y: number, x: number): ImageBatch {
  const data = new Float32Array(height * width);
  data[y * width + x] = 1;
  return { data, shape: [1, 1, height, width] };
}

describe("translate", () => {
  test.each([
    ["right", 2 * 5 + 3],
    ["left", 2 * 5 + 1],
    ["down", 3 * 5 + 2],
    ["up", 1 * 5 + 2],
  ])("%s moves a dot there, by a share rounded to pixels", (direction, position) => {
    const member = only.translate(0.25).find(({ name }) => name === `translate ${direction} 0.25`)!;
    expect(member.apply(dot(5, 5, 2, 2)).indexOf(1)).toBe(position);
  });

  test("moves by one pixel at least, and out of the frame at most", () => {
    const [right] = only.translate(0.01);
    expect(right.apply(dot(5, 5, 2, 2)).indexOf(1)).toBe(2 * 5 + 3);
    expect(right.apply({ data: Float32Array.of(1, 1), shape: [1, 1, 2, 1] })).toEqual(new Float32Array(2));
  });

  test("names its members by direction and share", () => {
    expect(translate({ shares: [0.2] }).members.map(({ name }) => name)).toEqual([
      "identity",
      "translate right 0.2",
      "translate left 0.2",
      "translate down 0.2",
      "translate up 0.2",
    ]);
    expect(only.translate(0.2).map(({ parameters }) => parameters)).toEqual([
      { right: 0.2, down: 0 },
      { right: -0.2, down: 0 },
      { right: 0, down: 0.2 },
      { right: 0, down: -0.2 },
    ]);
  });

  test.each([0, 1, -0.1, NaN, Infinity])("rejects a share of %s", (share) => {
    expect(() => only.translate(share)).toThrow(UsageError);
  });
});

describe("scale", () => {
  test("above 1 magnifies, below 1 makes smaller, about the centre", () => {
    const [larger] = only.scale(2);
    const [smaller] = only.scale(0.5);
    expect(larger.apply(dot(5, 5, 2, 3)).indexOf(1)).toBe(2 * 5 + 4);
    expect(smaller.apply(dot(5, 5, 2, 4)).indexOf(1)).toBe(2 * 5 + 3);
    expect(larger.apply(dot(5, 5, 2, 2))[2 * 5 + 2]).toBe(1);
  });

  test.each([1, 0, -1, NaN, Infinity])("rejects a factor of %s", (factor) => {
    expect(() => only.scale(factor)).toThrow(UsageError);
  });
});

describe("shear", () => {
  test("by 45° moves the top to the right and the bottom to the left, a pixel per row", () => {
    const [member] = only.shear(45);
    expect(member.apply(dot(5, 5, 0, 2)).indexOf(1)).toBe(4);
    expect(member.apply(dot(5, 5, 4, 2)).indexOf(1)).toBe(4 * 5);
  });

  test.each([0, 90, -90, 180, NaN])("rejects %s°", (degrees) => {
    expect(() => only.shear(degrees)).toThrow(UsageError);
  });
});

describe("blur", () => {
  test("spreads a dot into a Gaussian of that standard deviation", () => {
    const [member] = only.blur(1.5);
    const spread = member.apply(dot(21, 21, 10, 10));
    const sum = spread.reduce((total, value) => total + value, 0);
    const variance = spread.reduce((total, value, i) => total + value * ((i % 21) - 10) ** 2, 0);
    expect(sum).toBeCloseTo(1, 6);
    // cut at 3.3 σ: 2 % less than σ² at most
    expect(Math.abs(variance / 1.5 ** 2 - 1)).toBeLessThan(0.02);
  });

  test("keeps a flat image, of any size down to one pixel", () => {
    for (const shape of [[1, 1, 6, 9] as const, [1, 1, 1, 4] as const, [1, 1, 1, 1] as const]) {
      const data = new Float32Array(shape[2] * shape[3]).fill(0.7);
      expect(only.blur(2)[0].apply({ data, shape })).toBeAllClose(data, { atol: 1e-6 });
    }
  });

  test("reflects to and fro where the image is smaller than the kernel's reach", () => {
    // As NumPy's pad(mode="reflect"): 0 1 0 1 …, so each pixel sees itself at even and the other at odd distances.
    const density = [-3, -2, -1, 0, 1, 2, 3].map((x) => Math.exp(-(x * x) / 2));
    const sum = density.reduce((total, value) => total + value, 0);
    const odd = (2 * (density[0] + density[2])) / sum;
    const view = only.blur(1)[0].apply({ data: Float32Array.of(1, 0), shape: [1, 1, 1, 2] });
    expect(view).toBeAllClose([1 - odd, odd], { atol: 1e-6 });
  });

  test.each([0, -1, NaN, Infinity])("rejects a standard deviation of %s", (sigma) => {
    expect(() => only.blur(sigma)).toThrow(UsageError);
  });
});
