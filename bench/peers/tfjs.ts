/** TensorFlow.js's plain step of LeNet on its CPU backend, `trainOnBatch` of a LayersModel: seconds each, one thread. */
import type * as Tensorflow from "@tensorflow/tfjs";
import { type Tensor, numbersOf } from "../../src/tensor/index.ts";
import { LEARNING_RATES } from "../job.ts";
import { optionalImport } from "../optional-import.ts";
import { tfjsLenet } from "../tfjs-lenet.ts";
import type { Task } from "../tasks/task.ts";
import { serve } from "./serve.ts";

const tf = await optionalImport<typeof Tensorflow>("@tensorflow/tfjs");
if (tf) {
  // Its checks and its banner cost time and lines.
  tf.enableProdMode();
  await tf.setBackend("cpu");
  await serve({ versions: `TF.js ${tf.version_core}, CPU backend, 1 thread` }, (_, tensors) =>
    lenetTask(tf, tensors),
  );
}

function lenetTask(tf: typeof Tensorflow, tensors: ReadonlyMap<string, Tensor>): Task {
  const model = tfjsLenet(tf);
  model.compile({ optimizer: tf.train.adam(LEARNING_RATES.adam), loss: "categoricalCrossentropy" });
  model.setWeights(layersWeights(tf, tensors));
  const { data, shape } = tensors.get("images")!;
  // One channel: planar and interleaved are the same.
  const images = tf.tensor4d(data as Float32Array, [shape[0], 28, 28, 1]);
  const labels = tf.oneHot(tf.tensor1d(numbersOf(tensors.get("labels")!), "int32"), 10);
  const losses: number[] = [];
  return {
    async step() {
      losses.push((await model.trainOnBatch(images, labels)) as number);
    },
    rest: () => Promise.resolve(),
    check: () => ({ first: losses[0], second: losses[1], last: losses.at(-1)! }),
  };
}

/** The workload's weights as layers hold them: kernels [k, k, Ci, Co], dense [in, out] with features in order H, W, C. */
function layersWeights(tf: typeof Tensorflow, tensors: ReadonlyMap<string, Tensor>): Tensorflow.Tensor[] {
  return ["conv1", "conv2", "fc1", "fc2", "fc3"].flatMap((layer) => {
    const weight = tensors.get(`model.${layer}.weight`)!;
    const bias = tensors.get(`model.${layer}.bias`)!;
    const kernel = tf.tensor(weight.data as Float32Array, [...weight.shape]);
    const turned = layer.startsWith("conv")
      ? tf.transpose(kernel, [2, 3, 1, 0])
      : layer === "fc1"
        ? tf.reshape(tf.transpose(tf.reshape(kernel, [120, 16, 25]), [2, 1, 0]), [400, 120])
        : tf.transpose(kernel);
    return [turned, tf.tensor1d(bias.data as Float32Array)];
  });
}
