/** Which of a model's parameters are a new head's: its metadata say so. */
import { namesIn } from "./stated.ts";

/** Key of a file's metadata: a JSON list of names. */
export const headKey = "alignreg.head";

/**
 * Names of the initializers of a head that `withNewHead` made, by the file's metadata; none where they name none.
 *
 * @throws UsageError for a list that cannot be read
 */
export const headNames = (metadata: Readonly<Record<string, string>> = {}): ReadonlySet<string> =>
  Object.hasOwn(metadata, headKey) ? namesIn(metadata[headKey], headKey) : new Set();
