/** How `evaluate` searches a family with a range. */
import { type Command, InvalidArgumentError } from "commander";
import { evaluateTable } from "../api/index.ts";
import type { Point } from "../augment/index.ts";
import type { RangeSearchOptions } from "../evaluate/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import { numberIn } from "./parse-number.ts";
import { tableOption } from "./table-option.ts";

export interface SearchFlags {
  readonly search?: "grid" | "random";
  readonly grid?: readonly number[];
  readonly searchDraws?: number;
  readonly points?: string;
  readonly sample?: number;
}

export const addSearchOptions = (command: Command): Command =>
  command
    .addOption(tableOption(evaluateTable.search))
    .addOption(tableOption(evaluateTable.grid).argParser(gridCounts))
    .addOption(tableOption(evaluateTable.searchDraws))
    .addOption(
      tableOption(evaluateTable.points, "JSON file of points to search: a list of lists, as [[30, 3, -3]]"),
    )
    .addOption(tableOption(evaluateTable.sample));

/** The options of `evaluate` that the flags are. @throws UsageError for a file of points that cannot be read */
export async function searchOptionsOf(flags: SearchFlags): Promise<RangeSearchOptions> {
  const { search, grid, searchDraws, points, sample } = flags;
  return {
    ...(search && { search }),
    ...(grid && { grid }),
    ...(searchDraws !== undefined && { searchDraws }),
    ...(points !== undefined && { points: await readPoints(points) }),
    ...(sample !== undefined && { sample }),
  };
}

async function readPoints(path: string): Promise<readonly Point[]> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await readRegular(path, "settingsBytes")));
  } catch (cause) {
    throw new UsageError(`The points in ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (Array.isArray(value)) return value as readonly Point[];
  throw new UsageError(
    `The file ${path} holds no list of points. Give a JSON list of points, each a list of a value for each parameter, as [[30, 3, -3]].`,
  );
}

/** `31,5,5`: values on the grid. */
function gridCounts(text: string): number[] {
  const counts = text.split(",").map((part) => numberIn(part.trim()));
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 1)) return counts;
  throw new InvalidArgumentError(
    "Give a whole number for each parameter, with commas between, as in 31,5,5.",
  );
}
