/** What a model's source holds, as a classifier. */
import { type Classifier, importClassifier } from "../models/index.ts";
import { type Model, externalLocations, readModel } from "../onnx/index.ts";
import { homesOf } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import { factsBeside } from "./beside-model.ts";
import { readWeights, withWeights } from "./given-weights.ts";
import { importGraphModel } from "./import-graph-model.ts";
import { importKeras } from "./import-keras.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import type { ModelSource, OnnxSource } from "./model-source.ts";
import { statedPreprocessing } from "./preprocessing-options.ts";
import { readSidecar, sidecarFacts } from "./sidecar/index.ts";
import { readNamed } from "./read-named.ts";

/**
 * Reads what was found.
 *
 * @param name  what messages call it
 */
export async function classifierFrom(
  source: ModelSource,
  options: LoadClassifierOptions,
  name: string,
): Promise<Classifier> {
  const { output, classNames, imageShape, weights } = options;
  const stated = { ...statedPreprocessing(options), output, classNames, source: name };
  if (source.kind !== "onnx") {
    if (weights !== undefined) {
      throw new UsageError(
        `${name} is a ${source.kind === "keras" ? "Keras" : "TensorFlow.js"} model, which holds its weights; weights are for ONNX files. ` +
          `Leave weights out.`,
      );
    }
    const found = await readSidecar(source.path, source.content);
    const given = { ...stated, imageShape, beside: found ? sidecarFacts(found) : undefined };
    return source.kind === "keras"
      ? importKeras(source.content, given)
      : importGraphModel(source.content, given);
  }
  const classifier = importClassifier(await readOnnx(source), {
    ...stated,
    beside: await factsBeside(source.path, source.bytes),
  });
  return weights === undefined
    ? classifier
    : withWeights(classifier, await readWeights(weights), weights, name);
}

/** An ONNX file with the external data beside it. @throws UsageError, ModelError */
export async function readOnnx({ bytes, path }: OnnxSource): Promise<Model> {
  if (path === undefined) return readModel(bytes);
  const external = new Map<string, Uint8Array>();
  const homes = await homesOf(path);
  for (const location of externalLocations(bytes)) {
    external.set(location, await readNamed(location, path, homes));
  }
  return readModel(bytes, path, external);
}
