import { stringify } from "csv-stringify/sync";
import { csvText } from "../../text/index.ts";
import { bestColumns } from "./printed.ts";
import { type StudySummary, scoreNames } from "./record.ts";

/** Stands where there is no number; pandas and R read it as missing. */
const absent = "NA";

/**
 * The study as tidy CSV (RFC 4180 but with plain line feeds): a header, then a row per family, column and score.
 * Numbers are fractions at full precision, `NA` where there are none; `missing` says why.
 */
export function renderStudyCsv({ name: study, families, seeds, baseline }: StudySummary): string {
  const rows = families.flatMap((family) =>
    family.columns.flatMap((column) =>
      scoreNames.map((score) => {
        const summary = column.scores?.[score];
        const difference = summary?.difference;
        const row = {
          study,
          family: family.family,
          column: column.column,
          label: column.label,
          method: column.method,
          regularizer: column.regularizer,
          lambda: column.lambda,
          score,
          mean: summary?.mean,
          standardDeviation: summary?.standardDeviation,
          seeds: column.seeds,
          seedsPlanned: seeds.length,
          best: summary && bestColumns(family, score).has(column.column),
          baseline: baseline.column,
          difference: difference?.mean,
          differenceStandardDeviation: difference?.standardDeviation,
          differenceLow: difference?.interval?.low,
          differenceHigh: difference?.interval?.high,
          differenceSeeds: difference?.count,
          pValue: difference?.pValue,
          holmPValue: difference?.holmPValue,
          missing: column.missing.join("; ") || null,
        };
        return Object.fromEntries(
          Object.entries(row).map(([key, value]) => [
            key,
            typeof value === "string" ? csvText(value) : (value ?? absent),
          ]),
        );
      }),
    ),
  );
  return stringify(rows, { header: true, cast: { boolean: String } });
}
