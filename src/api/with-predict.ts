/** A classifier with what can be asked of it, in Node and in a page. */
import type { Prediction } from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { predicted } from "./predicted.ts";
import type { Predictor, PredictorOptions } from "./predictor.ts";

/** The functions; what a picture, its options and a list of pictures are, Node and a page say. */
export interface Asking<Picture, Options, List = readonly Picture[]> {
  predict(picture: Picture, options?: Options): Promise<Prediction>;
  predict(pictures: List, options?: Options): Promise<Prediction[]>;
  /** Lets go of what `predict` opened. */
  release(): Promise<void>;
}

export interface AskingDoors<Given, Picture, Options> {
  /**
   * What was given, as it is at the moment of the call.
   *
   * @throws UsageError for options or pictures that are none
   */
  check(given: Given | readonly Given[], options: Options): Picture | readonly Picture[];
  open(classifier: Classifier, options: Options): Promise<Predictor<Picture>>;
}

/** Its functions are no members that a copy has. The model is opened at the first call, and anew at other options or after `release`. */
export function withPredict<Given, Picture, Options extends PredictorOptions>(
  classifier: Classifier,
  doors: AskingDoors<Given, Picture, Options>,
): Classifier & Asking<Given, Options> {
  let opened: { readonly options: Options; readonly predictor: Promise<Predictor<Picture>> } | undefined;
  const release = async (): Promise<void> => {
    const open = opened;
    opened = undefined;
    await (await open?.predictor)?.release();
  };
  const predictorFor = async (options: Options): Promise<Predictor<Picture>> => {
    if (opened && isSame(opened.options, options)) return opened.predictor;
    const before = release();
    const predictor = before.then(() => doors.open(classifier, options));
    opened = { options, predictor };
    predictor.catch(() => (opened = undefined));
    return predictor;
  };
  const predict = async (given: Given | readonly Given[], options = {} as Options) => {
    const pictures = doors.check(given, options);
    return predicted(await predictorFor(options), pictures, options);
  };
  return Object.defineProperties(
    { ...classifier },
    { predict: { value: predict }, release: { value: release } },
  ) as Classifier & Asking<Given, Options>;
}

/** Whether the same opened model serves; what is of a call alone does not count. */
function isSame(a: PredictorOptions, b: PredictorOptions): boolean {
  const ofModel = (options: PredictorOptions) =>
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && name !== "onProgress" && name !== "signal",
    ) as [string, unknown][];
  const [x, y] = [ofModel(a), new Map<string, unknown>(ofModel(b))];
  return x.length === y.size && x.every(([name, value]) => y.get(name) === value);
}
