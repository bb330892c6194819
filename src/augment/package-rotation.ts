import type { OptionTable } from "../options/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import { meaningsOfTurn } from "./meanings.ts";
import { type RotationOptions, rotation } from "./rotation.ts";
import { memberValues } from "./member-options.ts";

/** The row of {@link RotationOptions} with its default here. */
export const packageRotationOptions = {
  degrees: memberValues({
    description: "angles, counter-clockwise as seen on screen; none a whole turn",
    default: [-15, -30, -45, -60],
  }),
} satisfies OptionTable<Pick<RotationOptions, "degrees">>;

/**
 * The rotations among the defaults of the Python package `alignreg` 1.0 (PyTorch): the paper's angles, clockwise.
 * They are bilinear, as every rotation here; the package calls torchvision's `rotate` with its default, the nearest
 * pixel.
 */
export const packageRotation: FamilyMaker<Pick<RotationOptions, "degrees">> = defineFamily({
  name: "package-rotation",
  unit: "degrees, counter-clockwise",
  options: packageRotationOptions,
  members: (given) => rotation(given).members.slice(1),
  mayChangeMeaning: ({ parameters: { degrees } }) => meaningsOfTurn(degrees),
});
