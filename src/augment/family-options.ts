import type { FamilyName, families } from "./families.ts";

/** What an option holds, as a specification gives it. */
export type OptionKind = "numbers" | "number";

type Options<Name extends FamilyName> = Required<NonNullable<Parameters<(typeof families)[Name]>[0]>>;

type KindOf<Value> = Value extends number ? "number" : "numbers";

/**
 * The options of every family's constructor, for specifications in files and on the command line. The list of
 * numbers makes the members: `rotation:15,30` fills it.
 */
export const familyOptions: {
  readonly [Name in FamilyName]: {
    readonly [Option in keyof Options<Name>]: KindOf<Options<Name>[Option]>;
  };
} = {
  texture: { radii: "numbers" },
  rotation: { degrees: "numbers" },
  contrast: { scales: "numbers" },
  translate: { shares: "numbers" },
  scale: { factors: "numbers" },
  shear: { degrees: "numbers" },
  blur: { sigmas: "numbers" },
  noise: { standardDeviations: "numbers", seed: "number" },
  cutout: { shares: "numbers", seed: "number" },
  brightness: { factors: "numbers" },
  saturation: { factors: "numbers" },
  hue: { turns: "numbers" },
  "package-rotation": { degrees: "numbers" },
  "package-contrast": { factors: "numbers" },
  "package-contrast-tensorflow": { factors: "numbers" },
  "package-saturation-tensorflow": { factors: "numbers" },
};

/** The option of a family that is a list of numbers; undefined when it has none. */
export const listOptionOf = (name: FamilyName): string | undefined =>
  Object.entries<OptionKind>(familyOptions[name]).find(([, kind]) => kind === "numbers")?.[0];
