import type { ImageSource } from "./image-source.ts";

/** Labelled images held as bytes. The arrays are shared between data sets and must not be written. */
export interface Dataset extends ImageSource {
  /** [N, C, H, W] raw bytes. */
  readonly pixels: Uint8Array;
  /** sha256, hex, over shape, class names, labels and pixels; the name does not enter. */
  readonly hash: string;
}

export interface DatasetArrays extends Pick<Dataset, "notes" | "isUnsplit" | "files" | "pictures"> {
  readonly name: string;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** [N, C, H, W], whole numbers 0 … 255. A Uint8Array is not copied. */
  readonly pixels: ArrayLike<number>;
  /** [N], class indices, 0 … classNames.length − 1; −1 for an image without a label. An Int32Array is not copied. */
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
}
