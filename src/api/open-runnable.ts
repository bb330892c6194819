/** What runs a model, as plain data: this process opens it, and others that share its work. */
import type { Predict, PredictWithEmbeddings } from "../evaluate/index.ts";
import { type Preprocessing, isUnchanged, preprocessImages } from "../models/index.ts";
import { type ClassifierOptions, openClassifier } from "../runtime/index.ts";
import type { ImageBatch } from "../tensor/index.ts";
import { ofTwoClasses } from "./of-two-classes.ts";

export interface Runnable {
  /** Of an ONNX file, its weights inside, that takes any batch. */
  readonly bytes: Uint8Array;
  readonly session: ClassifierOptions;
  readonly preprocessing: Preprocessing;
}

export interface OpenedRunnable {
  /** Of one logit an image for two classes, it makes two: 0, and the logit. */
  readonly predict: Predict;
  /** Only where an embedding is named. */
  readonly predictWithEmbeddings?: PredictWithEmbeddings;
  readonly release: () => Promise<void>;
}

export async function openRunnable({
  bytes,
  session: options,
  preprocessing,
}: Runnable): Promise<OpenedRunnable> {
  const session = await openClassifier(bytes, options);
  const isPlain = isUnchanged(preprocessing);
  const entering = (images: ImageBatch) => (isPlain ? images : preprocessImages(images, preprocessing));
  const predictWithEmbeddings: PredictWithEmbeddings = async (images) => {
    const batch = await session.predictWithEmbeddings(entering(images));
    return { ...batch, logits: ofTwoClasses(batch.logits, images.shape[0]) };
  };
  return {
    predict: async (images) => ofTwoClasses(await session.predict(entering(images)), images.shape[0]),
    predictWithEmbeddings: options.embedding === undefined ? undefined : predictWithEmbeddings,
    release: () => session.release(),
  };
}
