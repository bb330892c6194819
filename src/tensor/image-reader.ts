/** Images of one shape, read as they are asked for: all that views of them need to know. */
export interface ImageReader {
  readonly shape: readonly [channels: number, height: number, width: number];
  /**
   * Writes the images at `indices`, float32 in [0, 1], to `out` [B, C, H, W]. Where images change during training, as by
   * random crops, they are those of `step` (default 0).
   */
  read(indices: ArrayLike<number>, out: Float32Array, step?: number): Promise<void>;
  /** Says which images are read next, so that files can be decoded meanwhile. Nothing depends on it but time. */
  readAhead?(indices: ArrayLike<number>): void;
  /**
   * The same images with what lies around them: `shape` is larger, and an image is the middle of it. Where it is there,
   * transforms are applied to it, and views are the middle of what they make.
   */
  readonly surround?: Pick<ImageReader, "shape" | "read">;
}
