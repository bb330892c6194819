/** A classifier as a TensorFlow.js layers model that takes pixels and gives probabilities. */
import {
  type LayersModel,
  type WrittenGraph,
  foldScale,
  layersModel,
  marginLayer,
  pixelLayer,
  probabilityLayer,
} from "../../keras/index.ts";
import type { Classifier } from "../../models/index.ts";
import { freeBatch, upgradeGraph } from "../../onnx/index.ts";
import { evaluationForm } from "../../train/evaluation-form.ts";
import { isChannelsLast } from "../image-layout.ts";
import { dividedLogits } from "./divided-logits.ts";

/** What a page feeds, of bytes x: x/255, or x/127 − 1 as Teachable Machine's library does. */
export type PagePixels = "unit" | "teachable";

/** From what is fed to pixels in [0, 1]: scale·f + offset. */
const toUnit: Readonly<Record<PagePixels, readonly [scale: number, offset: number]>> = {
  unit: [1, 0],
  teachable: [127 / 255, 127 / 255],
};

export interface WrittenLayersOptions {
  readonly pixels: PagePixels;
  /** One image as the classifier takes it, [C, H, W]. */
  readonly image: readonly [channels: number, height: number, width: number];
  /** Height and width that are fed; the image is the middle of them (default: the image's). */
  readonly fed?: readonly [height: number, width: number];
}

/**
 * The model takes [N, H, W, C], RGB, and gives [N, classes], which sum to 1: the probabilities at the classifier's temperature.
 *
 * @throws UnsupportedOpError for an operator that no layer computes
 */
export function writtenLayers(
  classifier: Classifier,
  { pixels, image: shape, fed }: WrittenLayersOptions,
): LayersModel {
  const [channels, height, width] = shape;
  const { input, logits, temperature = 1 } = classifier;
  const channelsLast = classifier.channelsLast ?? isChannelsLast(classifier.graph, input, shape);
  const image = channelsLast ? ([height, width, channels] as const) : shape;
  const whole = freeBatch(upgradeGraph(evaluationForm(classifier.graph, input)), input, image, logits);
  const divided = temperature === 1 ? whole : dividedLogits(whole, logits, temperature);
  const graph = divided ?? whole;
  const affine = fedToGraph(classifier, channels, toUnit[pixels]);
  const isBare = affine.offset.every((o) => Math.abs(o) < 1e-6) && !affine.isReversed;
  const isUnit = isBare && affine.scale.every((s) => Math.abs(s - 1) < 1e-9);
  const folded = isBare && !isUnit ? foldScale(graph, input, affine.scale) : null;
  const written: WrittenGraph = { graph: folded ?? graph, input, image, channelsLast, output: logits };
  return layersModel(written, {
    fed,
    before: (writer, images) => {
      const inside = fed ? marginLayer(writer, images, fed) : images;
      return isUnit || folded ? inside : pixelLayer(writer, inside, affine);
    },
    after: (writer, output) => probabilityLayer(writer, output, divided ? 1 : temperature),
  });
}

/** Of what is fed, by the graph's channels: scale·f + offset. */
function fedToGraph(
  { normalization, inputRange = 1, channelOrder = "rgb" }: Classifier,
  channels: number,
  [a, b]: readonly [number, number],
) {
  const { mean, std } = normalization ?? { mean: [0], std: [1] };
  const each = Array.from({ length: channels }, (_, c) => [mean[c] ?? mean[0], std[c] ?? std[0]]);
  return {
    scale: each.map(([, s]) => (a * inputRange) / s),
    offset: each.map(([m, s]) => (b * inputRange - m) / s),
    isReversed: channelOrder === "bgr",
  };
}
