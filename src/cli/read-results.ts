/** What `alignreg evaluate --json` wrote, for a card. */
import { z } from "zod";
import type { CardResults } from "../api/index.ts";
import { readRegular } from "../outside/index.ts";
import { testRecordSchema } from "../report/index.ts";
import { UsageError } from "../tensor/index.ts";

const error = z.object({ before: z.number(), after: z.number().nullable() });

/** Files of earlier versions have no calibration. */
const resultsSchema = testRecordSchema.extend({
  calibration: z
    .object({ bins: z.number(), temperature: z.number().nullable(), clean: error, shifted: error })
    .optional(),
});

/** @throws UsageError for a file that cannot be read or is none of these */
export async function readResults(path: string): Promise<CardResults> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await readRegular(path, "settingsBytes")));
  } catch (cause) {
    throw new UsageError(`Cannot read the results ${path}: ${(cause as Error).message}. ${advice}`, {
      cause,
    });
  }
  const read = resultsSchema.safeParse(json);
  if (read.success) return read.data;
  const [{ path: place, message }] = read.error.issues;
  throw new UsageError(
    `${path} does not hold the results of a test (${message} at ${place.map(String).join(".") || "its top"}). ${advice}`,
    { cause: read.error },
  );
}

const advice = "Give the file that alignreg evaluate --json wrote.";
