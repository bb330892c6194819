/** A classifier out of an ONNX file that somebody else's exporter wrote. */
import { type Graph, type Model, type ValueInfo, widenHalf } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type BesideFacts, agreed } from "./beside-facts.ts";
import { type Card, readCard } from "./card.ts";
import { expectationOf } from "./check-pixels.ts";
import type { Classifier } from "./classifier.ts";
import { findLogits, widthOf } from "./find-logits.ts";
import { type InferredGraph, inferValues } from "./infer-values.ts";
import type { PixelExpectation } from "./pixel-expectation.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { KERAS_MOMENTUM, restoreBatchNormalization } from "./restore-batch-normalization.ts";

/** What is stated here goes before what the file says. */
export interface ImportOptions extends Preprocessing {
  /**
   * Name of the logits (default: followed back from the outputs through softmax, log-softmax or sigmoid, and what changes
   * shape, type or name only).
   */
  output?: string;
  /** Names of the classes, in the order of the logits (default: what the file says). */
  classNames?: readonly string[];
  /** What files beside the model's say; it must agree with what the model's own file says. */
  beside?: BesideFacts;
  /** What to call the model in messages, e.g. its path. */
  source?: string;
}

/**
 * Finds the images and the logits of a model, and reads what its file says of its classes and of pixels.
 *
 * @throws UsageError when it does not take one batch of float32 images, gives labels and no logits, or has damaged metadata
 */
export function importClassifier(file: Model, options: ImportOptions = {}): Classifier {
  const { source = "The model", output } = options;
  const wide = widenHalf(file.graph, source);
  const model = { ...file, graph: wide.graph };
  const { metadata } = model;
  const input = imageInput(model.graph, source);
  const card = readCard(metadata, source);
  const { beside } = options;
  const told = agreed({ ...card, source }, beside ?? { source });
  const before = inferValues(model.graph, input.name);
  const { graph, restored } = restoreBatchNormalization(model.graph, before);
  const inferred = restored.length > 0 ? inferValues(graph, input.name) : before;
  const { logits, notes } =
    output === undefined
      ? findLogits(graph, inferred, source, told.classNames?.length)
      : { logits: output, notes: [] };
  const names = options.classNames
    ? { classNames: options.classNames, notes: [] }
    : namesOf({ ...card, classNames: told.classNames }, logits, inferred, source, beside);
  if (beside && !options.normalization)
    checkOnce(beside, card, expectationOf(graph, input.name, inferred), source);
  return {
    graph,
    input: input.name,
    logits,
    normalization: options.normalization ?? told.normalization,
    inputRange: options.inputRange ?? told.inputRange,
    channelOrder: options.channelOrder ?? told.channelOrder,
    normalizesItself: told.normalizes ? told.normalizes === "in graph" : undefined,
    imageShape: told.imageShape,
    pictures: told.pictures,
    ...(told.transforms && { transforms: told.transforms }),
    ...(output === undefined && temperatureOf(card, beside)),
    classNames: names.classNames,
    // Whoever writes it out is Keras.
    ...(restored.length > 0 && { runningVariance: "biased" }),
    notes: [
      ...notes,
      ...names.notes,
      ...(beside?.notes ?? []),
      ...(wide.computes
        ? [`${source} computes in half precision; here it computes, trains and is written in float32.`]
        : []),
      ...leftOutNotes(model),
      ...restoredNotes(restored),
    ],
    outputNotes: [...notes, ...names.notes],
    metadata,
  };
}

/** A file of ours beside the model says 1 where there is none. */
function temperatureOf(card: Card, beside: BesideFacts | undefined): Pick<Classifier, "temperature"> {
  const temperature = card.temperature ?? (beside?.temperature === 1 ? undefined : beside?.temperature);
  return temperature === undefined ? {} : { temperature };
}

/** The names that a file gives, if they can be those of the logits. */
function namesOf(
  { classNames, isForeign, notes }: Card,
  logits: string,
  inferred: InferredGraph,
  source: string,
  beside?: BesideFacts,
): Pick<Classifier, "classNames"> & { notes: readonly string[] } {
  const width = widthOf(logits, inferred);
  // One logit tells two classes apart.
  const count = width === 1 ? 2 : width;
  if (classNames === undefined || count === null) return { classNames, notes };
  const isOther = beside?.isOwn ? classNames.length > count : classNames.length !== count;
  if (beside?.classNames && isOther) {
    throw new UsageError(
      `${beside.source} names ${classNames.length} classes and ${source} gives ${width} logits: they are of different models. ` +
        `Give the model's own file, name the tensor of its logits as output, or the classes as classNames.`,
    );
  }
  const fits = isForeign ? classNames.length === count : classNames.length <= count;
  if (fits) return { classNames, notes };
  const found = `${source} names ${classNames.length} classes in its metadata and gives ${width} logits`;
  if (!isForeign)
    throw new UsageError(`${found}. Name the tensor of its logits as output, or write the file anew.`);
  return { classNames: undefined, notes: [...notes, `${found}; the names are not used.`] };
}

/** @throws UsageError where pixels would be normalised by the graph and, as files beside it say, before it */
function checkOnce(beside: BesideFacts, card: Card, found: PixelExpectation | null, source: string): void {
  const { mean, std } = beside.normalization ?? { mean: [], std: [] };
  const isPlain = beside.isOwn || (mean.every((m) => m === 0) && std.every((s) => s === 1));
  const does = found?.normalizesItself ? `its graph ${found.does} first` : "its metadata say so";
  if (isPlain || !(found?.normalizesItself || card.normalizes === "in graph")) return;
  throw new UsageError(
    `${source} normalises its images by itself (${does}), and ${beside.source} says that they are normalised before: that ` +
      `would be done twice. Say do_normalize false and do_rescale true there, or move the model out of that folder.`,
  );
}

/** training_model.onnx and eval_model.onnx of `generate_artifacts`: labels behind the images, then parameters by name. */
function isTrainingArtifact([images, labels, ...others]: readonly ValueInfo[]): boolean {
  const isParameter = ({ name, dtype, shape }: ValueInfo) =>
    dtype === "float32" &&
    /\w\.\w/.test(name) &&
    shape !== null &&
    shape.every((size) => typeof size === "number");
  return images?.dtype === "float32" && labels?.dtype === "int64" && others.some(isParameter);
}

/** The input that holds the images. */
function imageInput({ inputs }: Graph, source: string): ValueInfo {
  const described = inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape ?? "?"}]`).join(", ");
  if (inputs.length !== 1) {
    const constants = inputs.slice(1).map(({ name }) => name);
    // tf2onnx makes inputs of constants that it cannot read, as those of a Normalization layer.
    if (constants.length > 0 && constants.every((name) => /^.+\/.+:\d+$/.test(name))) {
      throw new UsageError(
        `${source} has ${inputs.length} inputs, of which ${constants.join(", ")} ${constants.length === 1 ? "is a constant" : "are constants"} ` +
          `that the exporter lost, as it does with Keras' Normalization layer. Give the model's .keras file in its place, or ` +
          `write model.export("net") and convert the folder: python -m tf2onnx.convert --saved-model net --opset 17 --output net.onnx.`,
      );
    }
    if (isTrainingArtifact(inputs)) {
      throw new UsageError(
        `${source} is what ONNX Runtime Training made of a model for its own training loop: its ${inputs.length} inputs are images, ` +
          `labels and the parameters. Give the forward model that it was made of, or what export_model_for_inferencing wrote ` +
          `(docs/from-onnxruntime-training.md).`,
      );
    }
    throw new UsageError(
      `${source} has ${inputs.length} inputs (${described || "none"}); an image classifier has one, the images. ` +
        `Export it with the images as its only argument.`,
    );
  }
  const [input] = inputs;
  if (input.dtype !== "float32" || (input.shape !== null && input.shape.length !== 4)) {
    throw new UsageError(
      `${source} takes ${described}; an image classifier takes float32 [N, C, H, W] or [N, H, W, C]. ` +
        `Export it with such an input.`,
    );
  }
  return input;
}

/** What was assumed of BatchNormalization that the exporter wrote out. */
const restoredNotes = (restored: readonly string[]): string[] =>
  restored.length === 0
    ? []
    : [
        `${restored.length === 1 ? "1 BatchNormalization" : `${restored.length} BatchNormalizations`} that the exporter wrote out as ` +
          `arithmetic, with ${restored.length === 1 ? "its" : "their"} statistics in the file, ${restored.length === 1 ? "trains" : "train"} ` +
          `as in Keras: by the batch's mean and variance, the running ones kept by a momentum of ${KERAS_MOMENTUM}, Keras' default, which the ` +
          `file does not say. Give the .keras file in its place to have the layer's own.`,
      ];

/** Outputs that are no tensors of numbers are not read, and a file that is written does not have them. */
function leftOutNotes({ leftOut = [], hadTrainingInfo }: Model): string[] {
  const named = leftOut.map((name) => `"${name}"`).join(", ");
  return [
    ...(leftOut.length > 0
      ? [`The file's outputs ${named} are no tensors of numbers, and are left out.`]
      : []),
    ...(hadTrainingInfo
      ? [`The file's training info (ONNX's training_info) is not read, and is left out.`]
      : []),
  ];
}
