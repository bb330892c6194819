import { describe, expect, test } from "vitest";
import { type ImageBatch, ShapeError, UsageError, random } from "../tensor/index.ts";
import { compose } from "./compose.ts";
import { type Transform, family } from "./family.ts";
import { rotation } from "./rotation.ts";
import { union } from "./union.ts";

/** y = scale·x + shift: the order of two of them shows in the result. */
function affine(scale: number, shift: number): Transform {
  return {
    name: `${scale}x+${shift}`,
    parameters: { scale, shift },
    apply({ data }, out = new Float32Array(data.length)) {
      data.forEach((value, i) => (out[i] = scale * value + shift));
      return out;
    },
  };
}

const a = family("a", "", [affine(2, 0), affine(3, 0)]);
const b = family("b", "", [affine(1, 1), affine(1, 10)]);
const images: ImageBatch = { data: Float32Array.of(0, 0.25, 0.5, 1), shape: [2, 1, 1, 2] };

describe("compose", () => {
  test("takes every member of the first, then every member of the second", () => {
    expect(compose(a, b).members.map(({ name }) => name)).toEqual([
      "identity",
      "2x+0 then 1x+1",
      "2x+0 then 1x+10",
      "3x+0 then 1x+1",
      "3x+0 then 1x+10",
    ]);
    expect(compose(a, b).members[2].parameters).toEqual({
      "step 1.scale": 2,
      "step 1.shift": 0,
      "step 2.scale": 1,
      "step 2.shift": 10,
    });
    expect(compose(union(a, b), b).name).toBe("(a+b)/b");
  });

  test("applies the first family first", () => {
    const [, first] = compose(a, b).members;
    expect(first.apply(images)).toEqual(Float32Array.of(1, 1.5, 2, 3));
    const [, other] = compose(b, a).members;
    expect(other.apply(images)).toEqual(Float32Array.of(2, 2.5, 3, 4));
  });

  test("takes three families and more, and compositions", () => {
    const flat = compose(a, b, a).members;
    const nested = compose(compose(a, b), a).members;
    expect(flat).toHaveLength(1 + 2 * 2 * 2);
    expect(nested.map(({ name }) => name)).toEqual(flat.map(({ name }) => name));
    for (const [k, member] of flat.entries()) expect(nested[k].apply(images)).toEqual(member.apply(images));
    expect(compose(a, b, a, b).members[1].apply(images)).toEqual(Float32Array.of(3, 4, 5, 7));
  });

  test("gives the same bits one image at a time, and many more than its scratch holds", () => {
    const [count, size] = [200, 28 * 28];
    const rng = random(1);
    const data = Float32Array.from({ length: count * size }, () => rng.uniform());
    const turned = rotation({ degrees: [15] });
    const [, member] = compose(turned, rotation({ degrees: [30] }), a).members;
    const [, inner] = rotation({ degrees: [30] }).members;
    const all = member.apply({ data, shape: [count, 1, 28, 28] });
    for (const i of [0, 82, 83, 84, 199]) {
      const image: ImageBatch = { data: data.subarray(i * size, (i + 1) * size), shape: [1, 1, 28, 28] };
      const steps = inner.apply({ ...image, data: turned.members[1].apply(image) }).map((value) => 2 * value);
      expect(all.subarray(i * size, (i + 1) * size)).toEqual(steps);
      expect(member.apply(image)).toEqual(steps);
    }
  });

  test("fills a given output and leaves the input alone", () => {
    const before = images.data.slice();
    const out = new Float32Array(4).fill(9);
    const [, member] = compose(a, b, a).members;
    expect(member.apply(images, out)).toBe(out);
    expect(out).toEqual(Float32Array.of(2, 3, 4, 6));
    expect(images.data).toEqual(before);
    expect(() => member.apply(images, images.data)).toThrow(/overlaps its input/);
    expect(() => member.apply(images, new Float32Array(3))).toThrow(ShapeError);
  });

  test("needs two families", () => {
    expect(() => compose(a)).toThrow(UsageError);
  });
});
