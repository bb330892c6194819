/** What the comparison found: docs/results/photographs.json, of which docs/photographs.md is made. */
import { z } from "zod";
import { jsonFile } from "../../src/artifacts/index.ts";

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** Scores of a cell: fractions, with the 95 % intervals of the test procedure (over images). */
export const scoresSchema = z.object({
  clean: interval,
  robust: interval,
  invariance: interval,
});
export type CellScores = z.infer<typeof scoresSchema>;

const keyed = {
  shift: z.string(),
  head: z.union([z.literal("linear"), z.int().positive()]),
  row: z.string(),
};

const recordSchema = z.object({
  date: z.string(),
  alignreg: z.string(),
  settings: z.record(z.string(), z.unknown()),
  training: z.record(z.string(), z.unknown()),
  /** λ that were tried: means over the splits, on what was set aside. */
  choices: z.array(
    z.object({
      ...keyed,
      chosen: z.number(),
      tried: z.array(
        z.object({ lambda: z.number(), clean: z.number(), robust: z.number(), invariance: z.number() }),
      ),
    }),
  ),
  /** A training and its test each. */
  results: z.array(
    z.object({ ...keyed, lambda: z.number().nullable(), seed: z.int(), scores: scoresSchema }),
  ),
});
export type PhotographsRecord = z.infer<typeof recordSchema>;
export type Result = PhotographsRecord["results"][number];

export const recordFile = jsonFile({
  version: 1,
  schema: recordSchema,
  advice: "Make it anew: npm run photographs.",
});
