import { type ImageReader, pickImages, random, readBatch, sizeOf } from "../../tensor/index.ts";
import { checkLimit } from "../../options/index.ts";
import { refuseRanges } from "../ranges/ranged-family.ts";
import { familyOf } from "../transforms.ts";
import type { AugmixOptions } from "./mix-options.ts";
import { augmixOptions } from "./mix-options.ts";
import { type ChainOperation, mixed } from "./mixed.ts";
import { type MixtureSettings, drawMixture, ownOperations } from "./mixture.ts";

/** How mixtures are made, all choices made. */
export interface Mixtures extends MixtureSettings {
  /** What the links of a chain are drawn from. */
  readonly choices: readonly ChainOperation[];
  /** The family of the operations; null for AugMix's nine. */
  readonly family: ReturnType<typeof familyOf> | null;
}

/** The options with their defaults. @throws UsageError for operations that are no family, or name a module */
export function mixturesOf(where: string, options: AugmixOptions = {}): Mixtures {
  const { severity, width, depth, operations } = options;
  const family = operations === undefined ? null : familyOf(where, operations);
  if (family) refuseRanges("A chain of augmix", [family]);
  const chains = width ?? augmixOptions.width.default;
  // A link is a pass over the image.
  checkLimit("members", chains * (depth ?? 3), "A mixture of augmix");
  return {
    severity: severity ?? augmixOptions.severity.default,
    width: chains,
    depth: depth ?? null,
    choices: family ? family.members.slice(1) : ownOperations,
    family,
  };
}

/**
 * Writes a batch of clean images, and behind it so many batches of their mixtures. What is drawn for a mixture depends on the
 * seed, the step, the image's index and the mixture's number alone.
 *
 * @param out  [(1 + copies)·B, C, H, W]
 */
export async function fillMixtures(
  source: ImageReader,
  mixtures: Mixtures,
  { indices, step, seed, copies }: { indices: ArrayLike<number>; step: number; seed: number; copies: number },
  out: Float32Array,
): Promise<void> {
  const size = sizeOf(source.shape);
  const block = indices.length * size;
  const images = await readBatch(source, indices, out.subarray(0, block), step);
  for (let i = 0; i < indices.length; i++) {
    const image = pickImages(images, [i]);
    for (let copy = 1; copy <= copies; copy++) {
      const rng = random(seed, "augmix", step, indices[i], copy);
      const start = copy * block + i * size;
      mixed(image, drawMixture(rng, mixtures, mixtures.choices), out.subarray(start, start + size));
    }
  }
}
