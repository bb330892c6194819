import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { randomizeWeights, useCpuBackend, valuesOf } from "../../test/tfjs-model.ts";
import { evaluate as evaluateAnything } from "../api/index.ts";
import { rotation } from "../augment/index.ts";
import { random } from "../tensor/index.ts";
import { datasetFromTensors } from "./dataset-from-tensors.ts";
import { evaluate } from "./evaluate.ts";

beforeAll(useCpuBackend);

test("scores are those of running the TensorFlow.js model itself", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [9, 9, 1], filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, name: "head" }),
    ],
  });
  randomizeWeights(model);
  const rng = random(5, "evaluate");
  const images = tf.tensor4d(
    Float32Array.from({ length: 60 * 81 }, () => rng.uniform()),
    [60, 9, 9, 1],
  );
  // Labels that the model gets right for two images of three.
  const said = await valuesOf(tf.argMax(model.predict(images) as tf.Tensor, 1));
  const labels = tf.tensor1d(Array.from(said, (label, i) => (i % 3 ? label : i % 9 ? 0 : 1)));
  const data = await datasetFromTensors({ images, labels, classNames: ["a", "b", "c"] });

  const ours = await evaluate(model, data, { transforms: rotation() });
  const theirs = await evaluateAnything(
    async ({ data: pixels, shape: [n, channels, height, width] }) => {
      const batch = tf.transpose(tf.tensor4d(pixels, [n, channels, height, width]), [0, 2, 3, 1]);
      return valuesOf(model.predict(batch) as tf.Tensor);
    },
    data,
    { transforms: rotation() },
  );
  expect(ours.cleanAccuracy.value).toBeGreaterThan(0.6);
  expect(ours.cleanAccuracy).toEqual(theirs.cleanAccuracy);
  expect(ours.robustAccuracy).toEqual(theirs.robustAccuracy);
  expect(ours.members).toEqual(theirs.members);
  expect(ours.invarianceScore).toEqual(theirs.invarianceScore);
  expect(ours.alignmentGap.mean.value).toBeCloseTo(theirs.alignmentGap.mean.value, 4);
  expect(ours.manifest.model.name).toBe(model.name);

  // Inner tensors have the layers' names.
  const flattened = await evaluate(model, data, { embedding: "flatten_Flatten1" });
  expect(flattened.cleanAccuracy).toEqual(ours.cleanAccuracy);
  expect(flattened.invarianceScore).not.toEqual(ours.invarianceScore);
});
