/** A model that answers about pictures: opened once, for one call or many. Nothing of Node is in here, as a page asks models too. */
import {
  type TransformFamily,
  familyFromSpec,
  familyOf,
  identity,
  modulePaths,
  rotation,
} from "../augment/index.ts";
import type { ImageFolderOptions } from "../data/image-folder-options.ts";
import type { PictureOptions } from "../data/picture-table.ts";
import type { OpenedPictures } from "../data/pictures/opened-by.ts";
import { pictureBatch } from "../data/pictures/picture-batch.ts";
import {
  NonFiniteError,
  type Prediction,
  batchImages,
  predictViews,
  predictionOf,
} from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { type ImageBatch, Notes, type Shape, type TakenImages, UsageError } from "../tensor/index.ts";
import { answerNames } from "./answer-names.ts";
import type { OpenedTestable } from "./open-testable.ts";
import type { PredictionOptions } from "./prediction-options.ts";

/** What of a model decides how pictures are read and what stable means. */
export type PredictorFacts = Pick<Classifier, "transforms"> & { readonly taken: TakenImages };

/** A model, ready to run. */
export interface RunningModel extends Pick<
  OpenedTestable,
  "predict" | "release" | "name" | "title" | "sha256" | "classNames" | "temperature" | "notes"
> {
  /**
   * Looks whether images of a batch see one another.
   *
   * @returns notes
   * @throws UsageError where a picture's logits depend on the others of its batch
   */
  checkRows?(images: ImageBatch, batchSize: number): Promise<readonly string[]>;
}

/** What is not the same in Node and in a page. */
export interface PredictorDoors<Picture> {
  readonly facts: PredictorFacts;
  /** Reads headers, and later pixels. */
  openPictures(
    name: string,
    pictures: readonly Picture[],
    options: ImageFolderOptions,
  ): Promise<OpenedPictures>;
  /** What messages call a picture of a list. */
  nameOf(picture: Picture, index: number): string;
  openModel(image: Shape): Promise<RunningModel>;
}

/** What was asked for, as far as both know it. */
export type PredictorOptions = Pick<
  PredictionOptions,
  "transforms" | "classMap" | "batchSize" | "onNote" | "onProgress" | "signal" | keyof PictureOptions
>;

export interface PictureAnswers {
  /** About each picture; an error in the place of each that cannot be read. */
  readonly answers: readonly (Prediction | Error)[];
  /** The model that gave them; null where no picture could be read. */
  readonly model: Pick<OpenedTestable, "name" | "sha256"> | null;
  /** How pictures came to the model's size. */
  readonly settings: OpenedPictures["settings"];
}

export class Predictor<Picture> {
  readonly #doors: PredictorDoors<Picture>;
  readonly #options: PredictorOptions;
  readonly #notes: Notes;
  /** Null for none. */
  readonly family: TransformFamily | null;
  readonly #opened = new Map<string, Promise<RunningModel>>();
  readonly #checked = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  /** @throws UsageError for shifts that cannot be used */
  constructor(doors: PredictorDoors<Picture>, options: PredictorOptions) {
    this.#doors = doors;
    this.#options = options;
    this.#notes = new Notes(options.onNote);
    const { family, notes } = familyFor(options.transforms, doors.facts);
    this.family = family;
    this.#notes.add(...notes);
  }

  get notes(): readonly string[] {
    return this.#notes.list;
  }

  /** One call after another: a model that runs twice at once would take twice the memory. */
  answers(
    pictures: readonly Picture[],
    call: Pick<PredictorOptions, "signal" | "onProgress"> = this.#options,
  ): Promise<PictureAnswers> {
    const answering = this.#last.then(() => this.#answers(pictures, call));
    this.#last = answering.catch(() => undefined);
    return answering;
  }

  /** Lets the model go; a later call opens it again. */
  async release(): Promise<void> {
    await this.#last;
    const all = [...this.#opened.values()];
    this.#opened.clear();
    for (const opened of all) await (await opened).release();
  }

  async #answers(
    pictures: readonly Picture[],
    { signal, onProgress }: Pick<PredictorOptions, "signal" | "onProgress">,
  ): Promise<PictureAnswers> {
    signal?.throwIfAborted();
    const { size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop } = this.#options;
    const images = { size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop };
    const { facts } = this.#doors;
    const opened = await this.#doors.openPictures("predict", pictures, { ...images, like: facts.taken });
    this.#notes.add(...opened.notes);
    const answers: (Prediction | Error)[] = pictures.map((_, i) => opened.unreadable.get(i)!);
    const { settings } = opened;
    if (settings === null) return { answers, model: null, settings };
    const shape = [settings.channels, settings.height, settings.width] as const;
    const testable = await this.#openedFor(shape);
    const batchSize = this.#options.batchSize ?? batchImages(shape);
    const batches = chunks(
      pictures.flatMap((_, i) => (opened.unreadable.has(i) ? [] : [i])),
      batchSize,
    );
    let ahead = opened.pixels(batches[0]);
    let done = opened.unreadable.size;
    let classNames: readonly string[] | undefined;
    for (const [b, indices] of batches.entries()) {
      const decoded = await ahead;
      if (b + 1 < batches.length) ahead = decodedLater(opened.pixels(batches[b + 1]));
      signal?.throwIfAborted();
      const readable = indices.filter((index, i) => {
        const pixels = decoded[i];
        if (pixels instanceof Error) answers[index] = pixels;
        return !(pixels instanceof Error);
      });
      const rows = decoded.filter((each): each is Uint8Array => !(each instanceof Error));
      if (rows.length > 0) {
        const logits = await this.#logits(testable, pictureBatch(rows, settings), batchSize, (i) =>
          this.#doors.nameOf(pictures[readable[i]], readable[i]),
        );
        classNames ??= this.#names(testable, logits[0][0].length);
        for (const [i, index] of readable.entries())
          answers[index] = predictionOf(logits[i], { classNames, temperature: testable.temperature });
      }
      onProgress?.((done += indices.length), pictures.length);
    }
    const { name, sha256 } = testable;
    return { answers, model: { name, sha256 }, settings };
  }

  /** Of each image, under each member. */
  async #logits(
    testable: RunningModel,
    images: ImageBatch,
    batchSize: number,
    nameOf: (i: number) => string,
  ): Promise<Float32Array[][]> {
    const [, ...shape] = images.shape;
    await this.#checkRows(testable, images, batchSize);
    const members = this.family ? this.family.members : [identity];
    return predictViews(testable.predict, images, members).catch((error: unknown) => {
      if (!(error instanceof NonFiniteError)) throw error;
      const { sample, member, value } = error;
      throw new UsageError(
        `${testable.title} gives ${value} for ${nameOf(sample)} under "${member}" (images of ${shape.join("×")}). Check what ` +
          `it expects of pixels: alignreg inspect.`,
        { cause: error },
      );
    });
  }

  #names(testable: RunningModel, width: number): readonly string[] | undefined {
    const names = answerNames(testable.classNames, this.#options.classMap, width);
    if (names === undefined) {
      this.#notes.add(
        `${testable.title} names no classes: answers are the numbers of its ${width} logits, from 0. A class map names them ` +
          `(classMap, --class-map).`,
      );
    }
    return names;
  }

  /** Once for each shape of images. @throws UsageError where a picture's logits depend on the others of its batch */
  async #checkRows(testable: RunningModel, images: ImageBatch, batchSize: number): Promise<void> {
    const key = images.shape.slice(1).join();
    if (batchSize === 1 || this.#checked.has(key)) return;
    this.#notes.add(...((await testable.checkRows?.(images, batchSize)) ?? []));
    this.#checked.add(key);
  }

  #openedFor(shape: Shape): Promise<RunningModel> {
    const key = shape.join();
    const known = this.#opened.get(key);
    if (known) return known;
    const opening = this.#doors.openModel(shape).then(
      (opened) => {
        this.#notes.add(...opened.notes);
        return opened;
      },
      (error: unknown) => {
        this.#opened.delete(key);
        throw error;
      },
    );
    this.#opened.set(key, opening);
    return opening;
  }
}

/** Which views, and what is said of a choice that nobody made. @throws UsageError */
function familyFor(
  given: PredictionOptions["transforms"],
  { transforms }: PredictorFacts,
): { readonly family: TransformFamily | null; readonly notes: readonly string[] } {
  if (given === null) return { family: null, notes: [] };
  if (given !== undefined) return { family: familyOf("predict", given), notes: [] };
  const otherwise = "transforms (--transforms) names others";
  if (transforms === undefined) {
    const family = rotation();
    const why = `The model does not say for which shifts it was trained: stability is that under ${family.name}; ${otherwise}.`;
    return { family, notes: [why] };
  }
  try {
    // What a model names is never run.
    const [path] = modulePaths(transforms);
    if (path !== undefined) throw new UsageError(`it names the module ${path}, which is not run`);
    return { family: familyFromSpec(transforms), notes: [] };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(
      `The shifts that the model's file names (alignreg.transforms) cannot be used: ${cause.message} Give ${otherwise}.`,
      { cause },
    );
  }
}

function chunks(indices: readonly number[], size: number): number[][] {
  const count = Math.ceil(indices.length / size);
  return Array.from({ length: count }, (_, i) => indices.slice(i * size, (i + 1) * size));
}

/** What is decoded ahead may fail before anybody waits for it. */
function decodedLater<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
