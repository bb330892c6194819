/** A classifier that was read from a file, with what can be asked of it. */
import type { Picture } from "../data/index.ts";
import type { Prediction } from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { checkOptions } from "../options/index.ts";
import { predictTable } from "./options/predict-table.ts";
import { checkPictures, predicted } from "./predict.ts";
import type { PredictionOptions } from "./prediction-options.ts";
import { Predictor } from "./predictor.ts";

/**
 * A classifier as plain data, which `fit`, `evaluate` and the others take. Its two functions are not members that a copy
 * (`{ ...classifier }`) has: a copy with another graph is another classifier, which `predict(copy, picture)` asks.
 */
export interface LoadedClassifier extends Classifier {
  /**
   * What it answers about a picture, as `predict` does. The model is opened at the first call and stays so: at any other options,
   * or after `release`, it is opened anew.
   *
   * @param picture  the path of an image file, its bytes, or an ImageData; or a list of them
   */
  predict(picture: Picture, options?: PredictionOptions): Promise<Prediction>;
  predict(pictures: readonly Picture[], options?: PredictionOptions): Promise<Prediction[]>;
  /** Lets go of what `predict` opened. */
  release(): Promise<void>;
}

export function withPredict(classifier: Classifier): LoadedClassifier {
  let opened: { readonly options: PredictionOptions; readonly predictor: Promise<Predictor> } | undefined;
  const release = async (): Promise<void> => {
    const open = opened;
    opened = undefined;
    await (await open?.predictor)?.release();
  };
  const predictorFor = async (options: PredictionOptions): Promise<Predictor> => {
    if (opened && isSame(opened.options, options)) return opened.predictor;
    const before = release();
    const predictor = before.then(() => Predictor.open(classifier, options));
    opened = { options, predictor };
    predictor.catch(() => (opened = undefined));
    return predictor;
  };
  const predict = async (given: Picture | readonly Picture[], options: PredictionOptions = {}) => {
    checkOptions("predict", predictTable, options);
    checkPictures(given);
    return predicted(await predictorFor(options), given, options);
  };
  return Object.defineProperties(
    { ...classifier },
    { predict: { value: predict }, release: { value: release } },
  ) as LoadedClassifier;
}

/** Whether the same opened model serves; what is of a call alone does not count. */
function isSame(a: PredictionOptions, b: PredictionOptions): boolean {
  const ofModel = (options: PredictionOptions) =>
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && name !== "onProgress" && name !== "signal",
    ) as [string, unknown][];
  const [x, y] = [ofModel(a), new Map<string, unknown>(ofModel(b))];
  return x.length === y.size && x.every(([name, value]) => y.get(name) === value);
}
