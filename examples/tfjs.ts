/**
 * Make a TensorFlow.js model of your own robust: `npx tsx examples/tfjs.ts`.
 * A first argument limits the number of images, for a quick look.
 */
import * as tf from "@tensorflow/tfjs";
import { mnist, rotation, sample } from "../src/index.ts";
import { evaluate, fit } from "../src/tfjs/index.ts";

const limit = Number(process.argv[2] ?? Infinity);
tf.enableProdMode(); // no banner
const data = await mnist();

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({
      inputShape: [28, 28, 1],
      filters: 6,
      kernelSize: 5,
      padding: "same",
      activation: "relu",
    }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 84, activation: "relu" }),
    tf.layers.dense({ units: 10, activation: "softmax" }),
  ],
});

await fit(model, sample(data.train, limit), { method: "rwa", transforms: rotation(), epochs: 2 });
const scores = await evaluate(model, sample(data.test, limit), { transforms: rotation() });

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(`clean ${percent(scores.cleanAccuracy.value)}, robust ${percent(scores.robustAccuracy.value)}`);

// It is still your model: one digit of the test set, and what it says.
const digit = tf.tensor4d(
  Float32Array.from(data.test.pixels.subarray(0, 784), (v) => v / 255),
  [1, 28, 28, 1],
);
const said = tf.argMax(model.predict(digit) as tf.Tensor, 1).dataSync()[0];
console.log(`first test digit: ${data.test.labels[0]}, the model says ${said}`);
