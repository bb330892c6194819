import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  backbonePackages,
  isAddress,
  loadBackbone,
  loadClassifier,
  modelImages,
  takenImages,
} from "../api/index.ts";
import type { ImageSource } from "../data/index.ts";
import {
  type ChannelOrder,
  type Classifier,
  type FeatureScale,
  modelByName,
  models,
  withNewHead,
} from "../models/index.ts";
import { type TakenImages, UsageError } from "../tensor/index.ts";
import type { Trainable } from "../parameters/index.ts";
import type { DataFlags } from "./data-options.ts";
import { listOfNumbers, wholeNumber } from "./parse-number.ts";

/** The options that say what becomes of pixels on their way into a classifier. */
export interface PreprocessingFlags {
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly inputRange?: "1" | "255";
  readonly channelOrder?: ChannelOrder;
}

/** The options that say which classifier, how its images are normalised, and what of it trains. */
export interface ModelFlags extends PreprocessingFlags {
  /** One of ours by name, or the path of a file. */
  readonly model: string;
  readonly width?: number;
  readonly output?: string;
  readonly weights?: string;
  /** A pretrained network for a new head, by name or path. */
  readonly backbone?: string;
  readonly head?: "linear" | number;
  readonly features?: string;
  readonly featureScale?: FeatureScale;
  readonly trainable?: string;
  readonly seed: number;
}

const names = Object.keys(models);

/** What only a new head takes. */
const loneFlags = { head: "--head", features: "--features", featureScale: "--feature-scale" };

export const addModelOptions = (command: Command): Command =>
  addInputOptions(
    command
      .addOption(
        new Option(
          "--model <name|file>",
          `classifier to train: ${names.join(", ")}, an ONNX or Keras file, or a TensorFlow.js folder`,
        )
          .argParser(modelSource)
          .default("lenet"),
      )
      .option(
        "--width <n>",
        "channels of the first convolution of resnet18, cifarCnn, vgg, mobileNet",
        wholeNumber(1),
      )
      .addOption(
        new Option(
          "--backbone <name|file>",
          `pretrained network to train a new head on: ${Object.keys(backbonePackages).join(", ")}, or what --model takes`,
        ).conflicts(["model", "width"]),
      )
      .option(
        "--head <linear|n>",
        "head on the backbone: linear (default), or a hidden layer of n units",
        headOf,
      )
      .option("--features <tensor>", "what the head takes (default: what the last linear layer takes)")
      .addOption(
        new Option(
          "--feature-scale <how>",
          "what features are brought to before the head: root (default), length, own",
        ).choices(["root", "length", "own"]),
      )
      .option("--output <tensor>", "of a file: tensor that holds the logits (default: its first output)")
      .option("--weights <file>", "ONNX file: safetensors whose tensors take the place of its own, by name")
      .addOption(trainableOption()),
  );

/** `--trainable`. */
export const trainableOption = (): Option =>
  new Option(
    "--trainable <what>",
    "what trains: all (default), last:<layers>, or names such as fc.*,layer4.*",
  ).argParser(trainableSpec);

/** `--mean`, `--std`, `--input-range`, `--channel-order` and `--class-map`. */
export const addInputOptions = (command: Command): Command =>
  command
    .option("--mean <list>", "what is subtracted from each channel of the pixels in [0, 1]", listOfNumbers)
    .option("--std <list>", "what each channel is then divided by", listOfNumbers)
    .addOption(
      new Option("--input-range <n>", "white, as a file's model takes it: 255 for bytes").choices([
        "1",
        "255",
      ]),
    )
    .addOption(
      new Option("--channel-order <order>", "order of colours that a file's model takes").choices([
        "rgb",
        "bgr",
      ]),
    )
    .option("--class-map <file>", "which logit is which class: names in the order of the logits, or JSON");

/** What those flags state, as options of `fit` and `evaluate`. */
export const preprocessingOf = ({ mean, std, inputRange, channelOrder }: PreprocessingFlags) => ({
  mean,
  std,
  inputRange: inputRange && Number(inputRange),
  channelOrder,
});

/** A backbone, as its file has it; undefined where none is asked for. @throws UsageError, ModelError */
export async function readBackbone(
  flags: ModelFlags & Pick<DataFlags, "imageSize" | "channels">,
): Promise<Classifier | undefined> {
  const { backbone, imageSize, channels = "3" } = flags;
  if (backbone === undefined) {
    const lone = (["head", "features", "featureScale"] as const).find((name) => flags[name] !== undefined);
    if (lone)
      throw new UsageError(
        `${loneFlags[lone]} is for a new head on a --backbone. Give one, or leave it out.`,
      );
    return undefined;
  }
  return loadBackbone(backbone, {
    output: flags.output,
    weights: flags.weights,
    ...preprocessingOf(flags),
    imageShape: imageSize && [Number(channels), ...imageSize],
  });
}

/** Which images the classifier takes that is to be trained; undefined for one of ours, which takes what there is. */
export async function imagesTaken(
  { model, output }: Pick<ModelFlags, "model" | "output">,
  backbone: Classifier | undefined,
): Promise<TakenImages | undefined> {
  if (backbone) return takenImages(backbone);
  return names.includes(model) ? undefined : ((await modelImages(model, { output })) ?? undefined);
}

/** The classifier to train; weights of one of ours are drawn by the seed. @throws UsageError, ModelError */
export async function readClassifier(
  flags: ModelFlags,
  data: ImageSource,
  backbone?: Classifier,
): Promise<Classifier> {
  if (backbone) {
    const { head, features, featureScale, seed: drawn } = flags;
    const { classNames } = data;
    return withNewHead(backbone, { classNames, head, features, featureScale, seed: drawn });
  }
  const { model, width, seed, output, mean, std } = flags;
  if (!names.includes(model)) {
    if (width !== undefined) {
      throw new UsageError(`--width is for classifiers of ours; "${model}" is a file. Leave it out.`);
    }
    return loadClassifier(model, {
      output,
      weights: flags.weights,
      ...preprocessingOf(flags),
      imageShape: data.shape,
    });
  }
  const foreign = flags.inputRange !== undefined ? "--input-range" : flags.channelOrder && "--channel-order";
  if (foreign)
    throw new UsageError(`${foreign} is for models of files; "${model}" is one of ours. Leave it out.`);
  if (output !== undefined)
    throw new UsageError(`--output is for models of files; "${model}" is one of ours.`);
  if (flags.weights !== undefined)
    throw new UsageError(`--weights is for ONNX files; "${model}" is one of ours.`);
  const { shape, classNames } = data;
  return modelByName(model, { shape, classes: classNames.length, seed, width, mean, std });
}

/** What `--trainable` says. */
export function trainableOf(text: string | undefined): Trainable | undefined {
  if (text === undefined) return undefined;
  if (text === "all") return "all";
  const [, last] = /^last:([1-9]\d*)$/.exec(text) ?? [];
  return last === undefined ? text.split(",") : { last: Number(last) };
}

function headOf(text: string): "linear" | number {
  return text === "linear" ? text : wholeNumber(1)(text);
}

function modelSource(text: string): string {
  // What to do about an address is said by who reads models.
  if (names.includes(text) || existsSync(text) || isAddress(text)) return text;
  throw new InvalidArgumentError(
    `Choose one of: ${names.join(", ")}; or give the path of an ONNX or Keras file (there is none at this one).`,
  );
}

export function trainableSpec(text: string): string {
  const isWrong = text.split(",").some((part) => part === "" || /^last:(?![1-9]\d*$)/.test(part));
  if (isWrong) {
    throw new InvalidArgumentError("Give all, last:2, or names with commas between, as in fc.*,layer4.*.");
  }
  return text;
}
