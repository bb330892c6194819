/** A JSON file of outside origin beside a model. */
import { LimitError } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";

/** The parsed file; undefined where there is none. @throws UsageError that names it, LimitError */
export async function jsonBeside(path: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(path, "settingsBytes");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (cause instanceof LimitError) throw cause;
    throw new UsageError(`Cannot read ${path}, beside the model: ${(cause as Error).message}.`, { cause });
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (cause) {
    throw new UsageError(
      `${path}, beside the model, cannot be read as JSON: ${(cause as Error).message}. Write it anew, or move it away from the model.`,
      { cause },
    );
  }
}
