import { LimitError } from "../options/index.ts";
import { DataError } from "./errors.ts";
import { mapConcurrently } from "./map-concurrently.ts";

/** Files that a message names. */
const most = 20;

/**
 * `use` of every file, at most `limit` at a time; files that cannot be read are all found before the error.
 *
 * @throws DataError that names them
 */
export async function eachFile<Result>(
  files: readonly string[],
  limit: number,
  use: (file: string, index: number) => Promise<Result>,
): Promise<Result[]> {
  const failed = new Map<number, DataError>();
  const results = await mapConcurrently(files, limit, async (file, index) => {
    try {
      return await use(file, index);
    } catch (error) {
      if (!(error instanceof DataError) || error.cause instanceof LimitError) throw error;
      failed.set(index, error);
      return undefined as never;
    }
  });
  if (failed.size === 0) return results;
  const errors = [...failed].sort(([a], [b]) => a - b).map(([, error]) => error);
  if (errors.length === 1) throw errors[0];
  const reasons = errors
    .slice(0, most)
    .map(({ message }) => message.replace(/ Replace it or take it out.*$/s, ""));
  const rest = errors.length > most ? ` And ${errors.length - most} more.` : "";
  throw new DataError(
    `${errors.length} files cannot be read. ${reasons.join(" ")}${rest} Replace them or take them out of the folder.`,
    { cause: errors[0] },
  );
}
