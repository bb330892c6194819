import { type Command, Option } from "commander";
import { loadClassMap, loadFamily, openPredictor, predictTable } from "../api/index.ts";
import { toJson } from "../artifacts/index.ts";
import { UnreadableError, findPictures } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import { terminalMessage } from "../text/index.ts";
import { familySpec } from "./family-option.ts";
import { counted } from "./format.ts";
import { type PreprocessingFlags, addInputOptions, preprocessingOf } from "./model-option.ts";
import { checkFile, writeOutput } from "./output-path.ts";
import { imageSize } from "./parse-number.ts";
import { type PictureFlags, addPictureRules, pictureOptions } from "./picture-options.ts";
import { picturePaths } from "./picture-paths.ts";
import { PartlyError } from "./errors.ts";
import { predictionCsv, predictionJson, predictionTable } from "./prediction-text.ts";
import { printJson, printNote, printResult, printStatus } from "./print.ts";
import { type RuntimeFlags, addRuntimeOptions } from "./runtime-options.ts";
import { tableOption } from "./table-option.ts";
import { withProgress } from "./with-progress.ts";

interface Flags extends RuntimeFlags, PreprocessingFlags, PictureFlags {
  /** False for none. */
  readonly transforms?: string | false;
  readonly json?: string;
  readonly csv?: string;
  readonly output?: string;
  readonly classMap?: string;
  readonly batchSize: number;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg predict runs/flowers new/*.jpg
  alignreg predict runs/flowers new --csv answers.csv
  alignreg predict runs/flowers photo.jpg --transforms rotation:-10,10+brightness
  alignreg predict resnet.onnx photo.jpg --class-map names.txt --no-transforms
  alignreg predict runs/flowers new --json - | jq '.predictions[] | select(.stability < 1).file'
  find new -name '*.jpg' | alignreg predict runs/flowers -

Says of each picture the class, how probable it is, and how many of its views, under the shifts that the model was
trained for, get the same answer. Pictures come to the model's size as evaluate reads them. A folder is walked down;
- stands for paths on standard input, one a line. Pictures that cannot be read are named, the others are answered, and
the exit code is 3.`;

export function addPredictCommand(program: Command): void {
  const command = program
    .command("predict")
    .description("say what is on pictures: the class, how probable, and how stable the answer is")
    .argument("<model>", "the classifier: a run's folder, an ONNX or Keras file, or a TensorFlow.js folder")
    .argument("<pictures...>", "image files, folders of them, or - for paths on standard input")
    .addOption(
      new Option(
        "--transforms <spec>",
        "family under whose views answers are compared (default: what the model was trained for, else rotation)",
      ).argParser(familySpec),
    )
    .option("--no-transforms", "predict no views, and say nothing of stability")
    .option("--json <file>", "write the answers as JSON; - prints them alone to stdout")
    .option("--csv <file>", "write the answers as CSV; - prints them alone to stdout")
    .option(
      "--image-size <pixels>",
      "bring pictures to 32, or 32x48 (default: what the model takes)",
      imageSize,
    )
    .addOption(new Option("--channels <n>", "read pictures as grey or colour").choices(["1", "3"]));
  addPictureRules(command)
    .addOption(tableOption(predictTable.output))
    .addOption(tableOption(predictTable.batchSize));
  addInputOptions(command);
  addRuntimeOptions(command)
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(predictPictures);
}

async function predictPictures(model: string, given: readonly string[], flags: Flags): Promise<void> {
  const { json, csv } = flags;
  if (json === "-" && csv === "-") {
    throw new UsageError("Both --json - and --csv - print to stdout. Write one of them to a file.");
  }
  for (const path of [json, csv]) if (path !== undefined && path !== "-") await checkFile(path);
  const { transforms } = flags;
  const family = typeof transforms === "string" ? await loadFamily(transforms) : undefined;
  const classMap = flags.classMap === undefined ? undefined : await loadClassMap(flags.classMap);
  const { files, notes } = await findPictures(await picturePaths(given));
  notes.forEach(printNote);
  const predictor = await openPredictor(model, {
    transforms: transforms === false ? null : family,
    ...pictureOptions(flags),
    output: flags.output,
    ...preprocessingOf(flags),
    classMap,
    batchSize: flags.batchSize,
    threads: flags.threads,
    executionProvider: flags.provider,
    onNote: printNote,
  });
  printStatus(`Asking ${model} about ${counted(files.length, "picture")}`);
  try {
    const found = await withProgress(
      "predict",
      () => "Stopped. Nothing was written.",
      (progress) =>
        predictor.answers(files, {
          onProgress: (done, total) =>
            progress.update(done, total, counted(total, "picture"), done === total),
        }),
    );
    const errors = found.answers.filter((answer) => answer instanceof Error);
    if (errors.length === files.length) throw new UnreadableError(errors, files.length);
    const result = {
      ...found,
      files,
      family: predictor.family,
      notes: [...notes, ...predictor.notes],
    };
    if (json !== undefined && json !== "-") await writeOutput(json, toJson(predictionJson(result)));
    if (csv !== undefined && csv !== "-") await writeOutput(csv, predictionCsv(result));
    if (json === "-") await printJson(predictionJson(result));
    else if (csv === "-") await printResult(predictionCsv(result));
    else {
      await printResult(predictionTable(result));
      if (json !== undefined) await printResult(terminalMessage(`Answers: ${json}`));
      if (csv !== undefined) await printResult(terminalMessage(`Answers: ${csv}`));
    }
    if (errors.length > 0) throw new PartlyError(new UnreadableError(errors, files.length));
  } finally {
    await predictor.release();
  }
}
