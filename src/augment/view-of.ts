import { type ImageBatch, type ImageReader, copyMiddle } from "../tensor/index.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";

/**
 * What a member makes of images: of all that is known around them, cut to the images' own shape afterwards. So a turned
 * photograph's corners have pixels of the photograph, as far as it goes.
 *
 * @param out  written when given: N·C·H·W values, which do not overlap the images
 */
export function viewOf(member: Transform, images: ImageBatch, out?: Float32Array): Float32Array {
  const { surround, shape } = images;
  if (!surround) return member.apply(images, out);
  const view = outputFor(images, out);
  copyMiddle(
    member.apply({ ...surround, frame: [shape[2], shape[3]] }),
    imageShape(surround),
    imageShape({ shape }),
    view,
  );
  return view;
}

const imageShape = ({ shape: [, ...image] }: Pick<ImageBatch, "shape">): ImageReader["shape"] => image;
