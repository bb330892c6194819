/** What a model's ONNX metadata say, as JSON beside it: JavaScript cannot read the metadata through ONNX Runtime. */
import type { Classifier } from "../models/index.ts";
import type { Calibration } from "./validation.ts";
import type { FitResult } from "./fit.ts";

/** What training knows of the model besides. */
export interface TrainingScores {
  readonly kept?: FitResult["kept"];
  readonly calibration?: Calibration | null;
}

/**
 * All that it takes to run a classifier: docs/metadata.md says what each member means. Later versions add members and change none.
 *
 * @param file  name of the ONNX file, which lies beside it
 */
export function sidecarOf(
  classifier: Classifier,
  file: string,
  { kept = null, calibration = null }: TrainingScores = {},
) {
  const { graph, input, logits, channelsLast = false, imageShape, pictures, normalization } = classifier;
  const { classNames, inputRange = 1, channelOrder = "rgb", temperature = 1, transforms } = classifier;
  return {
    schema: "alignreg-classifier",
    version: 1,
    model: file,
    input: {
      name: input,
      layout: channelsLast ? "NHWC" : "NCHW",
      imageShape: imageShape ?? null,
      range: inputRange,
      channelOrder,
      mean: normalization ? [...normalization.mean] : null,
      std: normalization ? [...normalization.std] : null,
    },
    logits: { name: logits, isOutput: graph.outputs.some(({ name }) => name === logits) },
    classNames: classNames ?? null,
    temperature,
    pictures: pictures ?? null,
    transforms: transforms ?? null,
    validation: kept && { epoch: kept.epoch, ...kept.validation },
    calibration,
  };
}
