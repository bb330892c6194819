import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import {
  type FitOptions,
  backboneLicences,
  classifierFile,
  clearOrigins,
  describeClassifier,
  fit,
  fixedBatch,
  fitTable,
  loadClassMap,
  loadFamily,
  modelCard,
  saveOrigin,
  sidecarFile,
  trainingRecord,
  weightsFile,
  withHeldOut,
} from "../api/index.ts";
import { type Lock, type WrittenFiles, writeTogether, writeWhole, written } from "../artifacts/index.ts";
import { type HeldOut, type ImageSource, sampleCount } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkApart } from "./apart-from-data.ts";
import { commandLine, givenArguments, typed } from "./command-line.ts";
import { addDataOptions } from "./data-options.ts";
import { checkSameRun } from "./finished-run.ts";
import { counted, percent } from "./format.ts";
import { inLockedFolder } from "./locked-folder.ts";
import { MetricsFile, textOf } from "./metrics-file.ts";
import { printNote, printSentence, printStatus } from "./print.ts";
import { imagesTaken, readBackbone, readClassifier } from "./model-option.ts";
import { type OwnDefinitions, loadDefinitions } from "./own-definitions.ts";
import { RunFolder } from "./run-folder.ts";
import { recordOf, resumedOptions, runManifestFile } from "./run-record.ts";
import { addRuntimeOptions } from "./runtime-options.ts";
import { type SplitFlags, addSplitOptions, readTrainingData } from "./split-options.ts";
import { tableOption } from "./table-option.ts";
import { type TrainFlags, addTrainOptions, fitOptions } from "./train-options.ts";
import { showCaching, showTraining, showValidation } from "./training-progress.ts";
import { unusedFlags } from "./unused-flags.ts";
import { withProgress } from "./with-progress.ts";

interface Flags extends TrainFlags, SplitFlags {
  readonly classMap?: string;
  readonly out: string;
  readonly resume?: true;
  readonly overwrite?: true;
  readonly checkpointSeconds: number;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg train --out runs/rwa
  alignreg train --method base --epochs 10 --schedule cosine --seed 1 --out runs/base
  alignreg train --model resnet.onnx --data photos --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 --out runs/resnet
  alignreg train --model resnet.onnx --data photos --trainable last:1 --out runs/head
  alignreg train --model net.keras --data photos --image-size 32 --out runs/keras
  alignreg train --data photos --backbone efficientnet-lite0 --head 100 --out runs/photos
  alignreg train --data photos --backbone efficientnet-lite0 --unfreeze last:3 --out runs/photos
  alignreg train --data photos --backbone efficientnet-lite0 --validation 0.2 --test 0.2 --out runs/photos
  alignreg train --data photos --image-size 32 --optimizer sgd --lr 0.05 --momentum 0.9 --out runs/photos
  alignreg train --data cifar10 --model resnet18 --width 16 --crop 4 --flip --schedule cosine --out runs/cifar10
  alignreg train --transforms ./my-family.mjs --out runs/mine
  alignreg train --regularizer ./mine.mjs --optimizer ./mine.mjs#signSgd --out runs/mine
  alignreg train --out runs/rwa --resume        go on with the same run after it was stopped

Writes model.onnx, classifier.json (what JavaScript needs to run it), MODEL_CARD.md, weights.safetensors, metrics.jsonl
and manifest.json to the folder --out; for a Keras model also model.keras (model.h5, or the folder model-tfjs), for keras.models.load_model.`;

export function addTrainCommand(program: Command): void {
  const command = program
    .command("train")
    .description("train a classifier by one of the methods, to model.onnx and the form it came in");
  addSplitOptions(addDataOptions(command));
  addTrainOptions(command);
  addRuntimeOptions(command)
    .requiredOption("--out <dir>", "folder of the run")
    .option("--resume", "go on from the folder's checkpoint; starts the run when there is none")
    .option("--overwrite", "replace an earlier run in the folder")
    .addOption(tableOption(fitTable.checkpointSeconds))
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action((flags: Flags) => trainModel(flags, (option) => command.getOptionValueSource(option) === "cli"));
}

async function trainModel(given: Flags, isGiven: (option: string) => boolean): Promise<void> {
  const choice = { resume: given.resume ?? false, overwrite: given.overwrite ?? false };
  if (choice.resume && choice.overwrite) {
    throw new UsageError("--resume and --overwrite contradict each other. Give one of them.");
  }
  if (given.cache === false && isGiven("cacheLimit")) {
    throw new UsageError("--cache-limit bounds a cache, and --no-cache wants none. Give one of them.");
  }
  const folder = new RunFolder(given.out);
  const { flags, located } = choice.resume
    ? resumedOptions(folder, given, isGiven)
    : { flags: given, located: given };
  const own = await loadDefinitions(located);
  const unused = unusedFlags(flags, isGiven, own);
  const { classMap } = located;
  const fixed = fitOptions(flags, own);
  const { augmixOperations: operations } = located;
  const options = {
    ...fixed,
    ...(operations && { augmix: { ...fixed.augmix, operations: await loadFamily(operations) } }),
    transforms: await loadFamily(located.transforms),
    cache: located.cache,
    classMap: classMap === undefined ? undefined : await loadClassMap(classMap),
  };
  await folder.check(choice);
  await checkApart(located, { "--out": folder.path, "--cache": located.cache });
  await inLockedFolder(folder.path, "alignreg train", async (lock) => {
    // Another run may have come to its end meanwhile.
    await folder.check(choice);
    await trainIn(folder, lock, { flags, located, choice, options, own, unused });
  });
}

interface Asked {
  readonly flags: Flags;
  /** The same, with paths as they lead from here. */
  readonly located: Flags;
  readonly choice: { readonly resume: boolean; readonly overwrite: boolean };
  readonly options: FitOptions;
  readonly own: OwnDefinitions;
  readonly unused: readonly string[];
}

/** Trains in a folder whose lock is held. */
async function trainIn(
  folder: RunFolder,
  lock: Lock,
  { flags, located, choice, options, own, unused }: Asked,
): Promise<void> {
  if (choice.resume && folder.state() === "free") {
    printNote(`${folder.path} holds no run to go on with: one starts, by the options of this command.`);
  }
  if (unused.length > 0) {
    printNote(`training by the method "${flags.method}" does not use ${unused.join(", ")}.`);
  }
  const backbone = await readBackbone(located);
  const taken = await imagesTaken(located, backbone);
  const { train: data, validation, heldOut } = await readTrainingData(located, taken);
  if (choice.resume && folder.state() === "finished") {
    checkSameRun(folder, flags, data, own);
    printSentence(`${folder.path} is finished already: ${summary(folder, flags, data)}`);
    return;
  }
  const classifier = await readClassifier(located, data, backbone);

  const metrics = new MetricsFile(folder.metrics);
  const lastWords = () => {
    const isSaved = folder.state() === "unfinished";
    return `Stopped${isSaved ? "" : " before the first checkpoint"}. Go on with: ${resumeCommand()}`;
  };
  printStatus(
    `Training ${flags.backbone ?? flags.model} by ${flags.method} on ${counted(sampleCount(data), "image")} (${data.name})`,
  );
  const {
    model: fitted,
    manifest,
    ...result
  } = await withProgress(flags.method, lastWords, (progress) =>
    fit(classifier, data, {
      ...options,
      validation,
      checkpoint: folder.checkpoint,
      checkpointSeconds: flags.checkpointSeconds,
      resume: choice.resume,
      command: commandLine(),
      onNote: printNote,
      signal: lock.lost,
      async onStart(step, history) {
        await folder.begin(flags, choice.resume);
        await metrics.write(history);
        if (step > 0) printStatus(`Resuming after step ${step}`);
      },
      onMetrics: (line) => metrics.append(line),
      onCacheProgress: showCaching(progress),
      onValidationProgress: showValidation(progress),
      onProgress: showTraining(progress),
    }),
  ).catch((error: unknown) => {
    folder.discardIfUnused();
    throw error;
  });
  const trained = heldOut ? withHeldOut(fitted, heldOut) : fitted;
  lock.check();
  const files: WrittenFiles = {};
  const write = async (path: string, content: string | Uint8Array) => {
    await writeWhole(path, content);
    files[basename(path)] = written(content);
  };
  await metrics.write(result.history);
  files[basename(folder.metrics)] = written(textOf(result.history));
  await write(folder.weights, weightsFile(trained, result.trained));
  const record = trainingRecord({ ...result, model: trained, manifest }, data, {
    ...originOf(flags),
    heldOut,
  });
  const origin = await saveOrigin(trained, folder.path, record);
  clearOrigins(folder.path, origin);
  const model = classifierFile(trained);
  const models = new Map([[basename(folder.model), model]]);
  if (origin && statSync(origin).isFile()) models.set(basename(origin), readFileSync(origin));
  const [sidecar, text] = sidecarFile(trained, models, record);
  const card = modelCard({
    title: basename(resolve(folder.path)),
    described: describeClassifier(trained, record),
    file: basename(folder.model),
    sha256: written(model).sha256,
    sidecar,
    batch: fixedBatch(trained),
    test: null,
  });
  await writeTogether(
    folder.path,
    new Map<string, string | Uint8Array>([
      [basename(folder.card), card],
      [sidecar, text],
      [basename(folder.model), model],
    ]),
  );
  files[sidecar] = written(text);
  files[basename(folder.model)] = written(model);
  await runManifestFile.write(folder.manifest, {
    ...manifest,
    model: { name: manifest.model.name, sha256: written(model).sha256 },
    ...(heldOut && { heldOut: countsOf(heldOut) }),
    ...recordOf(flags),
    files,
  });
  folder.finish();
  printSentence(summary(folder, flags, data));
}

/** What the training was started with: a path is nobody's business, its file's name tells enough. */
function originOf({ backbone, model, head }: Flags) {
  if (backbone === undefined) return { from: basename(model) };
  const units = typeof head === "number" ? `a hidden layer of ${head} units, and a linear one` : "linear";
  const isPackage = Object.hasOwn(backboneLicences, backbone) && !existsSync(backbone);
  return {
    from: basename(backbone),
    head: units,
    ...(isPackage && { licence: backboneLicences[backbone] }),
  };
}

const countsOf = ({ images, validation, test }: HeldOut) => ({
  of: images,
  validation: validation.length,
  test: test.length,
});

function resumeCommand(): string {
  const kept = givenArguments().filter((argument) => argument !== "--resume" && argument !== "--overwrite");
  return typed(...kept, "--resume");
}

function summary(folder: RunFolder, { method }: Flags, data: ImageSource): string {
  const last = new MetricsFile(folder.metrics).lastEpoch();
  const scores = last
    ? `last epoch's training loss ${last.loss.toFixed(4)}, accuracy ${percent(last.accuracy)} %`
    : "no metrics";
  const { kept, calibration } = runManifestFile.read(folder.manifest)?.config ?? {};
  const validated = kept
    ? `; epoch ${kept.epoch} is kept, validation accuracy ${percent(kept.validation.clean)} % clean, ` +
      `${percent(kept.validation.robust)} % robust`
    : "";
  const calibrated = calibration
    ? `; temperature ${calibration.temperature.toFixed(2)}, which takes the calibration error there from ` +
      `${percent(calibration.before)} % to ${percent(calibration.after)} %`
    : "";
  return (
    `${method}, ${counted(last?.epoch ?? 0, "epoch")} of ${counted(sampleCount(data), "image")}: ${scores}${validated}${calibrated}. ` +
    `Files: ${folder.written().join(", ")}`
  );
}
