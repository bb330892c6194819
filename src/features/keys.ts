/** What tells one image, and one way to change it, from another: hashes, in hex. */
import { createHash } from "node:crypto";
import type { Transform, TransformFamily } from "../augment/index.ts";
import { type ImageBatch, type Shape, random, sizeOf } from "../tensor/index.ts";

/**
 * The key of one image, with all of it that transforms see.
 *
 * @param draw  which of several draws it is the image of, where a member draws anew each time
 */
export function imageKey(image: ImageBatch, draw = 0): string {
  const pixels = (image.surround ?? image).data;
  return createHash("sha256")
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .update(draw > 0 ? `draw ${draw}` : "")
    .digest("hex");
}

/**
 * The key of a member: its name and numbers, the files of a user's own that it comes from, and what it makes of an image of
 * noise, so that a function that was changed is another one.
 */
export function memberKey(
  member: Transform,
  { modules }: Pick<TransformFamily, "modules">,
  imageShape: Shape,
): string {
  const probe = probeImage(imageShape);
  const made = isDrawing(member, imageShape) ? new Float32Array() : member.apply(probe);
  return createHash("sha256")
    .update(JSON.stringify([member.name, member.parameters, modules ?? {}]))
    .update(new Uint8Array(made.buffer, made.byteOffset, made.byteLength))
    .digest("hex");
}

/** Whether a member makes something else of the same image each time. */
export function isDrawing(member: Transform, imageShape: Shape): boolean {
  const probe = probeImage(imageShape);
  const [first, second] = [member.apply(probe).slice(), member.apply(probe)];
  return !first.every((value, i) => value === second[i]);
}

function probeImage(imageShape: Shape) {
  const rng = random(0, "probe of a member");
  const data = Float32Array.from({ length: sizeOf(imageShape) }, () => rng.uniform());
  const [c, h, w] = imageShape;
  return { data, shape: [1, c, h, w] as const };
}
