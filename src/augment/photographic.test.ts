import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError, copyMiddle, random } from "../tensor/index.ts";
import { cutout } from "./cutout.ts";
import { exposure } from "./exposure.ts";
import { families } from "./families.ts";
import type { TransformFamily } from "./family.ts";
import { jpeg } from "./jpeg.ts";
import { motionBlur } from "./motion-blur.ts";
import { type OcclusionOptions, occlusion } from "./occlusion.ts";
import { viewOf } from "./view-of.ts";
import { gainsAt, whiteBalance } from "./white-balance.ts";

interface Case {
  readonly images: string;
  readonly family: "exposure" | "white-balance" | "zoom" | "jpeg" | "motion-blur" | "texture";
  readonly options: object;
  readonly view: string;
}

/** Made by tools/fixtures/photographic.py with torchvision, Kornia, colour-science, Pillow and NumPy. */
const fixture = readImageFixture<Case>("photographic.json");
const madeBy = ({ images, family, options }: Case): Float32Array =>
  (families[family] as (options: object) => TransformFamily)(options).members[1].apply(
    fixture.images[images],
  );
const casesOf = (isOne: (family: Case["family"]) => boolean) =>
  fixture.cases.filter(({ family }) => isOne(family));

describe("other programs give the same", () => {
  test.each(casesOf((family) => family !== "jpeg"))("$family $options of $images", (c) => {
    expect(madeBy(c)).toBeAllClose(floats(c.view), { atol: 3e-6 });
  });

  test.each(casesOf((family) => family === "jpeg"))("JPEG, every byte of it: $options of $images", (c) => {
    const bytes = (values: Float32Array) => Array.from(values, (value) => Math.round(255 * value));
    expect(bytes(madeBy(c))).toEqual(bytes(floats(c.view)));
  });
});

const rng = random(11, "photographic");
const noise = (shape: ImageBatch["shape"]): ImageBatch => ({
  data: Float32Array.from({ length: shape.reduce((size, n) => size * n) }, () => rng.uniform()),
  shape,
});

test("a curve is the same for bytes, by its table, and for what lies beside them", () => {
  const [, member] = exposure({ gammas: [2] }).members;
  const view = member.apply({
    data: Float32Array.of(0, 0.5, 0.2, 51 / 255, 1, -0.5, 1.5, 1e9),
    shape: [1, 1, 2, 4],
  });
  expect(view).toBeAllClose([0, 0.25, 0.04, 0.04, 1, 0, 1, 1], { atol: 1e-7 });
});

describe("white balance", () => {
  test("has gains of 1 in daylight, of red in warm light and of blue in cold", () => {
    expect(gainsAt(6500)).toEqual([1, 1, 1]);
    const [[red, , blue], [coldRed, , coldBlue]] = [gainsAt(3500), gainsAt(12_000)];
    expect(red).toBeGreaterThan(1.3);
    expect(blue).toBeLessThan(0.6);
    expect(coldRed).toBeLessThan(0.9);
    expect(coldBlue).toBeGreaterThan(1.2);
  });

  test("is of colours, and says where it may take them away", () => {
    expect(() => whiteBalance().members[1].apply(noise([1, 1, 2, 2]))).toThrow(/needs red, green and blue/);
    const said = whiteBalance({ kelvin: [2500, 5000] }).members.map(
      ({ mayChangeMeaning }) => mayChangeMeaning,
    );
    expect(said).toEqual([undefined, ["colours"], undefined]);
  });
});

describe("motion blur", () => {
  test("leaves a line along its direction, and spreads one across", () => {
    const data = new Float32Array(81);
    data.fill(1, 4 * 9, 5 * 9);
    const image: ImageBatch = { data, shape: [1, 1, 9, 9] };
    const [, along, across] = motionBlur({ lengths: [5], degrees: [0, 90] }).members;
    expect(along.apply(image)).toBeAllClose(data, { atol: 1e-6 });
    expect(across.apply(image).filter((value) => Math.abs(value - 0.2) < 1e-6)).toHaveLength(45);
  });
});

describe("occlusion", () => {
  const black = (height: number, width: number): ImageBatch => ({
    data: new Float32Array(height * width),
    shape: [1, 1, height, width],
  });
  const boxOf = (view: Float32Array, width: number) => {
    const seen = Array.from(view.keys()).filter((i) => view[i] !== 0);
    const [rows, columns] = [seen.map((i) => Math.floor(i / width)), seen.map((i) => i % width)];
    return [Math.min(...rows), Math.max(...rows), Math.min(...columns), Math.max(...columns)];
  };

  test("has a patch at each place of a grid, wholly inside, from corner to corner", () => {
    const { members } = occlusion({ shares: [0.3], grid: 2 });
    expect(members.slice(1).map(({ name }) => name)).toEqual([
      "occlusion 0.3 at 1,1",
      "occlusion 0.3 at 1,2",
      "occlusion 0.3 at 2,1",
      "occlusion 0.3 at 2,2",
    ]);
    expect(members.slice(1).map((member) => boxOf(member.apply(black(10, 20)), 20))).toEqual([
      [0, 2, 0, 2],
      [0, 2, 17, 19],
      [7, 9, 0, 2],
      [7, 9, 17, 19],
    ]);
    expect(boxOf(occlusion({ grid: 1 }).members[1].apply(black(10, 20)), 20)).toEqual([4, 6, 9, 11]);
  });

  test("draws places for each image, the same each time", () => {
    const make = (seed: number) => occlusion({ shares: [0.2], patches: 2, seed }).members[1];
    const images = noise([6, 3, 20, 20]);
    const changed = (view: Float32Array) =>
      Array.from({ length: 6 }, (_, n) => {
        const first = n * 1200;
        return view
          .subarray(first, first + 400)
          .reduce((sum, v, i) => sum + (v !== images.data[first + i] ? i : 0), 0);
      });
    const found = changed(make(0).apply(images));
    expect(new Set(found).size).toBe(6);
    expect(changed(make(0).apply(images))).toEqual(found);
    expect(changed(make(1).apply(images))).not.toEqual(found);
  });

  test.each([
    ["black", 0],
    ["grey", 0.5],
    ["white", 1],
  ] as const)("is %s", (shade, value) => {
    const [, member] = occlusion({ shares: [0.5], grid: 1, shade }).members;
    expect(member.apply(noise([1, 1, 4, 4]))[5]).toBe(value);
  });

  test("is each channel's mean", () => {
    const image = noise([1, 2, 4, 4]);
    const [, member] = occlusion({ shares: [0.5], grid: 1, shade: "mean" }).members;
    const view = member.apply(image);
    for (const c of [0, 1]) {
      const mean = image.data.subarray(16 * c, 16 * c + 16).reduce((sum, v) => sum + v, 0) / 16;
      expect(view[16 * c + 5]).toBeCloseTo(mean, 6);
    }
  });

  test("and cutout lie in the frame that is shown, whatever is around it", () => {
    const whole = noise([4, 3, 60, 60]);
    const data = new Float32Array(4 * 3 * 400);
    copyMiddle(whole.data, [3, 60, 60], [3, 20, 20], data);
    const images: ImageBatch = { data, shape: [4, 3, 20, 20], surround: whole };
    for (const family of [
      occlusion({ shares: [0.3] }),
      occlusion({ patches: 1 }),
      cutout({ shares: [0.4] }),
    ]) {
      for (const member of family.members.slice(1)) {
        const view = viewOf(member, images);
        for (let n = 0; n < 4; n++) {
          const hidden = data
            .subarray(n * 1200, n * 1200 + 400)
            .filter((v, i) => view[n * 1200 + i] !== v).length;
          expect(hidden).toBeGreaterThan(15);
          expect(hidden).toBeLessThanOrEqual(64);
        }
        const plain = member.apply({ data, shape: images.shape });
        if (!("seed" in member.parameters)) expect(view).toEqual(plain);
      }
    }
  });
});

test.each<[() => unknown, string]>([
  [() => exposure({ gammas: [1] }), "1 is not a factor"],
  [() => exposure({ gammas: [0] }), "above 0"],
  [() => whiteBalance({ kelvin: [6500] }), "no light of 6500 K"],
  [() => whiteBalance({ kelvin: [1000] }), "1700 to 25000"],
  [() => whiteBalance({ kelvin: [NaN] }), "NaN K"],
  [() => jpeg({ qualities: [0] }), "quality 0"],
  [() => jpeg({ qualities: [50.5] }), "whole numbers"],
  [() => motionBlur({ lengths: [4] }), "odd whole number"],
  [() => motionBlur({ lengths: [99_999] }), "ALIGNREG_MAX"],
  [() => motionBlur({ degrees: [Infinity] }), "direction Infinity"],
  [() => occlusion({ shares: [1] }), "side 1"],
  [() => occlusion({ seed: 3 }), "a seed of 3 changes nothing"],
  [() => occlusion({ seed: 0.5 }), "Give an integer"],
  [() => occlusion({ patches: 2, grid: 4 }), "patches or grid, not both"],
  [() => occlusion({ grid: 200 }), "10,000 are allowed"],
  [() => occlusion({ shade: "red" } as unknown as OcclusionOptions), 'Unknown shade "red"'],
])("what makes no view is refused, %#", (call, tells) => {
  expect(call).toThrow(UsageError);
  expect(call).toThrow(tells);
});
