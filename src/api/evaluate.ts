import { familyOf, rotation } from "../augment/index.ts";
import { type Dataset, type ImageSource, checkSource, labelledPart, sampleCount } from "../data/index.ts";
import {
  type CalibrationScores,
  type ClassResults,
  type Scores,
  type StabilityScores,
  batchImages,
  calibrationScores,
  classResults,
  pointCount,
  stabilityScores,
  type Predictions,
  type RangeSearch,
  type Searched,
  searchRanges,
  testClassifier,
  withLabels,
} from "../evaluate/index.ts";
import { checkOptions } from "../options/index.ts";
import { Notes, UsageError, sizeOf } from "../tensor/index.ts";
import { checkModelArgument } from "./check-model-argument.ts";
import { checkRows } from "./check-rows.ts";
import {
  meaningDoubts,
  otherShiftsDoubts,
  pictureDoubts,
  seenImagesDoubts,
  testDataDoubts,
  testResultDoubts,
} from "./doubts/index.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";
import { describeFamily } from "./fit.ts";
import { describeMatch, describePreprocessing } from "./describe.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { matchClasses } from "./match-classes.ts";
import { type OpenedTestable, type Testable, openTestable } from "./open-testable.ts";
import { evaluateTable } from "./options/evaluate-table.ts";
import { type TestedFeatures, testedFeatures } from "./tested-features.ts";
import { type OpenWarpGradient, openWarpGradient } from "./warp-gradient.ts";
import { namedBy, plannedRangeTest, searchConfig, searchNotes } from "./range-test.ts";
import type { OpenSharedSearch } from "./shared-search.ts";
import { readTrainedOn } from "./trained-on.ts";

export type EvaluationResult = Scores &
  ClassResults & {
    /** Of the form of this result as JSON; docs/cli.md shows it. */
    readonly schema: "alignreg-test";
    readonly version: 1;
    /** How far probabilities are from how often answers are right, at the model's temperature too. */
    readonly calibration: CalibrationScores;
    /** Whether answers are right where all views are given the same one; null without views. */
    readonly stability: StabilityScores | null;
    /** How a family with ranges was searched, which robust accuracy and the worst case are of; left out for finite ones. */
    readonly search?: RangeSearch;
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
  images: Dataset | ImageSource,
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  const startedAt = new Date();
  checkModelArgument("evaluate", model, " or a function");
  checkSource("evaluate", "data", images);
  const { data, indices, notes: left } = labelledPart(images, "the test");
  checkOptions("evaluate", evaluateTable, options);
  const {
    batchSize = batchImages(data.shape),
    onProgress,
    seed = evaluateTable.seed.default,
    distance = evaluateTable.distance.default,
    output,
    embedding,
    jobs = 1,
  } = options;
  const family = familyOf("evaluate", options.transforms ?? rotation());
  const planned = plannedRangeTest(family, options, seed);
  const transforms = planned?.sampled ?? family;
  options.signal?.throwIfAborted();
  const notes = new Notes(options.onNote);
  const opened = await openTestable(model, data.shape, options);
  let features: TestedFeatures | undefined;
  let gradient: OpenWarpGradient | undefined;
  let shared: OpenSharedSearch | undefined;
  try {
    // Before anything is tested: it may be that there are none.
    if (planned && planned.search.kind !== "gradient" && jobs > 1) {
      const { openSharedSearch } = await import("./shared-search.ts");
      const { threads, signal } = options;
      const how = { jobs, batchSize, threads, signal };
      shared = openSharedSearch(opened, family, planned.search.points, how);
    }
    if (planned?.search.kind === "gradient")
      gradient = await openWarpGradient(opened, data, planned.search.ranges.warps.fill, {
        ...options,
        batchSize,
      });
    notes.add(...(data.notes ?? []), ...left, ...(await testDataDoubts(data)), ...opened.notes);
    notes.add(...pictureDoubts(opened.pictures, data, opened.title));
    if (options.transforms === undefined)
      notes.add(...otherShiftsDoubts(opened.classifier?.transforms, transforms));
    notes.add(...meaningDoubts(transforms, data.classNames));
    const doubtSeen = async () =>
      notes.add(...(await seenImagesDoubts(readTrainedOn(opened.metadata), data)));
    // Files that the test decodes anyway are not decoded twice for it.
    const isKnownAfter = data.imageHashes !== undefined;
    if (!isKnownAfter) await doubtSeen();
    const samples = sampleCount(data);
    if (samples === 0)
      throw new UsageError(`The data set ${data.name} is empty; there is nothing to test on.`);
    // How many classes a model tells apart shows in what it predicts, and may be more than the data has.
    const { classes, notes: doubts } = await rowsOf(opened, data, batchSize);
    notes.add(...doubts);
    if (classes < data.classNames.length && !options.classMap) {
      throw new UsageError(
        `The model gives ${classes} logits an image; the data set ${data.name} has ${data.classNames.length} ` +
          `classes. Test on the data it was trained for, or name the logits' tensor as output.`,
      );
    }
    const isFunction = typeof model === "function";
    const match = matchClasses({
      data: data.classNames,
      dataName: data.name,
      model: opened.classNames,
      modelName: opened.title,
      logits: classes,
      classMap: options.classMap,
      isFresh: isFunction,
    });
    notes.add(...match.notes);
    const labels = data.labels.map((label) => match.logitOf[label]);
    const labelled = withLabels(data, labels, classes);
    const { cache } = options;
    features =
      cache === undefined
        ? undefined
        : await testedFeatures(opened, data, transforms, { ...options, cache }, notes);
    const predict = features?.predict ?? opened.predictWithEmbeddings ?? opened.predict;
    let predictions: Predictions | undefined;
    let calibration: CalibrationScores | undefined;
    let stability: StabilityScores | null = null;
    const samplesTotal = samples * transforms.members.length;
    const total = samplesTotal + samples * (planned ? pointCount(planned.search) : 0);
    const sampledScores = await testClassifier(predict, labelled, transforms, {
      batchSize: features ? options.batchSize : batchSize,
      views: features?.views,
      onProgress: onProgress && ((done) => onProgress(done, total)),
      seed,
      distance,
      signal: options.signal,
      onPredictions: (made) => {
        predictions = made;
        notes.add(...testResultDoubts(made, data));
        calibration = calibrationScores(made, opened.temperature);
        stability = stabilityScores(made, opened.temperature);
      },
    });
    let searched: Searched | undefined;
    if (planned) {
      const { ranges, search } = planned;
      const { robustAccuracy: onSample } = sampledScores;
      searched = await searchRanges(opened.predict, labelled, ranges, search, predictions!, onSample, {
        warpGradient: gradient?.warpGradient,
        shared,
        batchSize,
        onProgress: onProgress && ((done) => onProgress(samplesTotal + done, total)),
        signal: options.signal,
      });
      notes.add(...searchNotes(searched.search, samples));
    }
    const scores = searched ? { ...sampledScores, robustAccuracy: searched.robustAccuracy } : sampledScores;
    const perClass = namedBy(
      classResults(
        { ...(searched?.predictions ?? predictions!), files: data.files },
        {
          classNames: match.classNames,
          listed: match.logitOf,
          hardest: options.hardest,
          indices: indices ?? undefined,
          temperature: opened.temperature,
        },
      ),
      searched,
      indices,
    );
    if (isKnownAfter) await doubtSeen();
    return {
      schema: "alignreg-test",
      version: 1,
      ...scores,
      calibration: calibration!,
      stability,
      ...(searched && { search: searched.search }),
      ...perClass,
      notes: notes.list,
      manifest: manifestOf({
        command: options.command,
        config: {
          transforms: describeFamily(transforms),
          seed,
          output: output ?? null,
          logits: opened.logits,
          ...describePreprocessing(opened.preprocessing),
          ...describeMatch(match, data.classNames),
          distance,
          embedding: embedding ?? null,
          ...(features && { features: features.size }),
          ...(searched && { search: searched.search.kind, ...searchConfig(options) }),
        },
        data: { name: data.name, samples, sha256: data.hash },
        model: { name: opened.name, sha256: opened.sha256 },
        startedAt,
      }),
    };
  } finally {
    await shared?.release();
    await gradient?.release();
    await features?.release();
    await opened.release();
  }
}

/** How many logits the model gives an image, once it is known that they depend on the image alone. */
async function rowsOf(
  opened: OpenedTestable,
  data: ImageSource,
  batchSize: number,
): Promise<{ readonly classes: number; readonly notes: readonly string[] }> {
  // One by one images cannot see each other.
  if (batchSize === 1) {
    const first = { data: new Float32Array(sizeOf(data.shape)), shape: [1, ...data.shape] as const };
    await data.read([0], first.data);
    return { classes: (await opened.predict(first)).length, notes: [] };
  }
  const { width, notes } = await checkRows({ ...opened, mayDraw: opened.graph === null }, data, batchSize);
  return { classes: width, notes };
}
