import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError, sizeOf } from "../tensor/index.ts";
import { rotation } from "./rotation.ts";

interface Case {
  images: string;
  degrees: number;
  rotated: string;
}

const fixture = readImageFixture<Case>("rotation.json");

const only = (degrees: number) => rotation({ degrees: [degrees] }).members[1];

describe("rotation agrees with torchvision", () => {
  test.each(fixture.cases)("$images images by $degrees°", ({ images, degrees, rotated }) => {
    // torchvision computes the positions in float32: about 1e-7 of the image width, times the contrast
    expect(only(degrees).apply(fixture.images[images])).toBeAllClose(floats(rotated), { atol: 5e-6 });
  });

  test("the fixture covers several images and every angle of the study", () => {
    expect(Object.keys(fixture.images)).toHaveLength(6);
    expect(new Set(fixture.cases.map((c) => c.degrees))).toContain(60);
    expect(fixture.cases).toHaveLength(72);
  });
});

describe("rotation", () => {
  test("turns counter-clockwise: the right edge's middle goes to the top", () => {
    const images: ImageBatch = { data: new Float32Array(25), shape: [1, 1, 5, 5] };
    images.data[2 * 5 + 4] = 1;
    const rotated = only(90).apply(images);
    expect(rotated.indexOf(1)).toBe(2);
    expect(rotated.filter((value) => value !== 0)).toHaveLength(1);
  });

  test("by quarter turns is an exact permutation: four of them give the image back", () => {
    const images = fixture.images.mnist;
    const quarter = only(90);
    let data = images.data;
    for (let turn = 0; turn < 4; turn++) data = quarter.apply({ ...images, data });
    expect(data).toEqual(images.data);
  });

  test("fades at the border as each tap outside counts for zero, not as squared coverage", () => {
    const images: ImageBatch = { data: new Float32Array(25).fill(1), shape: [1, 1, 5, 5] };
    // torchvision's fill=None; its fill=0 gives 0.2679² = 0.0718 here
    expect(only(30).apply(images)[0]).toBeCloseTo(0.2679, 4);
  });

  test("gives each image the same bits in any batch", () => {
    const images = fixture.images.even;
    const imageSize = sizeOf(images.shape) / 2;
    const second: ImageBatch = { data: images.data.subarray(imageSize), shape: [1, ...tail(images)] };
    expect(only(15).apply(second)).toEqual(only(15).apply(images).subarray(imageSize));
  });

  test("agrees with itself across more planes than one block holds", () => {
    const one = fixture.images.mnist;
    const copies = 37;
    const data = new Float32Array(copies * 784);
    for (let i = 0; i < copies; i++) data.set(one.data, i * 784);
    const rotated = only(45).apply({ data, shape: [copies, 1, 28, 28] });
    const expected = only(45).apply(one);
    for (let i = 0; i < copies; i++) expect(rotated.subarray(i * 784, (i + 1) * 784)).toEqual(expected);
  });

  test("overwrites whatever the output array held", () => {
    const images = fixture.images.tall;
    const out = new Float32Array(images.data.length).fill(7);
    expect(only(45).apply(images, out)).toBe(out);
    expect(out).toEqual(only(45).apply(images));
  });

  test("serves several image sizes from one member", () => {
    const member = only(15);
    const before = member.apply(fixture.images.wide);
    member.apply(fixture.images.tall);
    expect(member.apply(fixture.images.wide)).toEqual(before);
  });

  test("names its members by angle, identity first", () => {
    expect(rotation().members.map((member) => member.name)).toEqual([
      "identity",
      "rotation 15°",
      "rotation 30°",
      "rotation 45°",
      "rotation 60°",
    ]);
    expect(rotation({ degrees: [-7.5] }).members[1].parameters).toEqual({ degrees: -7.5 });
  });

  test.each([0, 360, -720, NaN, Infinity])("rejects %s°", (degrees) => {
    expect(() => rotation({ degrees: [degrees] })).toThrow(UsageError);
  });

  test("rejects an angle given twice", () => {
    expect(() => rotation({ degrees: [15, 15] })).toThrow(/two members named "rotation 15°"/);
  });
});

const tail = ({ shape: [, channels, height, width] }: ImageBatch) => [channels, height, width] as const;
