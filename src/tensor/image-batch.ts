/** A batch of images as a model takes them: float32 in [0, 1], `[N, C, H, W]`, row-major. */
export interface ImageBatch {
  /** N·C·H·W values. */
  readonly data: Float32Array;
  readonly shape: readonly [n: number, c: number, h: number, w: number];
  /** Larger images, [N, C, H′, W′], whose middle these are: what lies around them, where it is known. */
  readonly surround?: Omit<ImageBatch, "surround">;
  /** Of images that are such a surround: the height and width of the middle that is shown. */
  readonly frame?: readonly [height: number, width: number];
}

/** The part of images that is shown: all, or the frame in their middle. In pixels. */
export function frameOf({ shape: [, , height, width], frame = [height, width] }: ImageBatch): {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
} {
  return { top: (height - frame[0]) / 2, left: (width - frame[1]) / 2, height: frame[0], width: frame[1] };
}
