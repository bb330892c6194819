import { type Command, Option } from "commander";
import {
  evaluate,
  evaluateTable,
  loadClassMap,
  loadFamily,
  modelImages,
  modelSource,
  readHeldOut,
} from "../api/index.ts";
import { type Split, sampleCount } from "../data/index.ts";
import type { DistanceName } from "../evaluate/index.ts";
import { terminalMessage } from "../text/index.ts";
import { checkApart } from "./apart-from-data.ts";
import { commandLine } from "./command-line.ts";
import { type DataFlags, addDataOptions } from "./data-options.ts";
import { transformsOption } from "./family-option.ts";
import { counted } from "./format.ts";
import { toJson } from "../artifacts/index.ts";
import { checkFile, writeOutput } from "./output-path.ts";
import { type PreprocessingFlags, addInputOptions, preprocessingOf } from "./model-option.ts";
import { classTable, confusionTable, hardestTables } from "../report/index.ts";
import { printJson, printNote, printResult, printStatus } from "./print.ts";
import { type RuntimeFlags, addRuntimeOptions } from "./runtime-options.ts";
import { type SearchFlags, addSearchOptions, searchOptionsOf } from "./search-options.ts";
import { calibrationLine, corruptionLine, scoreTables, stabilityLine } from "./score-tables.ts";
import { readTestData } from "./split-options.ts";
import { showCaching, showTest } from "./training-progress.ts";
import { tableOption } from "./table-option.ts";
import { testPage } from "./test-page.ts";
import { withProgress } from "./with-progress.ts";

interface Flags extends DataFlags, RuntimeFlags, PreprocessingFlags, SearchFlags {
  readonly transforms: string;
  readonly json?: string;
  readonly html?: string;
  readonly hardest: number;
  readonly output?: string;
  readonly classMap?: string;
  readonly embedding?: string;
  readonly distance: DistanceName;
  readonly split: Split;
  readonly batchSize: number;
  readonly cache?: string;
  readonly cacheLimit: number;
  readonly seed: number;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg evaluate runs/rwa/model.onnx
  alignreg evaluate runs/photos/model.onnx --data photos --html test.html
  alignreg evaluate model.onnx --data photos --image-size 224 --output logits --json scores.json
  alignreg evaluate resnet.onnx --data photos --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26
  alignreg evaluate caffe.onnx --data photos --input-range 255 --channel-order bgr --class-map names.txt
  alignreg evaluate net.keras --data photos --image-size 32 --class-map names.txt
  alignreg evaluate model.onnx --transforms rotation:10,20+contrast
  alignreg evaluate model.onnx --transforms affine:rotation=-30..30,x=-3..3,y=-3..3 --grid 31,5,5
  alignreg evaluate model.onnx --transforms rotation:-30..30 --search random --search-draws 100
  alignreg evaluate model.onnx --embedding relu4 --distance cosine
  alignreg evaluate runs/head/model.onnx --data photos --cache ~/features
  alignreg evaluate model.onnx --limit 1000 --json - | jq .robustAccuracy.value

The model takes one float32 input, [N, C, H, W] or [N, H, W, C], and gives logits [N, classes] or what a softmax
or sigmoid makes of them. It gets pixels in [0, 1], normalised by --mean and --std; a model that train wrote says
itself by what, and names its classes, which are matched with those of the data.`;

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command("evaluate")
    .description("test an image classifier, ONNX or Keras: clean and robust accuracy, invariance")
    .argument("<model>", "the classifier: a run's folder, an ONNX or Keras file, or a TensorFlow.js folder");
  addDataOptions(command)
    .addOption(
      new Option("--split <name>", "which part of the data")
        .choices(["test", "validation", "train"])
        .default("test"),
    )
    .addOption(transformsOption(evaluateTable.transforms.description))
    .option("--json <file>", "write the scores as JSON; - prints them alone to stdout")
    .option("--html <file>", "write a page of the scores, the classes and the hardest images")
    .addOption(tableOption(evaluateTable.hardest))
    .addOption(tableOption(evaluateTable.output))
    .addOption(tableOption(evaluateTable.distance))
    .addOption(tableOption(evaluateTable.embedding))
    .addOption(tableOption(evaluateTable.batchSize))
    .addOption(tableOption(evaluateTable.cache))
    .addOption(tableOption(evaluateTable.cacheLimit))
    .addOption(tableOption(evaluateTable.seed));
  addSearchOptions(command);
  addInputOptions(command);
  addRuntimeOptions(command)
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(evaluateModel);
}

async function evaluateModel(model: string, flags: Flags, command: Command): Promise<void> {
  const isPiped = flags.json === "-";
  if (flags.json !== undefined && !isPiped) await checkFile(flags.json);
  if (flags.html !== undefined) await checkFile(flags.html);
  const transforms = await loadFamily(flags.transforms);
  const isChosen = command.getOptionValueSource("transforms") !== "default";
  const classMap = flags.classMap === undefined ? undefined : await loadClassMap(flags.classMap);
  const search = await searchOptionsOf(flags);
  // What is wrong with the model goes before what its size would have spared the data.
  await modelSource(model);
  await checkApart(flags, { "--cache": flags.cache });
  const like = await modelImages(model, { output: flags.output });
  const heldOut = await readHeldOut(model, { output: flags.output });
  const data = await readTestData(flags, flags.split, heldOut, like ?? undefined);
  printStatus(`Testing ${model} on ${counted(sampleCount(data), "image")} (${data.name})`);
  const lastWords = () => "Stopped. Nothing was written.";
  const result = await withProgress("test", lastWords, (progress) =>
    evaluate(model, data, {
      transforms: isChosen ? transforms : undefined,
      ...search,
      output: flags.output,
      ...preprocessingOf(flags),
      classMap,
      embedding: flags.embedding,
      distance: flags.distance,
      hardest: flags.hardest,
      batchSize: flags.batchSize,
      cache: flags.cache,
      cacheLimit: flags.cacheLimit,
      seed: flags.seed,
      threads: flags.threads,
      executionProvider: flags.provider,
      command: commandLine(),
      onNote: printNote,
      onCacheProgress: showCaching(progress),
      onProgress: showTest(progress),
    }),
  );
  if (flags.html !== undefined)
    await writeOutput(flags.html, await testPage(model, data, transforms, result));
  if (isPiped) {
    return printJson(result);
  }
  if (flags.json !== undefined) await writeOutput(flags.json, toJson(result));
  const { perClass, hardest } = result;
  const tables = [
    [
      scoreTables(result, flags),
      ...[corruptionLine(result), calibrationLine(result.calibration), stabilityLine(result)],
    ]
      .filter((text) => text !== undefined)
      .join("\n"),
    classTable(perClass),
    confusionTable(perClass),
    hardestTables(hardest),
  ];
  await printResult(tables.filter((table) => table !== "").join("\n\n"));
  if (flags.json !== undefined) await printResult(terminalMessage(`Scores: ${flags.json}`));
  if (flags.html !== undefined) await printResult(terminalMessage(`Page: ${flags.html}`));
}
