/** Keras' files among the fixtures, and images for them. */
import { join } from "node:path";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { random, sizeOf } from "../src/tensor/index.ts";

/** A file or folder of test/fixtures/keras. */
export const kerasFixture = (name: string): string => join(import.meta.dirname, "fixtures", "keras", name);

/** The model "sequential" in every form that it was saved in. */
export const sequentialForms = [
  "sequential.keras",
  "sequential.h5",
  "sequential.keras2.h5",
  "sequential.keras2.tfjs",
  "sequential.keras3.tfjs",
] as const;

/** Noise whose level tells the class. */
export function noisyLevels(
  shape: readonly [number, number, number],
  classes: number,
  count: number,
  seed = 1,
): Dataset {
  const rng = random(seed, "noisy levels");
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  return datasetFromArrays({
    name: "noisy levels",
    shape,
    pixels: labels.flatMap((label) =>
      Array.from({ length: sizeOf(shape) }, () => Math.floor((label * 150) / classes) + rng.integer(100)),
    ),
    labels,
    classNames: labels.slice(0, classes).map((label) => `level ${label}`),
  });
}
