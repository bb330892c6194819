/** What an export lost: the model and what was written of it, tested on the same pictures. */
import { type EvaluateOptions, evaluate, loadFamily, modelImages, readHeldOut } from "../api/index.ts";
import { type Split, sampleCount } from "../data/index.ts";
import type { Interval, Scores } from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";
import { terminalTable } from "../report/index.ts";
import { counted, percent } from "./format.ts";
import { printNote, printResult, printStatus } from "./print.ts";
import { readTestData } from "./split-options.ts";

export interface ExportTestFlags {
  readonly data?: string;
  readonly split?: Split;
  readonly transforms?: string;
  readonly limit?: number;
}

/** What only a test takes. @throws UsageError where it is given without data */
export function checkTestFlags({ data, split, transforms, limit }: ExportTestFlags): void {
  const lone = Object.entries({ split, transforms, limit }).find(([, value]) => value !== undefined);
  if (data !== undefined || !lone) return;
  throw new UsageError(`--${lone[0]} is for a test on --data. Give the data, or leave it out.`);
}

/**
 * Prints the accuracies of both, clean and robust.
 *
 * @param model  as it was before
 * @param name   its path, or the name of a backbone
 * @param path   what was written
 * @param stated  what was said of the model, and is in the export
 */
export async function testExport(
  model: Classifier | string,
  name: string,
  path: string,
  flags: ExportTestFlags & { readonly data: string },
  stated: EvaluateOptions,
): Promise<void> {
  const { split = "test" } = flags;
  const transforms = await loadFamily(flags.transforms ?? "rotation");
  const heldOut = await readHeldOut(name);
  const scoresOf = async (tested: Classifier | string, at: string, options: EvaluateOptions) => {
    const data = await readTestData(flags, split, heldOut, (await modelImages(at)) ?? undefined);
    printStatus(`Testing ${at} on ${counted(sampleCount(data), "image")} (${data.name})`);
    return evaluate(tested, data, { transforms, ...options });
  };
  const before = await scoresOf(model, name, { ...stated, onNote: printNote });
  // The notes are the same.
  const after = await scoresOf(path, path, { onNote: () => undefined });
  await printResult(
    terminalTable(
      ["model", "clean %", "95 % interval", "robust %", "95 % interval"],
      [
        [name, ...cells(before)],
        [path, ...cells(after)],
      ],
      { numbersFrom: 1 },
    ),
  );
}

const cells = ({ cleanAccuracy, robustAccuracy }: Scores): string[] =>
  [cleanAccuracy, robustAccuracy].flatMap(({ value, low, high }: Interval) => [
    percent(value),
    `[${percent(low)}, ${percent(high)}]`,
  ]);
