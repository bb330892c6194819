/** Whatever can be tested, as a function from images to logits. */
import { type Predict, predictedParts } from "../evaluate/index.ts";
import {
  type Classifier,
  type Preprocessing,
  checkPreprocessing,
  importClassifier,
} from "../models/index.ts";
import {
  type Graph,
  InvalidModelError,
  type Model,
  ModelError,
  externalLocations,
  modelOf,
  readModel,
  writeModel,
} from "../onnx/index.ts";
import type { ClassifierOptions } from "../runtime/index.ts";
import { type Shape, type StatedPictures, UsageError } from "../tensor/index.ts";
import { evaluationForm, isTrainingForm } from "../train/index.ts";
import { type RunnableFile, atAnyBatch, checkSteady, fasterFile } from "./at-any-batch.ts";
import { factsBeside } from "./beside-model.ts";
import { classifierFrom, readOnnx } from "./classifier-from.ts";
import { contentHash, sha256 } from "./manifest.ts";
import { modelSource } from "./model-source.ts";
import { type OpenedRunnable, type Runnable, openRunnable } from "./open-runnable.ts";
import {
  type PreprocessingOptions,
  preprocessingOf,
  statedNames,
  statedPreprocessing,
} from "./preprocessing-options.ts";

/** What can be tested: a trained classifier, an ONNX or Keras file by path or bytes, or a function from images to logits. */
export type Testable = Classifier | string | Uint8Array | Predict;

export type TestableOptions = PreprocessingOptions &
  Pick<ClassifierOptions, "output" | "embedding" | "executionProvider" | "threads">;

export interface OpenedTestable extends OpenedRunnable {
  readonly name: string;
  /** What messages call it. */
  readonly title: string;
  /** Of the file; empty for a function. */
  readonly sha256: string;
  /** The tensor taken for the logits; null for a function, and for the first output of a file that only ONNX Runtime reads. */
  readonly logits: string | null;
  /** Key-value pairs of the file; none for a function. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly preprocessing: Preprocessing;
  /** By logit; undefined where the model names none. */
  readonly classNames: readonly string[] | undefined;
  /** How pictures come to its size; undefined where it does not say. */
  readonly pictures: StatedPictures | undefined;
  /** By which logits are divided before they become probabilities; undefined where it says none, and of other logits than its own. */
  readonly temperature: number | undefined;
  /** It was trained here. */
  readonly isTrainedHere: boolean;
  /** What is run, as another process can open it too; null for a function. */
  readonly runnable: Runnable | null;
  /** What is run, as a graph; null for a function, and for a file that only ONNX Runtime reads. */
  readonly graph: Graph | null;
  /** What our reader makes of it, as it was given; null for the same ones. */
  readonly classifier: Classifier | null;
  /** What was guessed or is doubtful, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens a model for testing.
 *
 * @param image  shape of an image that it will get, [C, H, W]
 * @throws UsageError for pixels that are not what the model expects, as far as that shows
 * @throws ModelError for a graph that makes a fixed number of rows under a batch that it says is free
 */
export async function openTestable(
  model: Testable,
  image: Shape,
  options: TestableOptions,
): Promise<OpenedTestable> {
  if (typeof model === "function") return openFunction(model, options);
  const file = await fileOf(model, image, options);
  const { classifier } = file;
  const [channels] = image;
  const title = typeof model === "string" ? model : `The model "${classifier?.graph.name ?? file.name}"`;
  const stated = statedPreprocessing(options);
  let resolved: { readonly preprocessing: Preprocessing; readonly notes: readonly string[] };
  if (classifier) resolved = preprocessingOf(classifier, stated, channels, title);
  else {
    checkPreprocessing(stated, channels);
    resolved = {
      preprocessing: stated,
      notes: [
        `${title} is read by ONNX Runtime alone: what it does to pixels, and the names of its classes, are not known.`,
      ],
    };
  }
  const { preprocessing } = resolved;
  const logits = options.output ?? classifier?.logits;
  const { embedding, executionProvider, threads } = options;
  if (file.graph && logits !== undefined) checkSteady(file.graph, logits, title);
  const run = atAnyBatch(file, image);
  const session = { output: logits, embedding, executionProvider, threads, source: title };
  const read = new Set([logits, embedding].filter((tensor) => tensor !== undefined));
  const bytes = (executionProvider ?? "cpu") === "cpu" ? fasterFile(run, read) : run.bytes;
  const runnable: Runnable = { bytes, session, preprocessing };
  return {
    ...(await openRunnable(runnable)),
    runnable,
    name: file.name,
    title,
    sha256: file.sha256,
    logits: logits ?? null,
    preprocessing,
    metadata: classifier?.metadata ?? {},
    classNames: classifier?.classNames,
    pictures: classifier?.pictures,
    temperature: options.output === undefined ? classifier?.temperature : undefined,
    isTrainedHere: classifier?.imageShape !== undefined,
    graph: run.graph,
    classifier: classifier && { ...classifier, logits: logits ?? classifier.logits },
    notes: [...(classifier?.notes ?? []), ...resolved.notes],
  };
}

function openFunction(predict: Predict, options: TestableOptions): OpenedTestable {
  const named = (["output", "embedding"] as const).find((option) => options[option] !== undefined);
  if (named !== undefined) {
    throw new UsageError(`A function has no tensor "${options[named]}". Leave ${named} out.`);
  }
  const stated = statedNames(options);
  if (stated.length > 0) {
    throw new UsageError(`A function normalises its images itself. Leave ${stated.join(" and ")} out.`);
  }
  return {
    predict: async (images) => predictedParts(await predict(images)).logits,
    release: () => Promise.resolve(),
    name: predict.name || "function",
    title: "The function",
    sha256: "",
    runnable: null,
    logits: null,
    preprocessing: {},
    metadata: {},
    classNames: undefined,
    pictures: undefined,
    temperature: undefined,
    isTrainedHere: false,
    graph: null,
    classifier: null,
    notes: [],
  };
}

interface TestableFile extends RunnableFile {
  readonly name: string;
  /** Of the file that was given. */
  readonly sha256: string;
}

/** An ONNX file in the form that is to be run: its weights inside, and not in training mode. */
async function fileOf(
  model: Classifier | string | Uint8Array,
  image: Shape,
  { output }: Pick<TestableOptions, "output">,
): Promise<TestableFile> {
  if (typeof model !== "string" && "graph" in model) return classifierFileOf(model, model.graph.name);
  const name = typeof model === "string" ? model : "bytes";
  const title = typeof model === "string" ? name : "The model";
  const source = await modelSource(model);
  if (source.kind !== "onnx") {
    const imageShape = image as [number, number, number];
    const classifier = await classifierFrom(source, { output, imageShape }, title);
    return { ...classifierFileOf(classifier, name), sha256: contentHash(source.content) };
  }
  const { bytes } = source;
  const isExternal = externalLocations(bytes).length > 0;
  const read = isExternal ? await readOnnx(source) : readable(bytes, name);
  const hash = sha256(bytes);
  if (!read) return { name, bytes, sha256: hash, classifier: null, graph: null };
  const isKept = !isExternal && !isTrainingForm(read.graph);
  const graph = isKept ? read.graph : evaluationForm(read.graph);
  return {
    name,
    bytes: isKept ? bytes : writeModel({ ...read, graph }),
    sha256: hash,
    classifier: importClassifier(read, {
      source: title,
      output,
      beside: await factsBeside(source.path, bytes),
    }),
    graph,
  };
}

function classifierFileOf(classifier: Classifier, name: string): TestableFile {
  const { graph } = classifier;
  const bytes = writeModel(modelOf(graph));
  return { name, bytes, sha256: sha256(bytes), classifier, graph };
}

function readable(bytes: Uint8Array, name: string): Model | null {
  try {
    return readModel(bytes, name);
  } catch (error) {
    if (error instanceof ModelError && !(error instanceof InvalidModelError)) return null;
    throw error;
  }
}
