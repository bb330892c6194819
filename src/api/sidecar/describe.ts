/** A classifier as JSON: what its ONNX metadata say, and what it takes to run it. Nothing of Node is in here. */
import { type Classifier, givenOutput } from "../../models/index.ts";
import { isChannelsLast } from "../image-layout.ts";
import { parameterCount } from "./parameter-count.ts";
import { SIDECAR_SCHEMA, SIDECAR_VERSION, type Sidecar } from "./schema.ts";

/** What training knows of the model besides. */
export type TrainingRecord = Pick<Sidecar, "validation" | "calibration" | "training">;

/** "layers": a Keras file or a TensorFlow.js folder, whose images are [N, H, W, C] and whose tensors have no names that it takes to run it. */
export type SidecarForm = "onnx" | "layers";

/** A sidecar without what it says of files. */
export type Described = Omit<Sidecar, "model" | "files">;

/** Docs/metadata.md says what each member means. */
export function describeClassifier(
  classifier: Classifier,
  { validation, calibration, training }: TrainingRecord = {},
  form: SidecarForm = "onnx",
): Described {
  const { graph, input, logits, imageShape, pictures, normalization } = classifier;
  const { classNames, inputRange = 1, channelOrder = "rgb", temperature = 1, transforms } = classifier;
  const place = normalization ? "before graph" : classifier.normalizesItself ? "in graph" : "none";
  // Of a classifier that was not trained here, nobody has said what it takes.
  const isKnown = normalization !== undefined || classifier.normalizesItself || imageShape !== undefined;
  return {
    schema: SIDECAR_SCHEMA,
    version: SIDECAR_VERSION,
    architecture: graph.name,
    parameters: parameterCount(graph),
    input: {
      name: form === "onnx" ? input : null,
      layout: form === "layers" || takesChannelsLast(classifier) ? "NHWC" : "NCHW",
      imageShape: imageShape ?? null,
      range: inputRange as 1 | 255,
      channelOrder,
      normalization: isKnown ? place : null,
      mean: normalization ? [...normalization.mean] : null,
      std: normalization ? [...normalization.std] : null,
    },
    logits:
      form === "onnx" ? { name: logits, isOutput: graph.outputs.some(({ name }) => name === logits) } : null,
    output: form === "onnx" ? givenOutput(classifier) : null,
    classNames: classNames ?? null,
    temperature,
    pictures: pictures ?? null,
    transforms: transforms ?? null,
    validation: validation ?? null,
    calibration: calibration ?? null,
    training: training ?? null,
  };
}

/** As its input declares it, where nobody has said. */
function takesChannelsLast({ graph, input, channelsLast, imageShape }: Classifier): boolean {
  if (channelsLast !== undefined) return channelsLast;
  if (imageShape) return isChannelsLast(graph, input, imageShape);
  const [, first, , last] = graph.inputs.find(({ name }) => name === input)?.shape ?? [];
  // Photographs have one channel or three.
  return ![1, 3].includes(Number(first)) && [1, 3].includes(Number(last));
}
