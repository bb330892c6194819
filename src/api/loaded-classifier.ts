/** A classifier that was read from a file, with what can be asked of it. */
import type { Picture } from "../data/index.ts";
import type { Prediction } from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { checkOptions } from "../options/index.ts";
import { predictTable } from "./options/predict-table.ts";
import { openPredictor } from "./open-predictor.ts";
import { checkPictures } from "./predict.ts";
import type { PredictionOptions } from "./prediction-options.ts";
import { withPredict } from "./with-predict.ts";

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

/** @param classifier  as plain data */
export const loaded = (classifier: Classifier): LoadedClassifier =>
  withPredict<Picture, Picture, PredictionOptions>(classifier, {
    check(given, options) {
      checkOptions("predict", predictTable, options);
      checkPictures(given);
      return given;
    },
    open: openPredictor,
  });
