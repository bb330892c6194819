/** A test on kept features: what comes before a model's head is computed once for each image and view, for other tests too. */
import type { TransformFamily, ViewSource } from "../augment/index.ts";
import { type ImageSource, sampleCount } from "../data/index.ts";
import type { Predict, PredictWithEmbeddings } from "../evaluate/index.ts";
import {
  type CacheProgress,
  cutFrozen,
  featureViews,
  fillCache,
  isDrawing,
  openCache,
  plainImages,
  prefixOf,
} from "../features/index.ts";
import { freeBatch } from "../onnx/index.ts";
import { headNames } from "../parameters/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { type Notes, UsageError } from "../tensor/index.ts";
import { evaluationForm } from "../train/index.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";
import { GB, MEMORY_BYTES, counted, megabytes, roomFor } from "./feature-place.ts";
import { ofTwoClasses } from "./of-two-classes.ts";
import type { OpenedTestable } from "./open-testable.ts";
import { evaluateTable } from "./options/evaluate-table.ts";
import { prepareModel } from "./prepare-model.ts";

/** A model's head, and what it is given. */
export interface TestedFeatures {
  readonly predict: Predict | PredictWithEmbeddings;
  /** [F, 1, 1] for each image under each member. */
  readonly views: ViewSource;
  /** F */
  readonly size: number;
  release(): Promise<void>;
}

export interface TestedFeaturesOptions extends Pick<
  EvaluateOptions,
  "embedding" | "executionProvider" | "threads" | "cacheLimit" | "signal"
> {
  /** The folder that keeps them. */
  readonly cache: string;
  readonly onCacheProgress?: (progress: CacheProgress) => void;
}

/**
 * Cuts an opened model before its new head, or before its last layer where it has no such head, and fills the cache.
 *
 * @throws UsageError for a model that cannot be cut there, a family that draws anew each time, or where there is no room
 */
export async function testedFeatures(
  opened: OpenedTestable,
  data: ImageSource,
  family: TransformFamily,
  options: TestedFeaturesOptions,
  notes: Notes,
): Promise<TestedFeatures> {
  const { cache, cacheLimit = evaluateTable.cacheLimit.default, embedding, signal } = options;
  const refused = (why: string) => new UsageError(`cache: ${why}. Leave cache out (--cache).`);
  if (opened.classifier === null) throw refused(`${opened.title} cannot be cut: its graph is not known`);
  const { executionProvider, threads = evaluateTable.threads.default } = options;
  const session = { executionProvider, threads };
  const classifier = { ...opened.classifier, ...opened.preprocessing };
  const [channels, height, width] = data.shape;
  const declared = classifier.graph.inputs.find(({ name }) => name === classifier.input)?.shape?.slice(1);
  const fits = (lengths: readonly number[]) =>
    declared?.every((n, i) => typeof n !== "number" || n === lengths[i]) ?? true;
  const model = { ...classifier, channelsLast: classifier.channelsLast ?? !fits([channels, height, width]) };
  const head = [...headNames(model.metadata)];
  const prepared = prepareModel(model, data.shape, {
    trainable: head.length > 0 ? head : { last: 1 },
    align: embedding ?? "logits",
  });
  const graph = freeBatch(prepared.graph, model.input, prepared.image, model.logits);
  const targets = [...new Set([model.logits, ...(embedding === undefined ? [] : [embedding])])];
  const cut = cutFrozen(graph, new Set(prepared.trained), {
    ...{ input: model.input, image: prepared.image, targets },
    frozenStatistics: prepared.frozen,
  });
  if ("none" in cut) throw refused(`there is nothing to keep of ${opened.title}: ${cut.none}`);
  const drawing = family.members.find((member) => isDrawing(member, data.shape));
  if (drawing) throw refused(`"${drawing.name}" draws anew each time`);
  const bytes = 4 * cut.size * sampleCount(data) * family.members.length;
  const tooLarge = roomFor(bytes, GB * cacheLimit, cache);
  if (tooLarge !== null) throw refused(tooLarge);
  notes.add(
    ...cut.notes,
    `What ${opened.title} does before its ${head.length > 0 ? "head" : "last layer"} is kept for ${counted(sampleCount(data))} images × ` +
      `${counted(family.members.length)} views: ${counted(cut.size)} numbers each, ${megabytes(bytes)} in ${cache}.`,
  );
  const prefix = await prefixOf(model, cut, data.shape, session);
  const kept = openCache(prefix, {
    ...{ folder: cache, memoryBytes: MEMORY_BYTES, session, signal },
    onNote: (note) => notes.add(note),
    onProgress: options.onCacheProgress,
  });
  try {
    const features = await fillCache(kept, plainImages(data), family.members, family);
    const suffix = await openClassifier(evaluationForm(cut.suffix, cut.features), {
      ...{ output: model.logits, embedding, ...session },
      source: opened.title,
    });
    const embedded: PredictWithEmbeddings = async (images) => {
      const batch = await suffix.predictWithEmbeddings(images);
      return { ...batch, logits: ofTwoClasses(batch.logits, images.shape[0]) };
    };
    return {
      predict:
        embedding === undefined
          ? async (images) => ofTwoClasses(await suffix.predict(images), images.shape[0])
          : embedded,
      views: featureViews(features, family, 1, 0),
      size: cut.size,
      async release() {
        kept.close();
        await suffix.release();
      },
    };
  } catch (error) {
    kept.close();
    throw error;
  }
}
