import sharp, { type Sharp } from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { random } from "../../tensor/index.ts";
import { type Dataset, datasetFromArrays } from "../dataset.ts";
import { loadData } from "../load.ts";
import { sample } from "../sample.ts";
import { subset } from "../subset.ts";
import { imageGroups } from "./image-groups.ts";

const side = 64;
type Pixels = Uint8Array;

/** A data set of colour pictures [H, W, 3], all of one class. */
function photos(pictures: readonly Pixels[]): Dataset {
  const pixels = new Uint8Array(pictures.length * 3 * side * side);
  pictures.forEach((picture, i) => {
    for (let p = 0; p < side * side; p++)
      for (let c = 0; c < 3; c++) pixels[(3 * i + c) * side * side + p] = picture[3 * p + c];
  });
  const labels = pictures.map(() => 0);
  return datasetFromArrays({ name: "photos", shape: [3, side, side], pixels, labels, classNames: ["one"] });
}

/** Places of the pictures that are copies of another. */
const copiesIn = async (pictures: readonly Pixels[]) =>
  (await imageGroups(photos(pictures))).groups
    .map(({ members }) => members)
    .filter(({ length }) => length > 1);

const raw = { raw: { width: side, height: side, channels: 3 as const } };
const stored = (image: Sharp): Promise<Pixels> =>
  image.resize(side, side, { fit: "fill" }).removeAlpha().raw().toBuffer();

/** What becomes of a picture that is sent around. */
const copies: Record<string, (picture: Pixels) => Promise<Pixels>> = {
  "JPEG of quality 50": async (picture) =>
    stored(sharp(await sharp(picture, raw).jpeg({ quality: 50 }).toBuffer())),
  WebP: async (picture) => stored(sharp(await sharp(picture, raw).webp({ quality: 60 }).toBuffer())),
  "half the size": async (picture) =>
    stored(sharp(await sharp(picture, raw).resize(32, 32).png().toBuffer())),
  larger: async (picture) => stored(sharp(await sharp(picture, raw).resize(150, 150).png().toBuffer())),
  "a twentieth cut off all around": async (picture) =>
    stored(
      sharp(await sharp(picture, raw).extract({ left: 3, top: 3, width: 58, height: 58 }).png().toBuffer()),
    ),
  "cut off at the left and below, then JPEG": async (picture) =>
    stored(
      sharp(
        await sharp(picture, raw)
          .extract({ left: 5, top: 0, width: 59, height: 60 })
          .jpeg({ quality: 70 })
          .toBuffer(),
      ),
    ),
  "a little brighter": (picture) => stored(sharp(picture, raw).linear(1.08, 6)),
};

describe("imageGroups", () => {
  let pictures: Pixels[];
  beforeAll(async () => {
    const { shape, pixels } = sample(await loadData("cifar10", "train"), 60);
    const [channels, height, width] = shape;
    const area = height * width;
    pictures = await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        const picture = new Uint8Array(3 * area);
        for (let p = 0; p < area; p++)
          for (let c = 0; c < channels; c++) picture[3 * p + c] = pixels[(3 * i + c) * area + p];
        return stored(sharp(picture, { raw: { width, height, channels: 3 } }));
      }),
    );
  });

  test("finds no copy among pictures that are different", async () => {
    expect(await copiesIn(pictures)).toEqual([]);
  });

  test.each(Object.entries(copies))("finds %s", async (_name, copy) => {
    const found = await copiesIn([...pictures, ...(await Promise.all(pictures.map(copy)))]);
    // Between the places of such small pictures a cut leaves much to guess.
    expect(found.length).toBeGreaterThanOrEqual(48);
    for (const [one, other, ...rest] of found) {
      expect(other - one).toBe(60);
      expect(rest).toEqual([]);
    }
  });

  test("finds equal pictures that show nothing", async () => {
    const plain = (value: number) => new Uint8Array(3 * side * side).fill(value);
    expect(await copiesIn([plain(10), plain(11), plain(10), plain(200)])).toEqual([[0, 2]]);
  });

  test("keeps pictures apart that differ in one place, or in colour", async () => {
    const [picture] = pictures;
    const patched = Uint8Array.from(picture);
    for (let y = 20; y < 30; y++)
      for (let at = 3 * (y * side + 20); at < 3 * (y * side + 30); at++)
        patched[at] = picture[at] > 127 ? 0 : 255;
    const recoloured = Uint8Array.from(picture, (_, at) => picture[3 * Math.floor(at / 3) + ((at + 1) % 3)]);
    expect(await copiesIn([picture, patched, recoloured])).toEqual([]);
  });

  test("keeps shapes apart that stand at other places, or are alike in noise alone", async () => {
    const rng = random(7, "shapes");
    const square = (x: number, y: number) => {
      const picture = new Uint8Array(3 * side * side).fill(20);
      for (let row = y; row < y + 16; row++)
        picture.fill(230, 3 * (row * side + x), 3 * (row * side + x + 16));
      return picture;
    };
    const noise = () => Uint8Array.from({ length: 3 * side * side }, () => rng.integer(256));
    const shapes = [square(20, 20), square(24, 20), square(20, 27), square(31, 31), square(8, 40)];
    expect(await copiesIn([...shapes, noise(), noise(), noise()])).toEqual([]);
  });

  test("takes no two of MNIST's digits for one", async () => {
    const { groups } = await imageGroups(sample(await loadData("mnist", "test"), 1500));
    expect(groups.every(({ members }) => members.length === 1)).toBe(true);
  });

  test("has the same groups in any order", async () => {
    const data = photos([...pictures, ...(await Promise.all(pictures.map(copies["JPEG of quality 50"])))]);
    const order = random(3, "order").permutation(120);
    const turned = await imageGroups(subset(data, order, "turned"));
    const named = (groups: readonly (readonly number[])[]) =>
      groups.map((each) => each.toSorted().join()).sort();
    expect(named(turned.groups.map(({ members }) => members.map((i) => order[i])))).toEqual(
      named((await imageGroups(data)).groups.map(({ members }) => members)),
    );
  });
});
