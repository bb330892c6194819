import type { TransformFamily, ViewSource } from "../augment/index.ts";
import { random } from "../tensor/index.ts";
import type { Features } from "./fill-cache.ts";

/**
 * Cached features as a source of views: what the images of a step are elsewhere, [F, 1, 1] each.
 *
 * @param draws  how many draws of each image there are; one of them is taken anew in each step
 */
export function featureViews(
  features: Features,
  family: TransformFamily,
  draws: number,
  seed: number,
): ViewSource {
  const { size } = features;
  const copy = (image: number, member: number, out: Float32Array, place: number) =>
    features.read(image, member, out.subarray(place * size, (place + 1) * size));
  /** A sample's clean image and its views are of one draw. */
  const drawn = (indices: ArrayLike<number>, step: number): number[] => {
    const rng = random(seed, "cached draws", step);
    return Array.from(indices, (index) => index * draws + (draws > 1 ? rng.integer(draws) : 0));
  };
  return {
    family,
    imageShape: [size, 1, 1],
    // eslint-disable-next-line @typescript-eslint/require-await -- other sources read images
    async fill(indices, out, step = 0) {
      const images = drawn(indices, step);
      family.members.forEach((_, member) =>
        images.forEach((image, i) => copy(image, member, out, member * images.length + i)),
      );
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    async fillMembers(indices, members, out, step = 0) {
      drawn(indices, step).forEach((image, i) => copy(image, members[i], out, i));
    },
  };
}
