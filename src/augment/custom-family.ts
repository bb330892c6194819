import { checkFunction, checkRecord, checkString, kindOf, refuse, shown } from "../options/index.ts";
import { type ImageBatch, UsageError, ownArray } from "../tensor/index.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { outputFor } from "./output.ts";

/**
 * A user's own change of images: [N, C, H, W] in [0, 1] -> N·C·H·W values in the same order. It must keep the
 * label, and each image's result must depend on that image alone. The images are a copy: they may be written, and
 * be the result.
 */
export type ImageFunction = (images: ImageBatch) => Float32Array;

/**
 * A family of the user's own functions, named by their keys. Each result is checked when it is made.
 *
 * @example
 * const mirrored = customFamily("mirror", {
 *   mirrored: ({ data, shape: [, , , width] }) =>
 *     data.map((_, i) => data[i - (i % width) + (width - 1 - (i % width))]),
 * });
 *
 * @throws UsageError when there are no functions or one is named "identity"; when applied, UsageError that names the
 *         member that fails, or whose result is no Float32Array, of another length, or not finite
 */
export function customFamily(
  name: string,
  members: Readonly<Record<string, ImageFunction>>,
  unit = "",
): TransformFamily {
  const where = "customFamily";
  checkString(where, "name", name);
  checkRecord(where, "members", members, "a record of functions by the members' names");
  for (const [member, change] of Object.entries(members)) checkFunction(where, `member ${member}`, change);
  if (typeof unit !== "string") refuse(where, "unit", unit, "a string");
  return family(
    name,
    unit,
    Object.entries(members).map(([member, change]) => customMember(name, member, change)),
  );
}

/** A function as a transform that checks what it gives. @throws UsageError as {@link customFamily} says, when applied */
export function customMember(familyName: string, name: string, change: ImageFunction): Transform {
  return {
    name,
    parameters: {},
    apply(images, out) {
      const target = outputFor(images, out);
      const member = `Member "${name}" of the transform family "${familyName}"`;
      let result: unknown;
      try {
        result = ownArray(change({ data: images.data.slice(), shape: images.shape }) as unknown);
      } catch (cause) {
        throw new UsageError(`${member} failed: ${(cause as Error).message}`, { cause });
      }
      if (!(result instanceof Float32Array)) {
        throw new UsageError(`${member} gave ${given(result)}. Return a Float32Array of the new images.`);
      }
      if (result.length !== target.length) {
        throw new UsageError(
          `${member} gave ${result.length} values for images of shape [${images.shape}]. ` +
            `Return ${target.length}: the same shape.`,
        );
      }
      const bad = result.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        const image = Math.floor(bad / (target.length / images.shape[0]));
        throw new UsageError(`${member} gave ${result[bad]} in image ${image}. Return finite numbers.`);
      }
      target.set(result);
      return target;
    },
  };
}

const given = (value: unknown): string =>
  typeof value === "object" && value !== null ? `a value of class ${kindOf(value)}` : shown(value);
