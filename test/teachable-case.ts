/** A model as Teachable Machine's site exports one, made by TensorFlow.js. */
import * as tf from "@tensorflow/tfjs";

/** As Teachable Machine builds it: a cut MobileNet and its pooling, then its own two layers. */
export async function teachableFiles(): Promise<Map<string, Uint8Array>> {
  const { layers } = tf;
  const images = tf.input({ shape: [24, 24, 3] });
  const conv = layers
    .conv2d({ filters: 24, kernelSize: 3, strides: 2, padding: "same", useBias: false })
    .apply(images);
  const relu = layers.reLU({ maxValue: 6, name: "out_relu" }).apply(layers.batchNormalization().apply(conv));
  const trunk = tf.sequential({
    layers: [
      tf.model({ inputs: images, outputs: relu as tf.SymbolicTensor }),
      layers.globalAveragePooling2d({}),
    ],
  });
  const head = tf.sequential({
    layers: [
      layers.dense({ units: 10, activation: "relu", inputShape: [24] }),
      layers.dense({ units: 2, activation: "softmax", useBias: false }),
    ],
  });
  const model = tf.sequential({ layers: [trunk, head] });
  const files = new Map<string, Uint8Array>();
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      files.set(
        "model.json",
        text({
          modelTopology: artifacts.modelTopology,
          weightsManifest: [{ paths: ["weights.bin"], weights: artifacts.weightSpecs }],
        }),
      );
      files.set("weights.bin", new Uint8Array(artifacts.weightData as ArrayBuffer));
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }),
  );
  const packageName = "@teachablemachine/image";
  files.set(
    "metadata.json",
    text({ tmVersion: "2.4.10", packageName, imageSize: 24, labels: ["paper", "stone"] }),
  );
  return files;
}
