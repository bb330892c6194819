/** The options of the classifiers, described once. */
import { type OptionTable, isImageShape, numbers, tested, whole } from "../options/index.ts";

export interface ImageModelOptions {
  /** One image, [C, H, W] (default: what the model was made for). */
  shape?: readonly [channels: number, height: number, width: number];
  /** Default 10. */
  classes?: number;
  /** What the graph subtracts from, then divides, each channel by (default 0 and 1: pixels in [0, 1] as they are). */
  mean?: readonly number[];
  std?: readonly number[];
  /** Seed of the initial weights (default 0). */
  seed?: number;
}

/** Options of a model whose channels are multiples of a width. */
export interface WidthOptions extends ImageModelOptions {
  /** Channels of the first convolution; the other layers keep their proportion to it. */
  width?: number;
}

type ImageShape = readonly [channels: number, height: number, width: number];

export const normalizationOptions = {
  mean: numbers(
    {},
    {
      description: "what is subtracted from each channel of the pixels in [0, 1]",
      otherwise: "what the model's file says, else 0",
      flag: "--mean <list>",
      alias: ["means"],
    },
  ),
  std: numbers(
    { above: 0 },
    {
      description: "what each channel is then divided by",
      otherwise: "what the model's file says, else 1",
      flag: "--std <list>",
      alias: ["stds", "stdev", "sigma"],
    },
  ),
} as const;

/** Options of every classifier of ours, with the shape that it was made for. */
export const modelOptions = (shape: ImageShape) =>
  ({
    shape: tested<ImageShape, { description: string; default: ImageShape; alias: string[] }>(
      isImageShape,
      "[channels, height, width], whole numbers of at least 1",
      { description: "one image, [C, H, W]", default: shape, alias: ["inputShape", "imageShape", "size"] },
    ),
    classes: whole({
      description: "how many classes it tells apart",
      default: 10,
      alias: ["numClasses", "outputs"],
    }),
    mean: { ...normalizationOptions.mean, otherwise: "0" },
    std: { ...normalizationOptions.std, otherwise: "1" },
    seed: whole({ description: "decides the initial weights", default: 0 }, 0),
  }) satisfies OptionTable<ImageModelOptions>;

/** … and of those whose channels are multiples of a width. */
export const wideModelOptions = (shape: ImageShape, width: number) =>
  ({
    ...modelOptions(shape),
    width: whole({
      description: "channels of the first convolution; the others keep their proportion to it",
      default: width,
      flag: "--width <n>",
      alias: ["channels", "filters"],
    }),
  }) satisfies OptionTable<WidthOptions>;
