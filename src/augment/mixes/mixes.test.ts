import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ImageBatch, type ImageReader, random, sizeOf } from "../../tensor/index.ts";
import { cropFlipImages } from "../crop-flip.ts";
import { family, identity } from "../family.ts";
import { rotation } from "../rotation.ts";
import {
  type Link,
  type MixOperationName,
  type Mixture,
  drawMixture,
  fillMixtures,
  mixOperationNames,
  mixOperations,
  mixed,
  mixturesOf,
} from "./index.ts";

interface Picture {
  readonly name: string;
  readonly shape: [number, number, number];
  readonly bytes: string;
  readonly operations: readonly (Link<MixOperationName> & { readonly bytes: string })[];
  readonly mixtures: readonly (Mixture & { readonly mixed: number[] })[];
}

/** What Pillow makes of pictures: tools/fixtures/augmix.py. */
const { images } = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/augmix.json", import.meta.url), "utf8"),
) as { images: Picture[] };
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const batchOf = ({ bytes, shape }: Picture): ImageBatch => ({
  data: Float32Array.from(bytesOf(bytes), (byte) => byte / 255),
  shape: [1, ...shape],
});
const noMargin = { top: 0, left: 0 };

describe.each(images)("$name", (picture) => {
  const { shape, bytes, operations, mixtures } = picture;
  test.each(operations)("$operation at $level, negative: $isNegative, is Pillow's to the byte", (link) => {
    const image = { data: bytesOf(bytes), shape, margin: noMargin };
    const { data } = mixOperations[link.operation](image, link);
    expect(Buffer.from(data).toString("hex")).toBe(Buffer.from(bytesOf(link.bytes)).toString("hex"));
  });

  test.each(mixtures)("is mixed as NumPy mixes it, given what was drawn: m = $share", (mixture) => {
    const out = new Float32Array(sizeOf(shape));
    mixed(batchOf(picture), mixture, out);
    expect(out).toBeAllClose(mixture.mixed, { atol: 2e-7 });
  });
});

test("every operation is in the fixture at several levels, and changes a picture", () => {
  const [{ operations, bytes }] = images;
  expect(new Set(operations.map(({ operation }) => operation))).toEqual(new Set(mixOperationNames));
  for (const name of mixOperationNames) {
    expect(operations.some((one) => one.operation === name && one.bytes !== bytes)).toBe(true);
  }
});

test("draws have the distributions of AugMix", () => {
  const rng = random(3, "draws");
  const drawn = Array.from({ length: 1500 }, () =>
    drawMixture(rng, { severity: 3, width: 3, depth: null }, mixOperationNames),
  );
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(drawn.map(({ share }) => share))).toBeCloseTo(1 / 2, 1);
  expect(mean(drawn.map(({ share }) => share ** 2))).toBeCloseTo(1 / 3, 1);
  for (const k of [0, 1, 2]) expect(mean(drawn.map(({ weights }) => weights[k]))).toBeCloseTo(1 / 3, 1);
  // Of Dirichlet(1, 1, 1) the variance is 1/18; weights that were all alike would have none.
  const spread = mean(drawn.map(({ weights: [w] }) => (w - 1 / 3) ** 2));
  expect(spread).toBeGreaterThan(0.05);
  expect(spread).toBeLessThan(0.061);
  for (const { weights } of drawn) expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  const links = drawn.flatMap(({ chains }) => chains.flat());
  for (const depth of [1, 2, 3]) {
    const share = mean(drawn.map(({ chains }) => Number(chains[0].length === depth)));
    expect(share).toBeCloseTo(1 / 3, 1);
  }
  for (const name of mixOperationNames) {
    expect(mean(links.map(({ operation }) => Number(operation === name)))).toBeCloseTo(1 / 9, 1);
  }
  expect(mean(links.map(({ level }) => level))).toBeCloseTo(1.55, 1);
  expect(mean(links.map(({ isNegative }) => Number(isNegative)))).toBeCloseTo(1 / 2, 1);
});

/** Six images of one seed, [3, 8, 10]. */
const shape = [3, 8, 10] as const;
const size = sizeOf(shape);
const pixels = (() => {
  const rng = random(1, "images");
  return Float32Array.from({ length: 6 * size }, () => rng.integer(256) / 255);
})();
const source: ImageReader = {
  shape,
  read(indices, out) {
    for (let i = 0; i < indices.length; i++) {
      out.set(pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
    }
    return Promise.resolve();
  },
};

const filled = async (
  indices: readonly number[],
  step: number,
  { reader = source, options = {}, seed = 5 }: Partial<Parameters<typeof filledOf>[0]> = {},
) => filledOf({ reader, options, seed }, indices, step);

async function filledOf(
  { reader, options, seed }: { reader: ImageReader; options: Parameters<typeof mixturesOf>[1]; seed: number },
  indices: readonly number[],
  step: number,
) {
  const out = new Float32Array(3 * indices.length * size).fill(NaN);
  await fillMixtures(reader, mixturesOf("test", options), { indices, step, seed, copies: 2 }, out);
  return Array.from({ length: 3 * indices.length }, (_, i) => out.subarray(i * size, (i + 1) * size));
}

/** Whether the image at `i` is as the source has it. */
const sameAs = (image: Float32Array, i: number) => image.every((value, p) => value === pixels[i * size + p]);

test("a mixture depends on seed, step, sample and number alone: neither on the batch nor on its order", async () => {
  const all = await filled([0, 1, 2, 3, 4, 5], 7);
  const some = await filled([4, 1], 7);
  for (const block of [0, 1, 2]) {
    expect(some[2 * block]).toEqual(all[6 * block + 4]);
    expect(some[2 * block + 1]).toEqual(all[6 * block + 1]);
  }
  expect(all[4]).toEqual(pixels.subarray(4 * size, 5 * size));
  expect(all[6 + 4]).not.toEqual(all[12 + 4]);
  expect((await filled([4], 8))[1]).not.toEqual(all[6 + 4]);
  expect((await filled([4], 7, { seed: 6 }))[1]).not.toEqual(all[6 + 4]);
});

test("crop and flip come before the chains: both mixtures are of the cropped image", async () => {
  const reader = cropFlipImages(source, { crop: 2, flip: true }, 3);
  // Of chains that do nothing, each mixture is the clean image itself.
  const nothing = {
    name: "nothing",
    parameters: {},
    apply: (...given: Parameters<typeof identity.apply>) => identity.apply(...given),
  };
  const options = { operations: family("nothing", "", [nothing]), width: 1, depth: 1 };
  const blocks = await filled([0, 1, 2], 4, { reader, options });
  expect(blocks.slice(0, 3).some((image, i) => !sameAs(image, i))).toBe(true);
  for (let i = 0; i < 3; i++) {
    for (const block of [1, 2]) expect(blocks[3 * block + i]).toBeAllClose(blocks[i], { atol: 1e-5 });
  }
});

test("chains of a family are made of its members, the identity left out", () => {
  const turns = rotation({ degrees: [90] });
  const { choices } = mixturesOf("test", { operations: turns });
  expect(choices).toEqual(turns.members.slice(1));
  expect(mixturesOf("test", { operations: "rotation:90" }).choices).toHaveLength(1);
  const [image] = images;
  const out = new Float32Array(sizeOf(image.shape));
  const link = { operation: turns.members[1], level: 1, isNegative: false };
  mixed(batchOf(image), { share: 1, weights: [1], chains: [[link]] }, out);
  expect(out).toBeAllClose(turns.members[1].apply(batchOf(image)), { atol: 1e-6 });
});

test("chains go over what lies around an image, with the centre, corner and width of the image itself", () => {
  const { shape: whole } = images[0];
  const middle = [3, whole[1] - 4, whole[2] - 6] as const;
  const surround: ImageBatch = batchOf(images[0]);
  const data = new Float32Array(sizeOf(middle));
  const cut = (from: ArrayLike<number>, out: Float32Array) => {
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < middle[1]; y++)
        for (let x = 0; x < middle[2]; x++)
          out[(c * middle[1] + y) * middle[2] + x] = from[(c * whole[1] + y + 2) * whole[2] + x + 3];
    return out;
  };
  cut(surround.data, data);
  const image: ImageBatch = { data, shape: [1, ...middle], surround };
  const alone = { data: Uint8Array.from(data, (v) => Math.round(255 * v)), shape: middle, margin: noMargin };
  for (const operation of ["rotate", "shear-x", "shear-y", "translate-x", "translate-y"] as const) {
    const link = { operation, level: 4, isNegative: true };
    const out = new Float32Array(sizeOf(middle));
    mixed(image, { share: 1, weights: [1], chains: [[link]] }, out);
    const without = mixOperations[operation](alone, link).data;
    // Inside both agree; where the image alone is black, the picture goes on.
    const at = (1 * middle[1] + Math.floor(middle[1] / 2)) * middle[2] + Math.floor(middle[2] / 2);
    expect(255 * out[at]).toBeCloseTo(without[at], 3);
    expect(without.filter((v) => v === 0).length).toBeGreaterThan(out.filter((v) => v === 0).length);
  }
});
