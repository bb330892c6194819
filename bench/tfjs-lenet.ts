import type * as Tensorflow from "@tensorflow/tfjs";

/** LeNet as a LayersModel: channels last, a softmax at its end. */
export function tfjsLenet(tf: typeof Tensorflow): Tensorflow.LayersModel {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 6,
        kernelSize: 5,
        padding: "same",
        activation: "relu",
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 120, activation: "relu" }),
      layers.dense({ units: 84, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}
