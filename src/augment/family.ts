import { checkLimit, checkString, isArrayLike, isRecord, refuse } from "../options/index.ts";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import type { Interpolation } from "./interpolation.ts";
import type { Meaning } from "./meanings.ts";
import { outputFor } from "./output.ts";
import type { Fill } from "./reflected.ts";
import type { InverseAffine } from "./source-map.ts";

/** One member of a transform family: a label-preserving change of an image. */
export interface Transform {
  /** Unique in its family, e.g. `rotation 15°`. */
  readonly name: string;
  /** All that fixes this member beside the family's name, e.g. `{ degrees: 15 }`; seeds included. */
  readonly parameters: Readonly<Record<string, number>>;
  /**
   * Images [N, C, H, W] in [0, 1] -> the same shape. Each image's result depends on that image alone, so any
   * batching gives the same bits. Writes every element of `out` when given, which must not overlap the input.
   */
  apply(images: ImageBatch, out?: Float32Array): Float32Array;
  /** What it may change of what an image means, so that its label may be wrong; none where it keeps all. */
  readonly mayChangeMeaning?: readonly Meaning[];
}

/** One parameter and where it may lie. */
export interface RangeParameter {
  /** As the family calls it, e.g. `rotation`. */
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** The value that changes nothing, within the range or outside; how far a value is from it says how hard it is. */
  readonly neutral: number;
  /** Values on a grid where nobody says how many. */
  readonly gridValues: number;
  /** Values are whole steps of this size from the neutral one; left out where they are any. */
  readonly step?: number;
}

/** Members that are affine warps, and how: what a search by gradients follows. */
export interface AffineWarps<At> {
  /** The map of the member at a point. */
  readonly inverseAffine: (at: At) => InverseAffine;
  readonly fill: Fill;
  readonly interpolation: Interpolation;
}

/** The box of a continuous family. Its members are a fixed sample; training and tests go into the box itself. */
export interface Ranges {
  readonly parameters: readonly RangeParameter[];
  /** Views that are drawn of each image in each step of training. */
  readonly draws: number;
  /** The member at a point: one value for each parameter, in their order. */
  at(values: readonly number[]): Transform;
  /** Where all members are affine warps; left out for all others. */
  readonly warps?: AffineWarps<readonly number[]>;
}

/** The set A = {a0 = identity, a1 … aK} over which augmentation draws and the worst case is taken. */
export interface TransformFamily {
  readonly name: string;
  /** Unit of the members' parameters, for axis labels, e.g. `degrees, counter-clockwise`. */
  readonly unit: string;
  /** a0 … aK; a0 is the identity. */
  readonly members: readonly Transform[];
  /** Where the family is continuous: what training draws from and tests search; `members` are then a fixed sample. */
  readonly ranges?: Ranges;
  /** The files of a user's own that it comes from: path, as it was given, to SHA-256. */
  readonly modules?: Readonly<Record<string, string>>;
  /** The specification that makes it again, as a file can hold it; none where functions of a user's own are in it. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** What made it, and its parts: what `defineFamily` gave. */
  readonly madeBy?: readonly object[];
}

/** a0: a copy of the images. */
export const identity: Transform = {
  name: "identity",
  parameters: {},
  apply(images, out) {
    const copy = outputFor(images, out);
    copy.set(images.data);
    return copy;
  },
};

/**
 * A family of the identity, put first, and `transforms` (a1 … aK).
 *
 * @param options  of a family that can be named: all that makes it again
 * @throws UsageError when there are no transforms, or two members share a name
 */
export function family(
  name: string,
  unit: string,
  transforms: readonly Transform[],
  options?: Readonly<Record<string, unknown>>,
): TransformFamily {
  checkString("family", "name", name);
  if (typeof unit !== "string") refuse("family", "unit", unit, "a string");
  if (!isArrayLike(transforms)) refuse("family", "transforms", transforms, "a list of members");
  for (const [i, member] of (transforms as readonly unknown[]).entries()) {
    if (isRecord(member) && typeof member.name === "string" && typeof member.apply === "function") continue;
    refuse("family", `member ${i + 1}`, member, "{ name, parameters, apply }");
  }
  if (transforms.length === 0) {
    throw new UsageError(
      `Transform family "${name}" has no members beside the identity. Give it one or more transforms.`,
    );
  }
  checkLimit("members", transforms.length, `The transform family "${name}"`);
  const members = [identity, ...transforms];
  const repeated = firstRepeated(members.map((member) => member.name));
  if (repeated !== undefined) {
    throw new UsageError(
      `Transform family "${name}" has two members named "${repeated}". ` +
        `Name each member once; the identity is added by itself.`,
    );
  }
  return { name, unit, members, ...(options && { spec: { [name]: options } }) };
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
