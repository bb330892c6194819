import { StudyFolder, collectStudy, summarize } from "../study/index.ts";
import { toJson } from "../artifacts/index.ts";
import { checkFile, writeOutput } from "./output-path.ts";
import { printNote, printResult } from "./print.ts";
import { type TableFormat, tableFormats } from "./study-tables.ts";

export interface StudyCollectFlags {
  readonly format: TableFormat | "json";
  readonly baseline?: string;
  readonly out?: string;
  readonly verbose?: true;
}

/** `alignreg study collect`. */
export async function collect(
  directory: string,
  { format, baseline, out }: StudyCollectFlags,
): Promise<void> {
  if (out !== undefined) await checkFile(out);
  const result = collectStudy(new StudyFolder(directory), printNote);
  const text = format === "json" ? toJson(result) : tableFormats[format](summarize(result, { baseline }));
  if (out === undefined) await printResult(text);
  else await writeOutput(out, text);
}
