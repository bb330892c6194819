import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError, copyMiddle, random } from "../tensor/index.ts";
import { families } from "./families.ts";
import type { TransformFamily } from "./family.ts";
import type { Interpolation } from "./interpolation.ts";
import { optionsOf, listOptionOf } from "./family-options.ts";
import { perspective } from "./perspective.ts";
import type { Fill } from "./reflected.ts";
import { rotation } from "./rotation.ts";
import { scale } from "./scale.ts";
import { shear } from "./shear.ts";
import { translate } from "./translate.ts";
import { viewOf } from "./view-of.ts";
import { zoom } from "./zoom.ts";

type Name = "rotation" | "scale" | "shear" | "perspective" | "translate";

interface Case {
  readonly images: string;
  readonly family: Name;
  readonly value: number;
  readonly member: number;
  readonly view: string;
  readonly interpolation?: Interpolation;
  readonly fill?: Fill;
}

/** Made by tools/fixtures/warps.py with torchvision and torch. */
const fixture = readImageFixture<Case>("warps.json");

const make: Readonly<Record<Name, (value: number, how: object) => TransformFamily>> = {
  rotation: (value, how) => rotation({ degrees: [value], ...how }),
  scale: (value, how) => scale({ factors: [value], ...how }),
  shear: (value, how) => shear({ degrees: [value], ...how }),
  perspective: (value, how) => perspective({ distortions: [value], ...how }),
  translate: (value, how) => translate({ shares: [value], ...how }),
};
const madeBy = ({ images, family, value, member, interpolation, fill }: Case): Float32Array => {
  const how = { ...(interpolation && { interpolation }), ...(fill && { fill }) };
  return make[family](value, how).members[member].apply(fixture.images[images]);
};

describe("the nearest pixels are torchvision's, every one of them", () => {
  const cases = fixture.cases.filter(({ interpolation }) => interpolation === "nearest");
  test.each(cases)("$family $value of $images, member $member", (c) => {
    const bytes = madeBy(c).map((value) => Math.round(255 * value));
    expect([...bytes]).toEqual([...Buffer.from(c.view, "base64")]);
  });
});

describe("between pixels, and outside of them, values are torch's", () => {
  const cases = fixture.cases.filter(({ interpolation }) => interpolation !== "nearest");
  test.each(cases)("$family $value of $images, member $member, $interpolation $fill", (c) => {
    // torchvision computes places in float32: about 1e-7 of the image width, times the contrast; near the vanishing line more
    expect(madeBy(c)).toBeAllClose(floats(c.view), { atol: 2e-5 });
  });
});

test("every family that moves pixels has fills, and all but whole-pixel shifts interpolations", () => {
  const having = (option: string) =>
    Object.keys(families).filter((name) => option in optionsOf(name as "rotation"));
  const moving = ["perspective", "rotation", "scale", "shear", "zoom"];
  expect(
    having("fill")
      .filter((name) => name !== "affine")
      .sort(),
  ).toEqual([...moving, "translate"].sort());
  expect(
    having("interpolation")
      .filter((name) => name !== "affine")
      .sort(),
  ).toEqual(moving);
  for (const name of moving) expect(listOptionOf(name as "rotation")).toBeDefined();
});

test("members are named by what is not usual, and told apart by numbers", () => {
  const [, member] = rotation({ degrees: [15], fill: "edge", interpolation: "nearest" }).members;
  expect(member.name).toBe("rotation 15° nearest edge");
  expect(member.parameters).toEqual({ degrees: 15, nearest: 1, edge: 1 });
});

const rng = random(7, "warps");
const noise = (height: number, width: number): ImageBatch => ({
  data: Float32Array.from({ length: 3 * height * width }, () => rng.uniform()),
  shape: [1, 3, height, width],
});

describe("perspective", () => {
  test("makes the side smaller that is farther away, and keeps the other", () => {
    const white: ImageBatch = { data: new Float32Array(20 * 16).fill(1), shape: [1, 1, 20, 16] };
    const [, left, right, top, bottom] = perspective({ distortions: [0.5] }).members;
    const column = (view: Float32Array, x: number) =>
      Array.from({ length: 20 }, (_, y) => view[16 * y + x]).filter((value) => value > 0.5).length;
    const row = (view: Float32Array, y: number) =>
      view.subarray(16 * y, 16 * y + 16).filter((value) => value > 0.5).length;
    // Corners stand on the middles of pixels, and fade to the black outside.
    const near = (found: number, expected: number) =>
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(2);
    near(column(left.apply(white), 1), 11);
    near(column(left.apply(white), 14), 20);
    near(column(right.apply(white), 1), 20);
    near(column(right.apply(white), 14), 11);
    near(row(top.apply(white), 1), 8);
    near(row(top.apply(white), 18), 16);
    near(row(bottom.apply(white), 1), 16);
    near(row(bottom.apply(white), 18), 8);
  });

  test("of a frame is the frame's, with what lies around it in its corners", () => {
    const whole = noise(24, 20);
    const data = new Float32Array(3 * 12 * 10);
    copyMiddle(whole.data, [3, 24, 20], [3, 12, 10], data);
    const images: ImageBatch = { data, shape: [1, 3, 12, 10] };
    for (const interpolation of ["nearest", "bilinear"] as const) {
      const [, left] = perspective({ distortions: [0.5], interpolation }).members;
      const [seen, alone] = [viewOf(left, { ...images, surround: whole }), left.apply(images)];
      // Where the picture alone is not black, and not mixed with black, both show the same.
      const inner = Array.from(alone.keys()).filter((i) => i % 10 > 6 && i % 120 > 40 && i % 120 < 80);
      for (const i of inner) expect(seen[i]).toBeCloseTo(alone[i], 5);
      expect([alone[0], seen[0] > 0]).toEqual([0, true]);
    }
  });

  test.each([0, -0.1, 1.1, NaN, Infinity])("refuses a distortion of %s", (distortion) => {
    expect(() => perspective({ distortions: [distortion] })).toThrow(UsageError);
  });

  test("stays finite where an image has next to no side", () => {
    for (const [height, width] of [
      [1, 1],
      [1, 9],
      [3, 2],
      [4, 4],
    ]) {
      for (const member of perspective({ distortions: [1] }).members.slice(1)) {
        expect(member.apply(noise(height, width)).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

test.each([0, 1, -2, NaN, Infinity, 1e-9])("zoom refuses %s", (factor) => {
  expect(() => zoom({ factors: [factor] })).toThrow(UsageError);
});
