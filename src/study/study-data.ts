import { resolve } from "node:path";
import { type Dataset, type Split, loadData, sampleCount, subset, take } from "../data/index.ts";
import { UsageError, random } from "../tensor/index.ts";
import type { Study } from "./study.ts";

type DataSettings = Pick<Study, "data" | "dataSeed">;

/** Which images a cell asks for. */
export type DataPart = "train" | "validation" | "test";

/**
 * Reads parts of the study's data. Training and validation images are drawn once, without overlap, from the training
 * set by `dataSeed`; test images are the first of the test set.
 *
 * @param directory  of the study file, to which a folder's path is relative
 * @throws UsageError, DataError when the data is missing or too small
 */
export class StudyData {
  readonly #read = new Map<Split, Promise<Dataset>>();

  constructor(
    readonly settings: DataSettings,
    readonly directory: string,
  ) {}

  async part(part: DataPart): Promise<Dataset> {
    const { data, dataSeed } = this.settings;
    if (part === "test") {
      const test = await this.#split("test");
      if (data.test === undefined) return test;
      checkEnough(test, data.test);
      return take(test, data.test);
    }
    const all = await this.#split("train");
    const validation = data.validation ?? 0;
    const train = data.train ?? sampleCount(all) - validation;
    checkEnough(all, train + validation);
    // The training images come first, so that more validation images leave them as they are.
    const order = random(dataSeed, "study").permutation(sampleCount(all));
    const [from, to] = part === "train" ? [0, train] : [train, train + validation];
    if (from === to)
      throw new UsageError(`There are no ${part} images. Give data.${part}, or lower the others.`);
    return subset(all, order.subarray(from, to), `${all.name}, ${part} part of ${to - from}`);
  }

  #split(split: Split): Promise<Dataset> {
    const { name, imageSize, channels } = this.settings.data;
    const known = this.#read.get(split);
    if (known) return known;
    // A name without a slash may be built in; a folder of that name is written ./name, as for the commands.
    const isPath = /[\\/]/.test(name) || name === "." || name === "..";
    const reading = loadData(isPath ? resolve(this.directory, name) : name, split, {
      size: imageSize,
      channels,
    });
    this.#read.set(split, reading);
    return reading;
  }
}

function checkEnough(dataset: Dataset, wanted: number): void {
  if (sampleCount(dataset) < wanted) {
    throw new UsageError(
      `The study asks for ${wanted} images of ${dataset.name}, which has ${sampleCount(dataset)}. Lower its data sizes.`,
    );
  }
}
