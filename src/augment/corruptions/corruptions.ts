import { type OptionTable, shown, tested } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "../define-family.ts";
import type { Transform } from "../family.ts";
import { familySeed, memberValues } from "../member-options.ts";
import { type CorruptionName, type CorruptionSet, benchmark, cifar, extra, imagenet } from "./constants.ts";
import { corrupted } from "./corrupted.ts";

export interface CorruptionsOptions {
  /** Which (default: the 15 of the benchmark, without the 4 that its authors choose hyperparameters on). */
  readonly names?: readonly CorruptionName[];
  /** Whole numbers from 1 to 5. */
  readonly severities?: readonly number[];
  /** Another seed draws other noise, weather and movements for every image; default 0. */
  readonly seed?: number;
}

/** All that can be named. */
export const corruptionNames: readonly CorruptionName[] = [...benchmark, ...extra];

const areNames = (value: unknown): value is readonly CorruptionName[] =>
  Array.isArray(value) && value.every((name) => corruptionNames.includes(name as CorruptionName));

/** The rows of {@link CorruptionsOptions}. */
export const corruptionsOptions = {
  names: tested<readonly CorruptionName[], { description: string; default: readonly CorruptionName[] }>(
    areNames,
    `a list of: ${corruptionNames.join(", ")}`,
    { description: "which corruptions", default: benchmark },
  ),
  severities: memberValues({ description: "whole numbers from 1 to 5", default: [1, 2, 3, 4, 5] }),
  seed: familySeed,
} satisfies OptionTable<CorruptionsOptions>;

/**
 * The common corruptions of Hendrycks & Dietterich (ICLR 2019) with ImageNet-C's constants, a member for each corruption and severity.
 * They are meant for images of about 224 pixels; those of 32 have {@link cifarCorruptions}. What is drawn follows from the seed, the
 * member and the image's own pixels; results are clipped to [0, 1]. Frost is made, not photographed, and JPEG is what its quantization
 * loses: ImageNet-C's own files were stored as JPEG, too.
 */
export const corruptions: FamilyMaker<CorruptionsOptions> = defineFamily({
  name: "corruptions",
  unit: "severity, 1 to 5",
  options: corruptionsOptions,
  members: (given) => membersOf("corruptions", imagenet, given),
});

/** The same with the constants of CIFAR-10-C, whose results are whole bytes, rounded down. */
export const cifarCorruptions: FamilyMaker<CorruptionsOptions> = defineFamily({
  name: "corruptions-cifar",
  unit: "severity, 1 to 5",
  options: corruptionsOptions,
  members: (given) => membersOf("corruptions-cifar", cifar, given, (value) => Math.floor(255 * value) / 255),
});

function membersOf(
  family: string,
  set: CorruptionSet,
  { names, severities, seed }: Required<CorruptionsOptions>,
  stored?: (value: number) => number,
): Transform[] {
  for (const severity of severities) {
    if (Number.isInteger(severity) && severity >= 1 && severity <= 5) continue;
    throw new UsageError(
      `There is no severity ${shown(severity)} of "${family}". Give whole numbers from 1 to 5.`,
    );
  }
  return names.flatMap((corruption) =>
    severities.map((severity) =>
      corrupted(
        `${corruption} severity ${severity}`,
        { severity, corruption: corruptionNames.indexOf(corruption), seed },
        set[corruption][severity - 1],
        stored,
      ),
    ),
  );
}
