import * as tf from "@tensorflow/tfjs";
import { isArrayLike, refuse } from "../options/index.ts";
import { ShapeError, UsageError } from "../tensor/index.ts";
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
  if (Array.isArray(outputs) || outputs.rank !== 2) {
    throw new UsageError(`The model "${model.name}" is no classifier: it must give one tensor [N, classes].`);
  }
  const logP = endsInSoftmax(model) ? tf.log(tf.maximum(outputs, 1e-38)) : tf.logSoftmax(outputs);
  const oneHot = labels.rank === 2 ? labels : tf.oneHot(tf.cast(labels, "int32"), outputs.shape[1]!);
  return tf.neg(tf.sum(tf.mul(logP, oneHot), 1));
}

function endsInSoftmax(model: tf.LayersModel): boolean {
  const { sourceLayer } = model.outputs[0];
  if (sourceLayer instanceof tf.LayersModel) return endsInSoftmax(sourceLayer);
  return sourceLayer.getClassName() === "Softmax" || sourceLayer.getConfig().activation === "softmax";
}
