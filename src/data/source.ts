import type { Dataset } from "./dataset.ts";
import type { ImageSource } from "./image-source.ts";

export type Split = "train" | "validation" | "test";

/** Those that data sets have which are no folders of images. */
export type StoredSplit = Exclude<Split, "validation">;

/** A place that holds data sets, found but not yet read. */
export interface DataSource<Names extends Split = Split> {
  /** The splits that it has; none where the same images serve as any. */
  readonly splits: readonly Names[];
  /**
   * Reads one split; the others may be missing or damaged.
   *
   * @throws DataError when the split is missing or cannot be read
   */
  read(split: Names): Promise<Dataset>;
  /** The same images as a source that need not hold them all; absent where they are always held. */
  open?(split: Names): Promise<ImageSource>;
}
