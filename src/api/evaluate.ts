import { familyOf, rotation } from "../augment/index.ts";
import { type Dataset, checkDataset, imagesAt, sampleCount } from "../data/index.ts";
import { type Scores, testClassifier } from "../evaluate/index.ts";
import { checkOptions } from "../options/index.ts";
import { Notes, UsageError } from "../tensor/index.ts";
import { checkModelArgument } from "./check-model-argument.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";
import { describeFamily } from "./fit.ts";
import { imageSource } from "./image-source.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { evaluateTable } from "./options/evaluate-table.ts";
import { type Testable, openTestable } from "./open-testable.ts";

export type EvaluationResult = Scores & {
  /** What was guessed or is doubtful, a sentence each; `onNote` got them as they became known. */
  readonly notes: readonly string[];
  readonly manifest: Manifest;
};

/**
 * Tests a classifier by the paper's procedure: clean, per-member and robust accuracy, invariance score, alignment
 * gap and efficiency, with 95 % intervals.
 *
 * @example
 * const scores = await evaluate("model.onnx", data.test, { transforms: rotation() });
 *
 * @throws UsageError, RuntimeError, ModelError when the model and the data do not fit
 */
export async function evaluate(
  model: Testable,
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  const startedAt = new Date();
  checkModelArgument("evaluate", model, " or a function");
  checkDataset("evaluate", "data", data);
  checkOptions("evaluate", evaluateTable, options);
  const {
    batchSize,
    onProgress,
    seed = evaluateTable.seed.default,
    distance = evaluateTable.distance.default,
    output,
    embedding,
  } = options;
  const transforms = familyOf("evaluate", options.transforms ?? rotation());
  options.signal?.throwIfAborted();
  const notes = new Notes(options.onNote);
  const opened = await openTestable(model, data.shape[0], options);
  notes.add(...opened.notes);
  try {
    const samples = sampleCount(data);
    if (samples === 0)
      throw new UsageError(`The data set ${data.name} is empty; there is nothing to test on.`);
    // How many classes a model tells apart shows in what it predicts, and may be more than the data has.
    const classes = (await opened.predict(imagesAt(data, [0]))).length;
    if (classes < data.classNames.length) {
      throw new UsageError(
        `The model gives ${classes} logits an image; the data set ${data.name} has ${data.classNames.length} ` +
          `classes. Test on the data it was trained for, or name the logits' tensor as output.`,
      );
    }
    const labelled = { ...imageSource(data), labels: data.labels, classes };
    const predict = opened.predictWithEmbeddings ?? opened.predict;
    const scores = await testClassifier(predict, labelled, transforms, {
      batchSize,
      onProgress,
      seed,
      distance,
      signal: options.signal,
    });
    return {
      ...scores,
      notes: notes.list,
      manifest: manifestOf({
        command: options.command,
        config: {
          transforms: describeFamily(transforms),
          seed,
          output: output ?? null,
          logits: opened.logits,
          normalization: opened.normalization,
          distance,
          embedding: embedding ?? null,
        },
        data: { name: data.name, samples, sha256: data.hash },
        model: { name: opened.name, sha256: opened.sha256 },
        startedAt,
      }),
    };
  } finally {
    await opened.release();
  }
}
