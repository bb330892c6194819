/** How `evaluate` searches a family with a range. */
import { type Command, InvalidArgumentError } from "commander";
import { type EvaluateOptions, evaluateTable } from "../api/index.ts";
import type { Point } from "../augment/index.ts";
import type { RangeSearchOptions } from "../evaluate/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import { numberIn } from "./parse-number.ts";
import { tableOption } from "./table-option.ts";

export interface SearchFlags {
  readonly search?: RangeSearchOptions["search"];
  readonly grid?: readonly number[];
  readonly searchDraws?: number;
  readonly searchStarts?: number;
  readonly searchSteps?: number;
  readonly searchStepSize?: number;
  readonly points?: string;
  readonly sample?: number;
  readonly jobs?: number;
}

export const addSearchOptions = (command: Command): Command =>
  command
    .addOption(tableOption(evaluateTable.search))
    .addOption(tableOption(evaluateTable.grid).argParser(gridCounts))
    .addOption(tableOption(evaluateTable.searchDraws))
    .addOption(tableOption(evaluateTable.searchStarts))
    .addOption(tableOption(evaluateTable.searchSteps))
    .addOption(tableOption(evaluateTable.searchStepSize))
    .addOption(
      tableOption(
        evaluateTable.points,
        "JSON file of points to search: a list of lists, as [[30, 3, -3]]",
      ).argParser((path) => path),
    )
    .addOption(tableOption(evaluateTable.sample))
    .addOption(tableOption(evaluateTable.jobs));

type SearchOptions = RangeSearchOptions & Pick<EvaluateOptions, "jobs">;

/** The options of `evaluate` that the flags are. @throws UsageError for a file of points that cannot be read */
export async function searchOptionsOf(flags: SearchFlags): Promise<SearchOptions> {
  const { points } = flags;
  const named = (
    [
      "search",
      "grid",
      "searchDraws",
      "searchStarts",
      "searchSteps",
      "searchStepSize",
      "sample",
      "jobs",
    ] as const
  ).filter((name) => flags[name] !== undefined);
  return {
    ...Object.fromEntries(named.map((name) => [name, flags[name]])),
    ...(points !== undefined && { points: await readPoints(points) }),
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
