import { createHash } from "node:crypto";
import type { FamilyEntry } from "./family.ts";
import { type PartEntry, entryText } from "./own-part.ts";
import type { Study } from "./study.ts";
import type { samplingRule } from "./study-data.ts";

type Always = "data" | "dataSeed" | "model" | "optimizer" | "epochs" | "batchSize" | "selection" | "threads";
type WhereGiven =
  | "mean"
  | "std"
  | "crop"
  | "flip"
  | "schedule"
  | "augmix"
  | "hardest"
  | "unlabelledRatio"
  | "loss"
  | "gradients";

/**
 * Everything that decides the bits of one training run and its scores, and nothing else. Settings that a
 * study need not have are left out where it has none of them.
 */
export interface CellConfig extends Pick<Study, Always>, Partial<Pick<Study, WhereGiven>> {
  /** A name of ours, or a module: what it holds, contents.json says. */
  readonly method: PartEntry;
  /** Null for methods without an alignment term, as is λ. */
  readonly regularizer: PartEntry | null;
  readonly lambda: number | null;
  /** Steps over which λ rises; null without λ. */
  readonly lambdaWarmUp: number | null;
  /** Null for methods that see no views: one run then serves every family. */
  readonly family: FamilyEntry | null;
  readonly seed: number;
  /** How the images were drawn. */
  readonly sampling: typeof samplingRule;
}

/** One training run of a study. */
export interface Cell {
  /** Also the name of its folder: a hash of the config. */
  readonly id: string;
  readonly config: CellConfig;
}

/** A cell is named by its config, so studies that share it share its results. */
export const cellOf = (config: CellConfig): Cell => ({
  id: createHash("sha256").update(canonicalJson(config)).digest("hex").slice(0, 12),
  config,
});

/** As in "rotation rwa-squaredL2 λ=0.1 seed 0". */
export function cellTitle({ config }: Cell, familyName: string | null): string {
  const { method, regularizer, lambda, seed } = config;
  const column = [method, regularizer].flatMap((part) => (part === null ? [] : entryText(part))).join("-");
  const parts = [familyName, column, lambda === null ? null : `λ=${lambda}`, `seed ${seed}`];
  return parts.filter((part) => part !== null).join(" ");
}

/** JSON with the keys of every object in order, so that equal values are equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
