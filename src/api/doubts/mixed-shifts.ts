import {
  type FamilyName,
  type MixOperationName,
  type Mixtures,
  type ParsedSpec,
  type TransformFamily,
  parseSpec,
  specOf,
} from "../../augment/index.ts";

/** Of AugMix's operations those that are shifts of a family of ours too. */
const families: Partial<Record<MixOperationName, FamilyName>> = {
  rotate: "rotation",
  "shear-x": "shear",
  "shear-y": "shear",
  "translate-x": "translate",
  "translate-y": "translate",
};

/**
 * Chains that are made of what the model is tested under: its scores are then no longer of shifts that it has never seen.
 *
 * @param tested  the family that validation and tests are under
 */
export function mixedShiftsDoubts(mixtures: Mixtures, tested: TransformFamily): string[] {
  const met = new Set(mixtures.family ? namesIn(mixtures.family) : Object.values(families));
  const common = [...new Set(namesIn(tested))].filter((name) => met.has(name));
  if (common.length === 0) return [];
  const chains = mixtures.family ? `the operations given (${mixtures.family.name})` : "AugMix's operations";
  return [
    `The chains of augmix are made of ${chains}, and ${tested.name}, which the model is tested under, is of the same kind ` +
      `(${common.join(", ")}): scores under it are not of shifts that the model has never seen.`,
  ];
}

/** The families that a family is made of; of one without a specification its members' names. */
function namesIn(family: TransformFamily): string[] {
  const spec = specOf(family);
  return spec === undefined ? family.members.slice(1).map(({ name }) => name) : namesOf(parseSpec(spec));
}

const namesOf = (spec: ParsedSpec): string[] =>
  "family" in spec
    ? [spec.family]
    : "module" in spec
      ? [spec.module]
      : ("union" in spec ? spec.union : spec.compose).flatMap(namesOf);
