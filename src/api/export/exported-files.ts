/** A classifier as the files of a form that apps take. Nothing of Node is in here, so that a page can do it too. */
import { type Classifier, checkClassifier, isUnchanged } from "../../models/index.ts";
import { checkOptions } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { CARD_NAME, cardTest, fixedBatch, modelCard } from "../card/index.ts";
import { exportTable } from "../options/export-table.ts";
import { preprocessingOf, statedPreprocessing } from "../preprocessing-options.ts";
import { type TrainingRecord, describeClassifier } from "../sidecar/describe.ts";
import { sidecarName } from "../sidecar/sidecar-name.ts";
import { takenImages } from "../taken-images.ts";
import type { ExportedFiles } from "./exportable.ts";
import type { ExportOptions } from "./export-options.ts";
import { halfFile } from "./half-file.ts";
import { tfjsFiles } from "./tfjs-files.ts";
import { teachableFiles } from "./teachable-files.ts";

/**
 * @throws UnsupportedOpError for an operator that no layer computes; UsageError for a model that does not say what images it takes, and
 *         for images that the form does not have
 */
export function exportedFiles(classifier: Classifier, options: ExportOptions): ExportedFiles {
  checkClassifier("exportedFiles", "classifier", classifier);
  checkExportOptions("exportedFiles", options);
  const title = `The model "${classifier.graph.name}"`;
  const { files, notes } = filesOf(classifier, options, title, {
    name: classifier.graph.name,
    file: "model.onnx",
  });
  return { files, notes };
}

/** @throws UsageError for options that do not go together */
export function checkExportOptions(where: string, options: ExportOptions): void {
  checkOptions(where, exportTable, options);
  if (options.to === undefined) {
    throw new UsageError(`${where} needs to: one of ${exportTable.to.choices.join(", ")}.`);
  }
  if (options.results !== undefined && options.to !== "card") {
    throw new UsageError(
      `${where}: results are for a card; ${options.to} has no place for them. Leave them out.`,
    );
  }
  if (options.float16 && options.to !== "onnx") {
    throw new UsageError(
      `${where}: float16 is for ONNX files; ${options.to} has none. Leave it out, or give to: "onnx".`,
    );
  }
}

/** What a card says of the model's file. */
export interface CardFile {
  /** What the card calls the model. */
  readonly name: string;
  /** The ONNX file's name; null where the model is none. */
  readonly file: string | null;
  readonly sha256?: string;
  readonly record?: TrainingRecord;
}

interface Made extends ExportedFiles {
  /** The classifier that the files hold. */
  readonly held: Classifier;
}

/** @param title  what messages call the model */
export function filesOf(
  classifier: Classifier,
  options: ExportOptions,
  title: string,
  cardFile: CardFile,
): Made {
  const { to, float16 = false } = options;
  const stated = statedPreprocessing(options);
  const channels = (options.imageShape ?? takenImages(classifier).imageShape)?.[0] ?? 3;
  const { preprocessing, notes: doubts } = preprocessingOf(classifier, stated, channels, title);
  const whole: Classifier = {
    ...classifier,
    ...preprocessing,
    logits: options.output ?? classifier.logits,
    classNames: options.classNames ?? classifier.classNames,
    // Who states how pixels come in has said that the graph does nothing more.
    ...(!isUnchanged(stated) && { normalizesItself: false }),
  };
  const notes = [...(classifier.notes ?? []), ...doubts];
  if (to === "onnx") {
    const made = halfFile(whole, float16);
    return { files: new Map([["model.onnx", made.bytes]]), notes: [...notes, ...made.notes], held: whole };
  }
  if (to === "card") return { files: cardFiles(whole, options, cardFile), notes, held: whole };
  const { imageShape = options.imageShape, pictures } = takenImages(whole);
  const image = options.imageShape ?? imageShape;
  if (!image) {
    throw new UsageError(
      `${title} does not say the size of its images. Give imageShape, [channels, height, width] (--image-size).`,
    );
  }
  const exportable = { classifier: whole, image, pictures, title };
  const made = to === "tfjs" ? tfjsFiles(exportable) : teachableFiles(exportable);
  return { files: made.files, notes: [...notes, ...made.notes], held: forPages(whole, made.labels, image) };
}

function cardFiles(
  classifier: Classifier,
  { results, imageShape }: ExportOptions,
  { name, file, sha256, record }: CardFile,
): ReadonlyMap<string, Uint8Array> {
  const image = imageShape ?? takenImages(classifier).imageShape;
  const described = describeClassifier(
    { ...classifier, ...(image && { imageShape: image }) },
    record,
    file === null ? "layers" : "onnx",
  );
  const text = modelCard({
    title: name,
    described,
    file,
    sha256,
    sidecar: sidecarName(file ?? "model.onnx"),
    batch: fixedBatch(classifier),
    test: results ? cardTest(results) : null,
  });
  return new Map([[CARD_NAME, new TextEncoder().encode(text)]]);
}

/** What layers for pages take and give, which have in them what becomes of pixels, and the temperature. */
const forPages = (
  classifier: Classifier,
  labels: readonly string[],
  image: readonly [number, number, number],
): Classifier => ({
  ...classifier,
  classNames: labels,
  normalization: undefined,
  inputRange: undefined,
  channelOrder: undefined,
  normalizesItself: true,
  temperature: undefined,
  imageShape: image,
});
