/** What a run of the benchmark writes, and pictures and tables are made from. */
import { z } from "zod";

const rowSchema = z.object({
  workload: z.string(),
  contender: z.string(),
  unit: z.enum(["ms", "MiB"]),
  median: z.number(),
  min: z.number(),
  /** How many values the median is of. */
  n: z.number(),
  /** The contender's median over ours; null for ourselves. */
  ratio: z.number().nullable(),
  /** The numbers by which contenders were compared. */
  check: z.record(z.string(), z.number()),
  growth: z.object({ series: z.string(), of: z.string(), value: z.number() }).nullable(),
});
export type Row = z.infer<typeof rowSchema>;

export const recordSchema = z.object({
  date: z.string(),
  machine: z.string(),
  /** A line for each who took part, and for each who could not. */
  versions: z.array(z.string()),
  rounds: z.number(),
  threads: z.number(),
  rows: z.array(rowSchema),
});
export type BenchRecord = z.infer<typeof recordSchema>;
