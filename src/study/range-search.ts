/** How a study's tests search the families that have a range. */
import { checkRangeSearch } from "../api/index.ts";
import { type RangedFamily, type TransformFamily, hasRanges } from "../augment/index.ts";
import { type RangeSearchOptions, rangeSearchTable } from "../evaluate/index.ts";
import { UsageError } from "../tensor/index.ts";
import { canonicalJson } from "./cell.ts";
import type { Contents } from "./contents-record.ts";
import type { Study } from "./study.ts";

const names = Object.keys(rangeSearchTable) as (keyof RangeSearchOptions)[];

/** The settings that the study's file gives. */
export const searchOf = (study: Study): RangeSearchOptions =>
  Object.fromEntries(names.filter((name) => study[name] !== undefined).map((name) => [name, study[name]]));

/**
 * Finds out whether every family with a range can be searched so. Cells are named without these settings, which change
 * scores alone: the folder's record keeps one folder to one way.
 *
 * @param tested  all families that the study tests under
 * @throws UsageError for settings that no family has a use for, or one cannot be searched by
 */
export function searchContents(study: Study, tested: readonly TransformFamily[]): readonly Contents[] {
  const search = searchOf(study);
  const ranged = tested.filter((family): family is RangedFamily => hasRanges(family));
  const given = Object.keys(search);
  if (ranged.length === 0 && given.length > 0) {
    throw new UsageError(
      `${given.join(" and ")} would change nothing, as no family of the study has a range. Leave ` +
        `${given.length > 1 ? "them" : "it"} out, or give a range, as rotation:-30..30.`,
    );
  }
  for (const family of ranged) checkRangeSearch(family, search);
  if (ranged.length === 0) return [];
  return [{ settings: "search of ranges", sha256: { "how ranges are searched": canonicalJson(search) } }];
}
