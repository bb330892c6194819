import { isReadAsClass } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { DataFlags } from "./data-options.ts";

/**
 * Checks that folders to write lie where the data's classes do not: the next run would read them as classes.
 *
 * @param folders  by flag; what is no path is none
 * @throws UsageError that names the first
 */
export async function checkApart(
  { data, labels }: Pick<DataFlags, "data" | "labels">,
  folders: Readonly<Record<string, string | false | undefined>>,
): Promise<void> {
  // With a file of labels folders are no classes.
  if (labels !== undefined) return;
  for (const [flag, folder] of Object.entries(folders)) {
    if (typeof folder === "string" && (await isReadAsClass(data, folder))) {
      throw new UsageError(
        `${flag} ${folder} lies among the class folders of ${data}, and would be read as one of them the next time. Give a ` +
          `folder outside it.`,
      );
    }
  }
}
