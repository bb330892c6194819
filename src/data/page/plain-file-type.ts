import type { Size } from "../picture-size.ts";
import type { Channels } from "../planar.ts";

/** A picture's file without what browsers act on, each in its own way. */
export interface PlainFile {
  /** The file's parts that are left, in their order. */
  readonly parts: readonly Uint8Array[];
  /** As it is stored; undefined where only decoding tells. */
  readonly size?: Size;
  /** Default: 3. */
  readonly channels?: Channels;
  /** Pixels may be transparent, and have colours all the same. */
  readonly mayHideColours?: boolean;
  /** EXIF's number, or XMP's where there is none. */
  readonly orientation?: number;
}
