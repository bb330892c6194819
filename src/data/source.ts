import type { Dataset } from "./dataset.ts";
import type { ImageSource } from "./image-source.ts";

export type Split = "train" | "test";

/** A place that holds data sets, found but not yet read. */
export interface DataSource {
  /**
   * Reads one split; the other one may be missing or damaged.
   *
   * @throws DataError when the split is missing or cannot be read
   */
  read(split: Split): Promise<Dataset>;
  /** The same images as a source that need not hold them all; absent where they are always held. */
  open?(split: Split): Promise<ImageSource>;
}
