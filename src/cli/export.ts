import { basename, dirname, resolve } from "node:path";
import { type Command, Option } from "commander";
import {
  type ExportFormat,
  backbonePackages,
  exportClassifier,
  exportTable,
  loadBackbone,
  loadClassMap,
} from "../api/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type ExportTestFlags, checkTestFlags, testExport } from "./export-test.ts";
import { familySpec } from "./family-option.ts";
import { sizeText } from "./format.ts";
import { type PreprocessingFlags, addInputOptions, preprocessingOf } from "./model-option.ts";
import { checkFile, checkFolder } from "./output-path.ts";
import { imageSize, wholeNumber } from "./parse-number.ts";
import { readResults } from "./read-results.ts";
import { printNote, printResult } from "./print.ts";
import { tableOption } from "./table-option.ts";
import { terminalMessage } from "../text/index.ts";

interface Flags extends PreprocessingFlags, ExportTestFlags {
  readonly to: ExportFormat;
  readonly out?: string;
  readonly float16: boolean;
  readonly results?: string;
  readonly output?: string;
  readonly classMap?: string;
  readonly imageSize?: readonly [height: number, width: number];
  readonly channels?: "1" | "3";
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg export runs/flowers --to teachable-machine
  alignreg export runs/flowers --to tfjs --out public/flowers
  alignreg export runs/flowers --to onnx --float16 --data photos
  alignreg export runs/flowers --to card --results scores.json --out runs/flowers/MODEL_CARD.md
  alignreg export resnet.onnx --to tfjs --image-size 224 --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 --class-map names.txt

tfjs: a folder of model.json, weights and metadata.json. teachable-machine: a zip of model.json, weights.bin and metadata.json.
card: a model card in Markdown, with its results and programs in Python and JavaScript that run the model without alignreg.
tfjs and teachable-machine give probabilities; operators that TensorFlow.js has no layer for are named. docs/export.md says what an app feeds them.`;

export function addExportCommand(program: Command): void {
  const command = program
    .command("export")
    .description(
      "write a classifier for TensorFlow.js, Teachable Machine's library, as a smaller ONNX file, or its model card",
    )
    .argument("<model>", "the folder of a run, an ONNX or Keras file, or a TensorFlow.js folder")
    .addOption(tableOption(exportTable.to).makeOptionMandatory())
    .option("--out <path>", "the folder or file (default: named for the model, in this folder)")
    .addOption(tableOption(exportTable.float16))
    .option("--results <file>", "for a card: what alignreg evaluate --json wrote of a test of the model")
    .addOption(tableOption(exportTable.output))
    .option("--image-size <pixels>", "images of 32, or 32x48 (default: what the model takes)", imageSize)
    .addOption(
      new Option("--channels <n>", "with --image-size: grey images, or colour (default)").choices(["1", "3"]),
    );
  addInputOptions(command)
    .option("--data <name|dir>", "then test both on this data: mnist, cifar10, or a folder as train takes it")
    .addOption(new Option("--split <name>", "of --data").choices(["test", "validation", "train"]))
    .addOption(
      new Option("--transforms <spec>", "of --data: shifts to test under (default: rotation)").argParser(
        familySpec,
      ),
    )
    .option("--limit <n>", "of --data: only n images", wholeNumber(1))
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(exportModel);
}

async function exportModel(model: string, flags: Flags): Promise<void> {
  const { to, float16, output, imageSize: size, channels = "3" } = flags;
  if (flags.channels !== undefined && size === undefined) {
    throw new UsageError(
      "--channels says the channels of images of a size. Give --image-size, or leave it out.",
    );
  }
  checkTestFlags(flags);
  if (to === "card" && flags.data !== undefined) {
    throw new UsageError(
      "--data tests what is written, and a card cannot be tested. Test the model: alignreg evaluate --json scores.json, and give --results scores.json.",
    );
  }
  const out = flags.out ?? usualName(model, to, float16);
  await (to === "tfjs" ? checkFolder(out) : checkFile(out));
  const source = Object.hasOwn(backbonePackages, model) ? await loadBackbone(model) : model;
  const classNames = flags.classMap === undefined ? undefined : await namesIn(flags.classMap);
  const { path, bytes } = await exportClassifier(source, out, {
    to,
    float16,
    results: flags.results === undefined ? undefined : await readResults(flags.results),
    output,
    ...preprocessingOf(flags),
    classNames,
    imageShape: size && [Number(channels), ...size],
    onNote: printNote,
  });
  await printResult(terminalMessage(`Written: ${path} (${sizeText(bytes)})`));
  const { data } = flags;
  if (data !== undefined)
    await testExport(
      source,
      model,
      path,
      { ...flags, data },
      { output, ...preprocessingOf(flags), classMap: classNames },
    );
}

/** A list of names; a map by the data's classes says nothing of the others. */
async function namesIn(path: string): Promise<readonly string[]> {
  const map = await loadClassMap(path);
  if (Array.isArray(map)) return map as readonly string[];
  throw new UsageError(
    `The class map ${path} is an object. To export, give a list: the names in the order of the logits, one a line.`,
  );
}

/** What an export is called: for the run or file that it comes of. */
function usualName(model: string, to: ExportFormat, float16: boolean): string {
  const path = resolve(model);
  const own = basename(path).replace(/\.(onnx|keras|h5|hdf5|json|zip)$/i, "");
  const stem = /^(model|model-tfjs)$/.test(own) ? basename(dirname(path)) : own;
  const ends = {
    tfjs: "-tfjs",
    "teachable-machine": "-teachable-machine.zip",
    onnx: ".onnx",
    card: "-card.md",
  };
  return `${stem || "model"}${to === "onnx" ? (float16 ? "-float16" : "-export") : ""}${ends[to]}`;
}
