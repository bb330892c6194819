import type { Transform } from "../augment/family.ts";
import { viewOf } from "../augment/view-of.ts";
import { ShapeError } from "../tensor/errors.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { NonFiniteError } from "./errors.ts";
import type { Predict } from "./predict-members.ts";

/**
 * The logits of images under each of some members: for each image a row for each member, in their order.
 *
 * @throws ShapeError for logits that are not a row for each image; NonFiniteError for NaN or infinity among them
 */
export async function predictViews(
  predict: Predict,
  images: ImageBatch,
  members: readonly Transform[],
): Promise<Float32Array[][]> {
  const [count] = images.shape;
  const rows: Float32Array[][] = Array.from({ length: count }, () => []);
  for (const member of members) {
    const logits = await predict({ data: viewOf(member, images), shape: images.shape });
    const width = logits.length / count;
    if (!Number.isInteger(width) || width === 0) {
      throw new ShapeError(
        `The model gave ${logits.length} numbers for ${count} images. It must give a row of logits for each image.`,
      );
    }
    const bad = logits.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new NonFiniteError("logits", member.name, Math.floor(bad / width), logits[bad]);
    for (let i = 0; i < count; i++) rows[i].push(logits.slice(i * width, (i + 1) * width));
  }
  return rows;
}
