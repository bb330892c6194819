/** Whether the frozen part of a model is computed once for each image and view, and what a run then trains on. */
import { type TransformFamily, type ViewSource, cropFlipImages, hasRanges } from "../augment/index.ts";
import { type ImageSource, sampleCount } from "../data/index.ts";
import {
  type CacheImages,
  type FrozenCut,
  cutFrozen,
  featureViews,
  fillCache,
  isDrawing,
  openCache,
  plainImages,
  prefixOf,
} from "../features/index.ts";
import type { Graph } from "../onnx/index.ts";
import { type ImageBatch, type Notes, UsageError, joinImages, readBatch } from "../tensor/index.ts";
import type { StepPlan } from "../train/index.ts";
import { GB, MEMORY_BYTES, counted, megabytes, placeOf, roomFor } from "./feature-place.ts";
import type { FitOptions } from "./fit-options.ts";
import { fitTable } from "./options/fit-table.ts";
import type { PlannedRun } from "./plan-run.ts";
import type { FitSettings } from "./resolve-fit-options.ts";

/** With the cache a run has to take this share of the work that it takes without, or less. */
const WORTH_IT = 0.8;

/** A run on cached features. */
export interface FeatureRun {
  /** The step of what trains, whose images are the features. */
  readonly plan: StepPlan;
  readonly views: ViewSource;
  /**
   * The features of other images under every member of the family, as they are without crop and flip: what
   * `plan.classifier`, with the weights of the moment and in evaluation form, makes logits of. Null where there is no room
   * for them, which is said.
   */
  viewsOf(source: ImageSource): Promise<ViewSource | null>;
  /** Lets go of files, and removes those that were for this run alone. */
  close(isFinished: boolean): void;
}

/** What will be kept. */
export interface FeaturePlan {
  /** For manifests, and for the identity of a checkpoint. */
  readonly description: { readonly size: number; readonly draws: number };
  /** Fills the cache. */
  open(): Promise<FeatureRun>;
}

/**
 * Plans a cache, where there is a frozen part and its cache is asked for or worth it; null where there is none.
 *
 * @param isLater  it is for a later stage of a run: where there is nothing to keep, that is no error
 * @throws UsageError where a cache is asked for and cannot be
 */
export function planFeatures(
  { plan, prepared }: PlannedRun,
  data: ImageSource,
  family: TransformFamily,
  settings: FitSettings,
  options: FitOptions,
  notes: Notes,
  isLater = false,
): FeaturePlan | null {
  const { cache } = options;
  // Drawn anew in each step; `rangeNotes` has said what cannot be.
  if (hasRanges(family) && plan.objective.method.views !== "none") return null;
  checkDraws(data, family, settings, options);
  if (cache === false) return null;
  const isAsked = cache !== undefined && !isLater;
  const part = isLater ? "What is still frozen then" : "The frozen part";
  const { classifier, objective } = plan;
  const { aligned } = prepared.use;
  if (objective.method.views === "mixes") {
    if (!isAsked) return null;
    throw new UsageError(
      `cache: the mixtures of method "${objective.method.name}" are drawn anew in each step, so nothing can be kept. Leave cache out.`,
    );
  }
  const refused = (why: string, advice = "or train less of the model (trainable)"): null => {
    if (isAsked) throw new UsageError(`cache: ${why}. Leave cache out, ${advice}.`);
    return null;
  };
  const cut = cutFrozen(classifier.graph, new Set(prepared.trained), {
    input: classifier.input,
    image: prepared.image,
    targets: [...new Set([classifier.logits, ...(aligned === undefined ? [] : [aligned])])],
    frozenStatistics: prepared.frozen,
  });
  if ("none" in cut) {
    // Nobody expects one of a net that trains as a whole.
    if (!isAsked && settings.trainable !== "all") notes.add(`${part} is computed in each step: ${cut.none}.`);
    return refused(`there is nothing to keep: ${cut.none}`);
  }
  const members = objective.method.views === "none" ? family.members.slice(0, 1) : family.members;
  const drawing = members.find((member) => isDrawing(member, data.shape));
  const draws = options.draws ?? 1;
  const isDrawn = settings.crop > 0 || settings.flip || drawing !== undefined;
  if (!isAsked && !isWorthIt(cut, members.length * draws, settings.epochs * plan.viewsPerSample)) return null;
  if (isDrawn && options.draws === undefined) {
    const what = settings.crop > 0 || settings.flip ? "crop and flip draw" : `"${drawing?.name}" draws`;
    const said = `${what} anew in each step. With draws: 8 (--draws 8) eight draws of each image are kept, and training takes one of them in each step`;
    if (!isAsked) notes.add(`${part} is computed in each step: ${said}.`);
    return refused(said, "or say how many (draws)");
  }
  const count = sampleCount(data) * draws;
  const views = count * members.length;
  const bytes = 4 * cut.size * views;
  const limit = GB * (options.cacheLimit ?? fitTable.cacheLimit.default);
  const place = placeOf(options, bytes);
  const tooLarge = roomFor(bytes, limit, place.folder);
  if (tooLarge !== null) {
    if (!isAsked) notes.add(`${part} is computed in each step: ${tooLarge}.`);
    return refused(tooLarge, "or give a folder on a larger disk (cache, --cache) or a higher limit");
  }
  notes.add(
    ...cut.notes,
    `${part}, ${percent(cut.share)} of the model's work, is computed once for ${counted(count)} ` +
      `${draws > 1 ? "drawn images" : "images"} × ${counted(members.length)} ${members.length === 1 ? "view" : "views"}: ` +
      `${counted(cut.size)} numbers each, ${megabytes(bytes)} ${place.folder === null ? "in memory" : `in ${place.folder}`} ` +
      `(--no-cache computes it in each step).`,
  );
  const open = async (): Promise<FeatureRun> => {
    const prefix = await prefixOf(classifier, cut, data.shape, settings);
    const cached = openCache(prefix, {
      folder: place.make(),
      memoryBytes: MEMORY_BYTES,
      session: { executionProvider: settings.executionProvider, threads: settings.threads },
      signal: options.signal,
      onNote: (note) => notes.add(note),
      onProgress: options.onCacheProgress,
    });
    const close = (isFinished: boolean) => {
      cached.close();
      if (isFinished || !options.checkpoint) place.remove();
    };
    const filled = async (images: CacheImages, under: TransformFamily["members"], drawn: number) => {
      try {
        return featureViews(await fillCache(cached, images, under, family), family, drawn, settings.seed);
      } catch (error) {
        close(false);
        throw error;
      }
    };
    return {
      plan: suffixPlan(plan, cut),
      views: await filled(imagesOf(data, settings, draws), members, draws),
      async viewsOf(source) {
        const more = 4 * cut.size * sampleCount(source) * family.members.length;
        const why =
          bytes + more > limit ? roomFor(bytes + more, limit, null) : roomFor(more, limit, place.folder);
        if (why !== null) {
          notes.add(`The frozen part is computed for ${source.name} in each test of it: ${why}.`);
          return null;
        }
        notes.add(
          `The same for ${counted(sampleCount(source))} images of ${source.name} × ${counted(family.members.length)} views, ` +
            `${megabytes(more)}.`,
        );
        return filled(plainImages(source), family.members, 1);
      },
      close,
    };
  };
  return { description: { size: cut.size, draws }, open };
}

/** @throws UsageError for draws of images that are the same in each step, or that nothing keeps */
function checkDraws(
  data: ImageSource,
  { members }: TransformFamily,
  { crop, flip }: FitSettings,
  { cache, draws = 1 }: FitOptions,
): void {
  if (draws === 1) return;
  if (cache === false) {
    throw new UsageError(
      `draws (--draws) are what the cache keeps, and cache false (--no-cache) keeps nothing. Leave one of them out.`,
    );
  }
  if (crop > 0 || flip || members.some((member) => isDrawing(member, data.shape))) return;
  throw new UsageError(
    `There is nothing to draw (draws, --draws): without crop, flip or a transform that draws anew in each step every draw of an ` +
      `image is the same. Leave draws out.`,
  );
}

/** Forward passes of the frozen part with the cache and without, of all work. */
const isWorthIt = ({ share }: FrozenCut, cached: number, fed: number): boolean =>
  cached * share + fed * (1 - share) <= WORTH_IT * fed;

/** The step of the suffix, on features in the place of images. */
function suffixPlan(plan: StepPlan, { suffix, features, size }: FrozenCut): StepPlan {
  const { graph, logits, runningVariance, penalties } = plan.classifier;
  // Penalties of frozen weights are a part of the loss too.
  const penalised = (penalties ?? []).map(({ weight }) => [weight, graph.initializers.get(weight)!] as const);
  const initializers: Graph["initializers"] = new Map([...penalised, ...suffix.initializers]);
  return {
    ...plan,
    classifier: { graph: { ...suffix, initializers }, input: features, logits, runningVariance, penalties },
    imageShape: [size, 1, 1],
  };
}

/** The images that views are made of; with draws, each several times, cropped and mirrored anew. */
function imagesOf(data: ImageSource, settings: FitSettings, draws: number): CacheImages {
  const { crop, flip, seed } = settings;
  const count = sampleCount(data) * draws;
  if (draws === 1 && crop === 0 && !flip) return plainImages(data);
  const drawn = crop > 0 || flip ? cropFlipImages(data, settings, seed) : data;
  return {
    count,
    hash: JSON.stringify([data.hash, crop, flip, seed, draws]),
    seenShape: (drawn.surround ?? drawn).shape,
    async read(indices) {
      const images: ImageBatch[] = [];
      // Each draw has a stream of its own, in place of a step's.
      for (const index of Array.from(indices)) {
        images.push(await readBatch(drawn, [Math.floor(index / draws)], undefined, index));
      }
      return joinImages(images);
    },
    readAhead: (indices) =>
      data.readAhead?.([...new Set(Array.from(indices, (index) => Math.floor(index / draws)))]),
    drawOf: (index) => index % draws,
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
