import {
  type ChannelOrder,
  type Classifier,
  type Normalization,
  type Preprocessing,
  checkPixels,
  checkPreprocessing,
} from "../models/index.ts";

/**
 * What becomes of pixels, in [0, 1] and RGB, before they enter a model: the channels are put in its order, the values brought
 * to its range, and each channel normalised, (x − mean)/std.
 */
export interface PreprocessingOptions {
  /** One number per channel, of values in [0, inputRange] (default: what the model's file says, else 0). */
  mean?: readonly number[];
  /** One number per channel (default: what the model's file says, else 1). */
  std?: readonly number[];
  /** White, as the model takes it: 1, or 255 for a model that takes bytes (default: what the file says, else 1). */
  inputRange?: number;
  /** "bgr" for a model that takes blue, green, red, as OpenCV and Caffe do (default: what the file says, else "rgb"). */
  channelOrder?: ChannelOrder;
}

/** The stated normalisation; undefined where neither is stated. */
function normalizationOf({ mean, std }: PreprocessingOptions): Normalization | undefined {
  if (mean === undefined && std === undefined) return undefined;
  return { mean: mean ?? std!.map(() => 0), std: std ?? mean!.map(() => 1) };
}

/** What options state; undefined where they state nothing. */
export const statedPreprocessing = (options: PreprocessingOptions): Preprocessing => ({
  normalization: normalizationOf(options),
  inputRange: options.inputRange,
  channelOrder: options.channelOrder,
});

/** Options that state anything, by name. */
export const statedNames = ({ mean, std, inputRange, channelOrder }: PreprocessingOptions): string[] =>
  Object.entries({ mean, std, inputRange, channelOrder }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );

/**
 * What becomes of pixels on their way into a classifier: what is stated, else what it says itself.
 *
 * @param channels  of the images
 * @param name      what messages call the model
 * @throws UsageError where that cannot be what the classifier expects
 */
export function preprocessingOf(
  classifier: Classifier,
  stated: Preprocessing,
  channels: number,
  name: string,
): { readonly preprocessing: Preprocessing; readonly notes: readonly string[] } {
  const preprocessing: Preprocessing = {
    normalization: stated.normalization ?? classifier.normalization,
    inputRange: stated.inputRange ?? classifier.inputRange,
    channelOrder: stated.channelOrder ?? classifier.channelOrder,
  };
  checkPreprocessing(preprocessing, channels);
  const notes = checkPixels(classifier, preprocessing, name);
  return { preprocessing, notes: [...notes, ...overruled(classifier, stated, name)] };
}

/** What is stated otherwise than the file says. */
function overruled(classifier: Classifier, stated: Preprocessing, name: string): string[] {
  const { normalization: own, normalizesItself, imageShape } = classifier;
  const given = stated.normalization;
  const show = ({ mean, std }: Normalization) => `mean ${mean.join(", ")} and std ${std.join(", ")}`;
  if (given && own && show(given) !== show(own)) {
    return [`The file of ${name} says ${show(own)}; ${show(given)} are used, as stated.`];
  }
  const isPlain = normalizesItself === false && own === undefined && imageShape !== undefined;
  if (given && isPlain && [...given.mean].some((m) => m !== 0)) {
    return [
      `The file of ${name} says that it was trained on pixels in [0, 1] as they are; ${show(given)} are used, as stated.`,
    ];
  }
  return [];
}
