import type { ImageReader } from "../tensor/image-reader.ts";
import type { PictureRule } from "../tensor/picture-rule.ts";

/**
 * Labelled images, read as they are asked for. A `Dataset`, all of whose bytes are in memory, is the simplest kind; a folder
 * whose files are decoded when their turn comes is another.
 */
export interface ImageSource extends ImageReader {
  readonly name: string;
  /** [N], class indices into `classNames`; −1 for an image without a label. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** sha256, hex, of all that decides the images, their order and their labels; known without reading them all. */
  readonly hash: string;
  /**
   * [N], hex: what each image is known by, whatever size it is read at, as the sha256 of its file; default: a hash of its pixels.
   */
  readonly contents?: readonly string[];
  /** [N], where each image comes from, for reports. */
  readonly files?: readonly string[];
  /** What was chosen or guessed when it was made, a sentence each; `fit` and `evaluate` say them. */
  readonly notes?: readonly string[];
  /** It has no parts for training and for testing: the same images serve as both. */
  readonly isUnsplit?: boolean;
  /**
   * By what the images at `indices` are known again elsewhere: ten hex digits of each one's bytes. Where they come from files
   * that takes no second reading of those that were read already.
   */
  imageHashes?(indices: ArrayLike<number>): Promise<readonly string[]>;
  /** How picture files became images; a model that is trained on them says so. */
  readonly pictures?: PictureRule;
}
