/** Fails unless a study's folder has every cell of the paper's table done: `npx tsx scripts/check-smoke.ts DIR`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const resultSchema = z.object({
  families: z.array(z.string()),
  columns: z.array(z.object({ id: z.string() })),
  cells: z.array(
    z.object({ family: z.string(), column: z.string(), runs: z.array(z.object({ scores: z.unknown() })) }),
  ),
});

const path = join(process.argv[2], "results.json");
const { families, columns, cells } = resultSchema.parse(JSON.parse(readFileSync(path, "utf8")));
const missing = families.flatMap((family) =>
  columns.flatMap(({ id }) => {
    const runs = cells.find((cell) => cell.family === family && cell.column === id)?.runs ?? [];
    return runs.length > 0 && runs.every(({ scores }) => scores) ? [] : [`${family}/${id}`];
  }),
);
const verdict = families.length === 3 && columns.length === 15 && missing.length === 0 ? "holds" : "FAILS";
console.log(
  `${verdict}: ${columns.length} columns × ${families.length} families, missing: ${missing.join(", ") || "none"}`,
);
if (verdict === "FAILS") process.exitCode = 1;
