import { UsageError, sizeOf } from "../../tensor/index.ts";
import type { Transform } from "../family.ts";
import { imageStreams } from "../image-stream.ts";
import { outputFor } from "../output.ts";
import { linear } from "../values-simd.ts";
import type { Corruption } from "./corruption.ts";

/**
 * A corruption as a member of a family: each image with numbers of its own, results clipped to [0, 1].
 *
 * @param stored  what a value becomes after that
 */
export function corrupted(
  name: string,
  parameters: Readonly<Record<string, number>> & { readonly seed: number },
  apply: Corruption,
  stored?: (value: number) => number,
): Transform {
  const streamOf = imageStreams(parameters.seed, name);
  return {
    name,
    parameters,
    apply(images, out) {
      const spoilt = outputFor(images, out);
      const [, channels, height, width] = images.shape;
      if (channels !== 1 && channels !== 3) {
        throw new UsageError(`"${name}" takes images of 1 or 3 channels; these have ${channels}.`);
      }
      const length = sizeOf(images.shape.slice(1));
      for (let start = 0; start < spoilt.length; start += length) {
        const image = images.data.subarray(start, start + length);
        const result = spoilt.subarray(start, start + length);
        apply(image, result, { channels, height, width }, streamOf(image));
        if (!apply.isWithinRange) linear(result, result, 1, 0, [0, 1]);
        if (stored) for (let i = 0; i < length; i++) result[i] = stored(result[i]);
      }
      return spoilt;
    },
  };
}
