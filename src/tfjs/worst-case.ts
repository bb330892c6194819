import * as tf from "@tensorflow/tfjs";
import { isArrayLike, refuse } from "../options/index.ts";
import { ShapeError, UsageError } from "../tensor/index.ts";
import { layerCalls } from "./layer-calls.ts";
import { isAugmentation, isNoise } from "../keras/index.ts";
import { checkLayersModel, checkTensor } from "./check-arguments.ts";

/**
 * The worst view of each image: that of the greatest cross-entropy among the image itself and its views. The model runs
 * in evaluation mode and takes no gradient; at ties the earlier one is taken, so the clean image wins them.
 *
 * Of a model that ends in a softmax, probabilities below 1e-38 are all as bad; logits keep them apart.
 *
 * @example
 * const worst = worstCase(model, images, labels, [15, 30].map((degrees) => rotated(images, degrees)));
 *
 * @param images  [N, H, W, C]
 * @param labels  class indices [N], or one-hot rows [N, classes]
 * @param views   one or more tensors of the images' shape, one for each transform
 * @returns       [N, H, W, C], the caller's to dispose
 * @throws ShapeError, UsageError when the tensors do not fit together
 */
export function worstCase(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: tf.Tensor1D | tf.Tensor2D,
  views: readonly tf.Tensor4D[],
): tf.Tensor4D {
  checkLayersModel("worstCase", model);
  checkTensor("worstCase", "images", images);
  checkTensor("worstCase", "labels", labels);
  if (!isArrayLike(views)) refuse("worstCase", "views", views, "a list of tensors");
  views.forEach((view, i) => checkTensor("worstCase", `view ${i + 1}`, view));
  if (views.length === 0)
    throw new UsageError("There are no views to choose from. Pass one or more tensors.");
  const other = views.find((view) => view.shape.join() !== images.shape.join());
  if (other)
    throw new ShapeError(`A view is [${other.shape}]; the images are [${images.shape}]. Make them alike.`);
  const [samples] = images.shape;
  if (labels.shape[0] !== samples) {
    throw new ShapeError(`There are ${labels.shape[0]} labels for ${samples} images. Pass one for each.`);
  }
  // As the value of one operation without a gradient: TensorFlow.js would look for one behind the choice.
  const choose = tf.customGrad((clean) => ({
    value: chosen(model, [clean as tf.Tensor4D, ...views], labels),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return choose(images) as tf.Tensor4D;
}

/** Of each image the member of the greatest loss, [N, H, W, C]. */
function chosen(
  model: tf.LayersModel,
  members: readonly tf.Tensor4D[],
  labels: tf.Tensor1D | tf.Tensor2D,
): tf.Tensor4D {
  const [samples] = members[0].shape;
  const losses = tf.stack(members.map((member) => crossEntropy(model, member, labels)));
  const rows = tf.add(tf.mul(tf.argMax(losses, 0), samples), tf.range(0, samples, 1, "int32"));
  return tf.gather(tf.concat([...members], 0), tf.cast(rows, "int32"));
}

/** One value per image, [N]. */
function crossEntropy(model: tf.LayersModel, images: tf.Tensor4D, labels: tf.Tensor): tf.Tensor {
  const outputs = model.predict(images, { batchSize: images.shape[0] });
  if (Array.isArray(outputs)) {
    throw new UsageError(`The model "${model.name}" is no classifier: it must give one tensor [N, classes].`);
  }
  const logP = logProbabilities(model, outputs);
  const oneHot = labels.rank === 2 ? labels : tf.oneHot(tf.cast(labels, "int32"), logP.shape[1]!);
  if (oneHot.shape[1] !== logP.shape[1]) {
    throw new ShapeError(
      `Labels are for ${oneHot.shape[1]} classes, the model "${model.name}" is for ${logP.shape[1]}.`,
    );
  }
  return tf.neg(tf.sum(tf.mul(logP, oneHot), 1));
}

/** [N, classes]; one sigmoid unit is two classes. */
function logProbabilities(model: tf.LayersModel, outputs: tf.Tensor): tf.Tensor {
  const [samples, ...lengths] = outputs.shape;
  const classes = lengths.reduce((a, b) => a * b, 1);
  const ending = endingOf(model);
  if (lengths.filter((n) => n > 1).length > 1 || (ending === "sigmoid") !== (classes === 1)) {
    throw new UsageError(
      `The model "${model.name}" gives [${[model.outputs[0].shape]}] and ends in a ${ending ?? "layer"}; a classifier ` +
        `gives [N, classes], logits or a softmax, or one sigmoid unit for two classes.`,
    );
  }
  const rows = tf.reshape(outputs, [samples, classes]);
  if (ending === "softmax") return tf.log(tf.maximum(rows, SMALLEST));
  if (ending === "sigmoid") return tf.log(tf.maximum(tf.concat([tf.sub(1, rows), rows], 1), SMALLEST));
  return tf.logSoftmax(rows);
}

/** About the smallest float32 number that has all its digits. */
const SMALLEST = 1e-38;

/** Layers behind which outputs are what they were, in other shapes. */
const shaping = new Set(["Reshape", "Flatten", "Permute", "Dropout"]);

/** What makes the model's outputs, if it is one of these. */
function endingOf(model: tf.LayersModel): "softmax" | "sigmoid" | null {
  const { calls, output } = layerCalls(model);
  const makers = new Map(calls.map((call) => [call.output, call]));
  for (let call = makers.get(output); call; call = makers.get(call.inputs[0])) {
    const className = call.layer.getClassName();
    const { activation } = call.layer.getConfig();
    if (className === "Softmax" || activation === "softmax") return "softmax";
    if (activation === "sigmoid") return "sigmoid";
    const isLinear = className === "Activation" && activation === "linear";
    if (!isLinear && !shaping.has(className) && !isAugmentation(className) && !isNoise(className))
      return null;
  }
  return null;
}
