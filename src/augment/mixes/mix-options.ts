import { type OptionTable, number, tested, whole } from "../../options/index.ts";
import { isFamily } from "../check-family.ts";
import type { Transforms } from "../transforms.ts";
import { LEAST } from "./mixture.ts";

/** How the mixtures of method "augmix" are made. */
export interface AugmixOptions {
  /** The upper end of the levels that operations are drawn at, from 0.1 (default 3); at 10 they are at their strongest. */
  severity?: number;
  /** Chains in a mixture (default 3). */
  width?: number;
  /** Operations of a chain (default: 1, 2 or 3 by chance). */
  depth?: number;
  /**
   * What chains are made of in place of AugMix's nine operations: a family, or a specification of one. Each of its members
   * but the identity is drawn alike.
   */
  operations?: Transforms;
}

export const augmixOptions = {
  severity: number(
    { least: LEAST, most: 10 },
    {
      description: "upper end of the levels that augmix draws",
      default: 3,
      flag: "--augmix-severity <x>",
      alias: ["augSeverity", "level"],
    },
  ),
  width: whole({
    description: "chains in a mixture of augmix",
    default: 3,
    flag: "--augmix-width <n>",
    alias: ["mixtureWidth", "chains"],
  }),
  depth: whole({
    description: "operations of a chain of augmix",
    otherwise: "1, 2 or 3 by chance",
    flag: "--augmix-depth <n>",
    alias: ["mixtureDepth"],
  }),
  operations: tested<Transforms>(
    (value) => isFamily(value) || typeof value === "string" || (typeof value === "object" && value !== null),
    "a family of transforms, or a specification of one",
    {
      description: "family that the chains of augmix are made of",
      otherwise: "AugMix's nine operations",
      flag: "--augmix-operations <family>",
      alias: ["ops", "transforms"],
    },
  ),
} satisfies OptionTable<AugmixOptions>;
