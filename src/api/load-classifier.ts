import { type Classifier, importClassifier } from "../models/index.ts";
import { type Model, externalLocations, readModel } from "../onnx/index.ts";
import { checkOptions } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { factsBeside } from "./beside-model.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import { checkSource } from "./check-model-argument.ts";
import { importKeras } from "./import-keras.ts";
import { type ModelSource, type OnnxSource, modelSource } from "./model-source.ts";
import { loadClassifierTable } from "./options/load-classifier-table.ts";
import { readWeights, withWeights } from "./given-weights.ts";
import { statedPreprocessing } from "./preprocessing-options.ts";
import { homesOf } from "../outside/index.ts";
import { readNamed } from "./read-named.ts";

/**
 * Reads an image classifier that PyTorch, Keras or another tool wrote, to train it or to test it.
 *
 * @param source  the path of an ONNX file (external data is read from its folder), of a Keras file (`.keras`, `.h5`) or of a
 *                TensorFlow.js folder or its model.json; or the bytes of a file
 * @throws UsageError, ModelError when it cannot be read or is no such classifier
 */
export async function loadClassifier(
  source: string | Uint8Array,
  options: LoadClassifierOptions = {},
): Promise<Classifier> {
  checkSource("loadClassifier", "source", source);
  checkOptions("loadClassifier", loadClassifierTable, options);
  const name = typeof source === "string" ? source : "The model";
  return classifierFrom(await modelSource(source), options, name);
}

/**
 * What a source holds, as a classifier.
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
  if (source.kind === "keras") {
    if (weights !== undefined) {
      throw new UsageError(
        `${name} is a Keras model, which holds its weights; weights are for ONNX files. Leave weights out.`,
      );
    }
    return importKeras(source.content, { ...stated, imageShape });
  }
  const classifier = importClassifier(await readOnnx(source), {
    ...stated,
    beside: await factsBeside(source.path),
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
