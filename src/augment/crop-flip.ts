/**
 * Random crops and mirror images, the usual augmentation of small photographs.
 *
 * Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2; the same as
 * torchvision's RandomCrop((H, W), padding) followed by RandomHorizontalFlip, but for the random numbers.
 */
import { shown } from "../options/index.ts";
import { type ImageReader, UsageError, middleReader, random, sizeOf } from "../tensor/index.ts";

export interface CropFlipOptions {
  /** Pixels of black, value 0, put on each side before a window of H×W is cut out at random; 0 for no crop. */
  readonly crop: number;
  /** Whether every other image, by chance, is mirrored left to right. */
  readonly flip: boolean;
}

/**
 * Images that are cropped and mirrored anew in each step. What is drawn depends on the seed, the step and the position
 * in the batch alone: whoever asks for a step's images twice gets the same, and a resumed run goes on as an unbroken one.
 *
 * @throws UsageError for a crop that is no whole number from 0, or could leave nothing of an image
 */
export function cropFlipImages(
  source: ImageReader,
  { crop, flip }: CropFlipOptions,
  seed: number,
): ImageReader {
  checkCrop(crop, source.shape);
  const drawn = (images: Pick<ImageReader, "shape" | "read">): Pick<ImageReader, "shape" | "read"> => ({
    shape: images.shape,
    async read(indices, out, step = 0) {
      await images.read(indices, out, step);
      const imageSize = sizeOf(images.shape);
      const rng = random(seed, "crop and flip", step);
      const offset = () => rng.integer(2 * crop + 1) - crop;
      for (let i = 0; i < indices.length; i++) {
        const image = out.subarray(i * imageSize, (i + 1) * imageSize);
        if (crop > 0) moveWindow(image, images.shape, { down: offset(), right: offset() });
        if (flip && rng.uniform() < 0.5) mirror(image, images.shape);
      }
    },
  });
  const surround = source.surround && drawn(source.surround);
  return {
    ...(surround
      ? { shape: source.shape, surround, read: middleReader(surround, source.shape) }
      : drawn(source)),
    ...(source.readAhead && { readAhead: (indices: ArrayLike<number>) => source.readAhead!(indices) }),
  };
}

/** @throws UsageError */
export function checkCrop(crop: number, [, height, width]: ImageReader["shape"]): void {
  if (Number.isInteger(crop) && crop >= 0 && crop < Math.min(height, width)) return;
  throw new UsageError(
    `A crop of ${shown(crop)} pixels does not suit images of ${height}×${width}. ` +
      `Give a whole number from 0 to ${Math.min(height, width) - 1}; 4 is usual for 32×32.`,
  );
}

/**
 * Cuts out, in place, the window that starts `down` rows and `right` columns from the image's first pixel; what of it
 * lies outside the image is 0. Pixels in row-major order all move by the same number of places, so one copy moves the
 * whole image, and what wraps around from another row or channel is then overwritten.
 */
function moveWindow(
  image: Float32Array,
  [channels, height, width]: ImageReader["shape"],
  { down, right }: { down: number; right: number },
): void {
  const places = down * width + right;
  image.copyWithin(Math.max(0, -places), Math.max(0, places), Math.min(image.length, image.length + places));
  const [firstRow, endRow] = inside(down, height);
  const [firstColumn, endColumn] = inside(right, width);
  for (let c = 0; c < channels; c++) {
    const plane = image.subarray(c * height * width, (c + 1) * height * width);
    plane.fill(0, 0, firstRow * width).fill(0, endRow * width);
    if (right === 0) continue;
    for (let row = firstRow; row < endRow; row++) {
      for (let x = 0; x < firstColumn; x++) plane[row * width + x] = 0;
      for (let x = endColumn; x < width; x++) plane[row * width + x] = 0;
    }
  }
}

/** Of a window of `length` that starts at `offset`: its first place inside the image, and the one after its last. */
const inside = (offset: number, length: number): [first: number, end: number] => [
  Math.max(0, -offset),
  Math.min(length, length - offset),
];

/** Mirrors an image left to right, in place. */
function mirror(image: Float32Array, [, , width]: ImageReader["shape"]): void {
  for (let start = 0; start < image.length; start += width) {
    for (let left = start, right = start + width - 1; left < right; left++, right--) {
      const value = image[left];
      image[left] = image[right];
      image[right] = value;
    }
  }
}
