import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ImageBatch } from "../../tensor/index.ts";
import { rotation } from "../rotation.ts";
import { scale } from "../scale.ts";
import { shear } from "../shear.ts";
import { translate } from "../translate.ts";
import { warp } from "../warp.ts";
import type { InverseAffine } from "../warp-taps.ts";
import { affine } from "./affine.ts";
import { warpOnce } from "./warp-once.ts";

interface Fixture {
  shape: [number, number, number, number];
  images: number[];
  cases: { values: number[]; view: number[] }[];
}
const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/affine.json", import.meta.url), "utf8"),
) as Fixture;
const images: ImageBatch = { data: Float32Array.from(fixture.images), shape: fixture.shape };
const whole = affine({
  rotation: [-90, 90],
  x: [-5, 5],
  y: [-5, 5],
  scale: [0.5, 2],
  shear: [-40, 40],
}).ranges;

test.each(fixture.cases)("rotation, x, y, scale and shear $values are torchvision's affine", (c) => {
  // torchvision computes positions in float32: about 1e-7 of the image width, times the contrast
  expect(whole.at(c.values).apply(images)).toBeAllClose(Float32Array.from(c.view), { atol: 1e-5 });
});

test("one parameter alone is the family of its name, bit for bit", () => {
  const neutral = [0, 0, 0, 1, 0];
  const with_ = (place: number, value: number) => whole.at(neutral.with(place, value)).apply(images);
  expect(with_(0, 30)).toEqual(rotation({ degrees: [30] }).members[1].apply(images));
  expect(with_(3, 1.5)).toEqual(scale({ factors: [1.5] }).members[1].apply(images));
  expect(with_(4, -15)).toEqual(shear({ degrees: [-15] }).members[1].apply(images));
  // A third of the width, 9, to the right, and of the height, 6, down.
  const [, right, , down] = translate({ shares: [1 / 3] }).members;
  expect(with_(1, 3)).toEqual(right.apply(images));
  expect(with_(2, 2)).toEqual(down.apply(images));
});

test("a warp without tables has the bits of one with them", () => {
  const matrices: InverseAffine[] = [
    [1, 0, 0, 0, 1, 0],
    [0.9, -0.3, 1.3, 0.31, 0.95, -2.2],
    [0, -1, 0, 1, 0, 0],
    [3, 0.1, 20, 0, 3, 0],
    [0.2, 0, 0.5, 0, 0.2, -0.5],
  ];
  for (const matrix of matrices) expect(warpOnce(matrix, images)).toEqual(warp(matrix)(images));
  const many: ImageBatch = {
    data: Float32Array.from({ length: 5 * 162 }, (_, i) => (i % 17) / 17),
    shape: [5, 3, 6, 9],
  };
  const member = whole.at([10, 1, 1, 1, 0]);
  const single = Array.from({ length: 5 }, (_, i) =>
    Array.from(member.apply({ data: many.data.subarray(i * 162, (i + 1) * 162), shape: [1, 3, 6, 9] })),
  );
  expect(Array.from(member.apply(many))).toEqual(single.flat());
});

test("what lies outside is mirrored where that is asked for", () => {
  const member = affine({ x: [0, 4], fill: "reflect" }).ranges.at([3]);
  expect(member.parameters).toEqual({ x: 3, reflect: 1 });
  expect(member.apply(images)).toEqual(
    translate({ shares: [1 / 3], fill: "reflect" }).members[1].apply(images),
  );
});

test("half turns are said to change the meaning", () => {
  expect(affine({ rotation: [-180, 180] }).ranges.at([180]).mayChangeMeaning).toEqual(["half turns"]);
  expect(affine().ranges.at([30, 3, 3]).mayChangeMeaning).toBeUndefined();
});

test.each([
  [{ scale: [-1, 1] }, /zoom factors above 0/],
  [{ shear: [-90, 0] }, /between −90° and 90°/],
  [{ x: [3, -3] }, /lower one first.*Give \[-3, 3\]/],
  [{ x: [1, 1] }, /lower one first/],
  [{ rotation: [0, Infinity] }, /lower one first/],
  [{ rotation: 30 }, /Give \[-30, 30\]/],
  [{ angle: [0, 1] }, /no option "angle"/],
  [{ draws: 0 }, /whole number of at least 1/],
  [{ draws: 1e9 }, /10,000 are allowed/],
])("%o is refused", (options, message) => {
  expect(() => affine(options as never)).toThrow(message);
});
