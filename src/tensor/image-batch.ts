/** A batch of images as a model takes them: float32 in [0, 1], `[N, C, H, W]`, row-major. */
export interface ImageBatch {
  /** N·C·H·W values. */
  readonly data: Float32Array;
  readonly shape: readonly [n: number, c: number, h: number, w: number];
  /** Larger images, [N, C, H′, W′], whose middle these are: what lies around them, where it is known. */
  readonly surround?: Omit<ImageBatch, "surround">;
}
