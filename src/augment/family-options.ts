import type { AnyTable } from "../options/index.ts";
import type { FamilyMaker } from "./define-family.ts";
import { type FamilyName, families } from "./families.ts";
import { rangedRows } from "./ranges/member-range.ts";

const withoutRange = (options: AnyTable): AnyTable =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(rangedRows, name)));

/**
 * The options of every family's constructor, beside a range. The list of numbers makes the members: `rotation:15,30` fills it.
 */
export const familyOptions = Object.fromEntries(
  Object.entries(families).map(([name, { options, range }]: [string, FamilyMaker]) => [
    name,
    range ? withoutRange(options) : options,
  ]),
) as Readonly<Record<FamilyName, AnyTable>>;

/** The options of a family, by its name. */
export const optionsOf = (name: FamilyName): AnyTable => familyOptions[name];

/** The option of a family that is a list of numbers; undefined when it has none. */
export const listOptionOf = (name: FamilyName): string | undefined =>
  Object.entries(optionsOf(name)).find(([, { needed }]) => needed === "a list of numbers")?.[0];
