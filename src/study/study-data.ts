import { modelImages } from "../api/index.ts";
import {
  type ImageSource,
  type Split,
  hideLabels,
  openData,
  sampleCount,
  samplePart,
  strata,
} from "../data/index.ts";
import { type TakenImages, UsageError } from "../tensor/index.ts";
import { dataLocation } from "./data-location.ts";
import { modelLocation } from "./model-location.ts";
import type { Study } from "./study.ts";

/** The model, where it is a file, says how images of a folder are read, as far as the study does not. */
type DataSettings = Pick<Study, "data" | "dataSeed"> & Partial<Pick<Study, "model">>;

/** Which images a cell asks for. */
export type DataPart = "train" | "validation" | "test";

/** How parts are drawn. It enters the cells' configs: a cell whose images were drawn by another rule is another cell. */
export const samplingRule = "stratified";

/**
 * Reads parts of the study's data. Training and validation images are drawn once, without overlap, from the training
 * set by `dataSeed`, test images from the test set; each part has the classes in the proportions of its set.
 *
 * @param directory  of the study file, to which a folder's path is relative
 * @throws UsageError, DataError when the data is missing or too small
 */
export class StudyData {
  readonly #read = new Map<Split, Promise<ImageSource>>();

  constructor(
    readonly settings: DataSettings,
    readonly directory: string,
  ) {}

  async part(part: DataPart): Promise<ImageSource> {
    const { data } = this.settings;
    if (part === "test") {
      const test = await this.#split("test");
      return this.#drawn(test, part, [data.test ?? sampleCount(test)], 0);
    }
    const all = await this.#split("train");
    const validation = data.validation ?? 0;
    const unlabelled = data.unlabelled ?? 0;
    const train = data.train ?? sampleCount(all) - validation - unlabelled;
    const sizes = [train, validation, unlabelled];
    // The training images come first, so that more validation images leave them as they are.
    if (part === "validation" || unlabelled === 0)
      return this.#drawn(all, part, sizes, part === "train" ? 0 : 1);
    this.#drawn(all, part, sizes, 0);
    const parts = strata(all.labels, sizes, this.settings.dataSeed);
    const name = `${all.name}, train part of ${train} and ${unlabelled} without labels`;
    return hideLabels(samplePart(all, Uint32Array.from([...parts[0], ...parts[2]]), name), train, name);
  }

  /** One of the disjoint parts of these sizes. */
  #drawn(all: ImageSource, part: DataPart, sizes: readonly number[], which: number): ImageSource {
    checkEnough(
      all,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const size = sizes[which];
    if (size <= 0)
      throw new UsageError(`There are no ${part} images. Give data.${part}, or lower the others.`);
    if (size === sampleCount(all)) return all;
    const indices = strata(all.labels, sizes, this.settings.dataSeed)[which];
    return samplePart(all, indices, `${all.name}, ${part} part of ${size}`);
  }

  async #like(): Promise<TakenImages | undefined> {
    const { model } = this.settings;
    if (typeof model !== "object" || !("file" in model)) return undefined;
    return (await modelImages(modelLocation(model, this.directory), { output: model.output })) ?? undefined;
  }

  async #split(split: Split): Promise<ImageSource> {
    const known = this.#read.get(split);
    if (known) return known;
    const {
      name,
      imageSize: size,
      channels,
      resize,
      cropShare,
      interpolation,
      exif,
      transformBeforeCrop,
    } = this.settings.data;
    const location = dataLocation(name, this.directory);
    const given = { size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop };
    const reading = this.#like().then((like) => openData(location, split, { ...given, like }));
    this.#read.set(split, reading);
    return reading;
  }
}

function checkEnough(dataset: ImageSource, wanted: number): void {
  if (sampleCount(dataset) < wanted) {
    throw new UsageError(
      `The study asks for ${wanted} images of ${dataset.name}, which has ${sampleCount(dataset)}. Lower its data sizes.`,
    );
  }
}
