/** Per-channel normalisation (x − mean)/std: in a graph, and of images that are on their way into one. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type ImageBatch, UsageError, float32, sizeOf } from "../tensor/index.ts";

/** What is subtracted from each channel, and what it is then divided by; pixels are in [0, 1]. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** @throws UsageError unless there are one finite mean and one std above 0 for each channel */
export function checkNormalization({ mean, std }: Normalization, channels: number): void {
  if (mean.length !== channels || std.length !== channels) {
    throw new UsageError(
      `Give one mean and one std for each of the ${channels} channels; got ${mean.length} and ${std.length}.`,
    );
  }
  if (!mean.every(Number.isFinite) || !std.every((s) => Number.isFinite(s) && s > 0)) {
    throw new UsageError(
      `Means must be finite and stds above 0; got mean ${mean.join(", ")} and std ${std.join(", ")}.`,
    );
  }
}

/** Images [N, C, H, W] normalised inside a graph; the same value where nothing changes. */
export function normalize(g: GraphBuilder, x: Value, { mean, std }: Normalization): Value {
  if (mean.every((m) => m === 0) && std.every((s) => s === 1)) return x;
  const perChannel = (values: readonly number[]) => g.constant(float32([values.length, 1, 1], values));
  return g.div(g.sub(x, perChannel(mean)), perChannel(std));
}

/** A normalised copy of a batch, rounded as {@link normalize} rounds. */
export function normalizeImages({ data, shape }: ImageBatch, { mean, std }: Normalization): ImageBatch {
  const [, channels, ...spatial] = shape;
  const area = sizeOf(spatial);
  const [means, stds] = [Float32Array.from(mean), Float32Array.from(std)];
  const result = new Float32Array(data.length);
  for (let start = 0, c = 0; start < data.length; start += area, c = (c + 1) % channels) {
    for (let i = start; i < start + area; i++) result[i] = Math.fround(data[i] - means[c]) / stds[c];
  }
  return { data: result, shape };
}
