import { join } from "node:path";
import type { Command } from "commander";
import type { MethodName } from "../align/index.ts";
import { type Manifest, evaluate, fit, fitTable, saveClassifier, usualLength } from "../api/index.ts";
import { rotation } from "../augment/index.ts";
import { type ImageSource, openData, sample, sampleCount } from "../data/index.ts";
import { type Classifier, lenet } from "../models/index.ts";
import {
  type MethodResult,
  type ReportRecord,
  methodLabel,
  renderReport,
  renderTable,
} from "../report/index.ts";
import { Notes, type OnNote } from "../tensor/index.ts";
import { terminalLine } from "../text/index.ts";
import { commandLine, typed } from "./command-line.ts";
import { counted } from "./format.ts";
import { type Lock, toJson } from "../artifacts/index.ts";
import { checkFolder, writeOutput } from "./output-path.ts";
import { inLockedFolder } from "./locked-folder.ts";
import { wholeNumber } from "./parse-number.ts";
import { printNote, printSummary, printStatus } from "./print.ts";
import { tableOption } from "./table-option.ts";
import { showTest, showTraining } from "./training-progress.ts";
import { withProgress } from "./with-progress.ts";
import { worstViews } from "./worst-views.ts";

interface Flags {
  readonly epochs: number;
  readonly limit?: number;
  readonly seed: number;
  readonly out: string;
  readonly verbose?: true;
}

const compared = [
  { method: "base", regularizer: null, lambda: null },
  { method: "rwa", regularizer: "squaredL2", lambda: 0.1 },
] as const satisfies readonly (Pick<MethodResult, "regularizer" | "lambda"> & { method: MethodName })[];

const examples = `
Examples:
  alignreg demo
  alignreg demo --limit 5000 --epochs 1 --out /tmp/demo        a quick look

Writes results.json, report.html, base.onnx and rwa.onnx (each with a classifier.json of its name) to the folder --out, over those of an
earlier demo.`;

export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("train LeNet on MNIST the plain way and aligned, test both, and write a report")
    .addOption(tableOption({ ...fitTable.epochs, otherwise: undefined, default: usualLength.epochs }))
    .option("--limit <n>", "use only n training and n test images, drawn from all classes", wholeNumber(1))
    .addOption(tableOption(fitTable.seed, "decides weights and data order"))
    .option("--out <dir>", "folder to write to", "runs/demo")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(demo);
}

async function demo(flags: Flags): Promise<void> {
  await checkFolder(flags.out);
  await inLockedFolder(flags.out, "alignreg demo", (lock) => demoIn(flags, lock));
}

async function demoIn(flags: Flags, lock: Lock): Promise<void> {
  const limited = (data: ImageSource) => (flags.limit === undefined ? data : sample(data, flags.limit));
  const train = limited(await openData("mnist", "train"));
  const test = limited(await openData("mnist", "test"));
  printStatus(
    `LeNet on MNIST: ${counted(sampleCount(train), "training image")}, ` +
      `${counted(sampleCount(test), "test image")}, ${counted(flags.epochs, "epoch")} for each method`,
  );
  // Both methods have the same data, and notes of it once.
  const notes = new Notes(printNote);
  const onNote = (note: string) => notes.add(note);
  const runs: DemoRun[] = [];
  for (const plan of compared) runs.push(await trainAndTest(plan, { train, test, flags, onNote }));

  const family = rotation();
  const results = runs.map(({ result }) => result);
  const models = runs.map(({ result, model }) => ({ label: methodLabel(result), model }));
  const report = await renderReport({
    title: "Robust to rotation: LeNet on MNIST",
    dataset: "MNIST",
    family,
    results,
    worstViews: await worstViews(models, test, family),
    manifest: runManifest(runs[0].manifest),
  });
  lock.check();
  const inFolder = (name: string) => join(flags.out, name);
  for (const { result, model } of runs) {
    await saveClassifier(model, inFolder(`${result.method}.onnx`));
  }
  await writeOutput(inFolder("results.json"), toJson(results));
  await writeOutput(inFolder("report.html"), report);

  printSummary(renderTable(results));
  printSummary(
    [
      `Wrote results.json, base.onnx, rwa.onnx and report.html to ${flags.out}.`,
      "Next:",
      `  open ${inFolder("report.html")} in a browser`,
      `  ${typed("evaluate", inFolder("rwa.onnx"))}`,
      `  ${typed("train", "--help")}`,
    ]
      .map(terminalLine)
      .join("\n"),
  );
}

interface DemoRun {
  readonly result: MethodResult;
  readonly model: Classifier;
  readonly manifest: Manifest;
}

/** What holds for the whole demo: the settings that the methods share. */
function runManifest({ config, ...manifest }: Manifest): ReportRecord["manifest"] {
  const shared = ["epochs", "batchSize", "optimizer", "learningRate", "seed"];
  return { ...manifest, config: Object.fromEntries(shared.map((name) => [name, config[name]])) };
}

async function trainAndTest(
  { method, regularizer, lambda }: (typeof compared)[number],
  { train, test, flags, onNote }: { train: ImageSource; test: ImageSource; flags: Flags; onNote: OnNote },
): Promise<DemoRun> {
  const transforms = rotation();
  const lastWords = () => "Stopped. Start again with the same command.";
  const startedAt = performance.now();
  const { model, manifest } = await withProgress(method.padEnd(4), lastWords, (progress) =>
    fit(lenet({ seed: flags.seed }), train, {
      method,
      transforms,
      ...(regularizer && { regularizer, alignmentWeight: lambda }),
      epochs: flags.epochs,
      seed: flags.seed,
      command: commandLine(),
      onNote,
      onProgress: showTraining(progress),
    }),
  );
  const trainedAt = performance.now();

  const scores = await withProgress(method.padEnd(4), lastWords, (progress) =>
    evaluate(model, test, {
      transforms,
      seed: flags.seed,
      onNote,
      onProgress: showTest(progress),
    }),
  );
  const result: MethodResult = {
    method,
    regularizer,
    lambda,
    ...scores,
    members: scores.members.map((member, a) => ({ ...member, parameter: oneNumber(transforms.members[a]) })),
    trainSeconds: seconds(trainedAt - startedAt),
    testSeconds: seconds(performance.now() - trainedAt),
    manifest,
  };
  return { result, model, manifest };
}

/** The number that a chart puts a member at: the identity's is 0. */
function oneNumber({ parameters }: { parameters: Readonly<Record<string, number>> }): number | undefined {
  const values = Object.values(parameters);
  if (values.length === 0) return 0;
  return values.length === 1 ? values[0] : undefined;
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 10) / 100;
