import { type OptionTable, checkOptions, truth, whole } from "../options/index.ts";

/** What every check takes. */
export interface CheckOptions {
  /** Of the numbers that it is tried with (default 0). */
  seed?: number;
  /** Whether a plug-in that is not as it must be is an error, `ConformanceError` (default false). */
  throws?: boolean;
}

export const checkRows = {
  seed: whole({ description: "of the numbers that it is tried with", default: 0 }, 0),
  throws: truth({ description: "whether what does not hold is an error", default: false }),
} satisfies OptionTable<CheckOptions>;

/** @throws UsageError for options that it does not take */
export function checked<Options extends object>(
  where: string,
  table: OptionTable<Options>,
  options: Options,
): Options {
  checkOptions(where, table, options);
  return options;
}
