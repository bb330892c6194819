/** The middle of images: what is left where equal margins are cut off. */
import { ShapeError } from "./errors.ts";
import type { ImageBatch } from "./image-batch.ts";
import type { ImageReader } from "./image-reader.ts";
import { sizeOf } from "./shape.ts";

type ImageShape = ImageReader["shape"];

/** Numbers of pixels or of their bytes. */
interface Numbers<Data> {
  readonly length: number;
  set(values: Data, at?: number): void;
  subarray(start: number, end: number): Data;
}

/**
 * Writes the middle [C, h, w] of each image [C, H, W] of `from` to `out`.
 *
 * @throws ShapeError where margins are not whole pixels, the same on opposite sides
 */
export function copyMiddle<Data extends Numbers<Data>>(
  from: Data,
  [channels, height, width]: ImageShape,
  to: ImageShape,
  out: Data,
): void {
  const [top, left] = [(height - to[1]) / 2, (width - to[2]) / 2];
  const isMiddle =
    channels === to[0] && [top, left].every((margin) => Number.isInteger(margin) && margin >= 0);
  if (!isMiddle) {
    throw new ShapeError(
      `Images [${to}] are not the middle of images [${[channels, height, width]}]. Give images of as many channels that are ` +
        `larger by the same number of pixels on opposite sides.`,
    );
  }
  const planes = from.length / (height * width);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < to[1]; row++) {
      const start = (plane * height + top + row) * width + left;
      out.set(from.subarray(start, start + to[2]), (plane * to[1] + row) * to[2]);
    }
  }
}

/** Reads the middle of larger images. */
export const middleReader =
  (larger: Pick<ImageReader, "shape" | "read">, shape: ImageShape): ImageReader["read"] =>
  async (indices, out, step) => {
    const data = new Float32Array(indices.length * sizeOf(larger.shape));
    await larger.read(indices, data, step);
    copyMiddle(data, larger.shape, shape, out);
  };

/**
 * The images of a source at `indices`, with what lies around them where the source has it.
 *
 * @param out   written when given: B·C·H·W values
 * @param step  as {@link ImageReader.read} has it
 */
export async function readBatch(
  source: ImageReader,
  indices: ArrayLike<number>,
  out?: Float32Array,
  step?: number,
): Promise<ImageBatch> {
  const shape = [indices.length, ...source.shape] as const;
  const data = out ?? new Float32Array(sizeOf(shape));
  if (!source.surround) {
    await source.read(indices, data, step);
    return { data, shape };
  }
  const larger = [indices.length, ...source.surround.shape] as const;
  const surround = { data: new Float32Array(sizeOf(larger)), shape: larger };
  await source.surround.read(indices, surround.data, step);
  copyMiddle(surround.data, source.surround.shape, source.shape, data);
  return { data, shape, surround };
}

/** The images at `places` of a batch, in that order; those of one place are not copied. */
export function pickImages(images: ImageBatch, places: ArrayLike<number>): ImageBatch {
  return { ...picked(images, places), ...(images.surround && { surround: picked(images.surround, places) }) };
}

/** The images from `start` to `end` of a batch, which are not copied. */
export const partOfImages = (images: ImageBatch, start: number, end: number): ImageBatch => ({
  ...part(images, start, end),
  ...(images.surround && { surround: part(images.surround, start, end) }),
});

/** Moves the images at `places`, each larger than the one before, to the front of a batch: those that were there are gone. */
export function moveToFront(images: ImageBatch, places: ArrayLike<number>): void {
  for (const { data, shape } of images.surround ? [images, images.surround] : [images]) {
    const size = sizeOf(shape.slice(1));
    for (let i = 0; i < places.length; i++) {
      if (places[i] !== i) data.copyWithin(i * size, places[i] * size, (places[i] + 1) * size);
    }
  }
}

/** Batches as one. */
export function joinImages(batches: readonly ImageBatch[]): ImageBatch {
  const surrounds = batches.flatMap(({ surround }) => surround ?? []);
  return { ...joined(batches), ...(surrounds.length > 0 && { surround: joined(surrounds) }) };
}

function joined(batches: readonly ImageBatch[]): ImageBatch {
  const [, ...image] = batches[0].shape;
  const count = batches.reduce((sum, { shape }) => sum + shape[0], 0);
  const data = new Float32Array(count * sizeOf(image));
  let at = 0;
  for (const batch of batches) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return { data, shape: [count, ...image] };
}

function part({ data, shape: [, ...image] }: ImageBatch, start: number, end: number): ImageBatch {
  const size = sizeOf(image);
  return { data: data.subarray(start * size, end * size), shape: [end - start, ...image] };
}

function picked({ data, shape: [, ...image] }: ImageBatch, places: ArrayLike<number>): ImageBatch {
  const size = sizeOf(image);
  const at = (place: number) => data.subarray(place * size, (place + 1) * size);
  const shape = [places.length, ...image] as const;
  if (places.length === 1) return { data: at(places[0]), shape };
  const copy = new Float32Array(places.length * size);
  for (let i = 0; i < places.length; i++) copy.set(at(places[i]), i * size);
  return { data: copy, shape };
}
