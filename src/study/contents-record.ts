import { DamagedFileError } from "../artifacts/index.ts";
import { type OnNote, UsageError } from "../tensor/index.ts";
import { contentsFile } from "./state-files.ts";

/** What files behind a study's settings hold: cells are named by the settings alone, and files may change. */
export interface Contents {
  /** The settings that decide which files are meant. */
  readonly settings: string;
  /** Hash by what it is of, as in "test images". */
  readonly sha256: Readonly<Record<string, string>>;
}

/**
 * Notes in `file` what the settings mean. A damaged record says nothing; it is written anew, which `onNote` hears.
 *
 * @throws UsageError when the same settings meant something else before: old and new cells would be mixed
 */
export async function recordContents(
  file: string,
  contents: readonly Contents[],
  onNote: OnNote,
): Promise<void> {
  const record = new Map(Object.entries(recorded(file, onNote)));
  for (const { settings, sha256 } of contents) {
    const before = new Map(Object.entries(record.get(settings) ?? {}));
    const changed = Object.keys(sha256).filter(
      (what) => before.has(what) && before.get(what) !== sha256[what],
    );
    if (changed.length > 0) {
      throw new UsageError(
        `Not as they were when this folder was begun: ${changed.join(", ")}. Files or settings have changed, or the ` +
          `study's file lies elsewhere. Choose another --out, so that results do not mix.`,
      );
    }
    record.set(settings, { ...Object.fromEntries(before), ...sha256 });
  }
  await contentsFile.write(file, { settings: Object.fromEntries(record) });
}

function recorded(file: string, onNote: OnNote): Record<string, Record<string, string>> {
  try {
    return contentsFile.read(file)?.settings ?? {};
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    onNote(error.message);
    return {};
  }
}
