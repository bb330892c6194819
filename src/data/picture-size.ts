/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A part of an image. */
export interface Window extends Size {
  readonly top: number;
  readonly left: number;
}
