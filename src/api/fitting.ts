import type { ImageSource } from "../data/index.ts";
import type { Classifier } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";
import { classCount } from "./class-logits.ts";
import type { FitOptions } from "./fit-options.ts";
import { type ClassMatch, matchClasses } from "./match-classes.ts";
import { preprocessingOf, statedPreprocessing } from "./preprocessing-options.ts";

type FittingOptions = Pick<FitOptions, "mean" | "std" | "inputRange" | "channelOrder" | "classMap">;

export interface Fitting {
  readonly model: Classifier;
  readonly match: ClassMatch;
  readonly notes: readonly string[];
}

/** The classifier, once it is sure to take the data's images as it gets them, and to tell the data's classes apart. */
export function fitting(
  classifier: Classifier,
  data: Pick<ImageSource, "name" | "shape" | "classNames">,
  options: FittingOptions,
  name: string,
): Fitting {
  const { graph, input } = classifier;
  const declared = graph.inputs.find((i) => i.name === input);
  if (!declared) throw new UsageError(`The model has no input "${input}".`);
  const [channels, height, width] = data.shape;
  const lengths = declared.shape?.slice(1);
  const fits = (image: readonly number[]) =>
    !lengths || (lengths.length === 3 && lengths.every((n, i) => typeof n !== "number" || n === image[i]));
  const isPlanar = fits(data.shape);
  if (!isPlanar && !fits([height, width, channels])) {
    throw new UsageError(
      `The model takes images [${lengths?.map((n) => n ?? "?")}]; the data's are [${data.shape}]. ` +
        `Make the model for the data's size, or read the data in the model's (--image-size, --channels).`,
    );
  }
  const { preprocessing, notes } = preprocessingOf(classifier, statedPreprocessing(options), channels, name);
  const model = { ...classifier, ...preprocessing, channelsLast: classifier.channelsLast ?? !isPlanar };
  const classes = classCount(model, data.shape);
  if (classes !== null && classes < data.classNames.length && !options.classMap) {
    throw new UsageError(`The model tells ${classes} classes apart; the data has ${data.classNames.length}.`);
  }
  const match = matchClasses({
    data: data.classNames,
    dataName: data.name,
    model: model.classNames,
    modelName: name,
    logits: classes,
    classMap: options.classMap,
    isFresh: model.metadata === undefined,
  });
  return { model, match, notes: [...notes, ...match.notes] };
}
