/** Trains and tests LeNet for two steps on the CPU and on WebGPU, and prints losses, kernels and scores as JSON. */
import { evaluate, fit } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { lenet } from "../src/models/index.ts";
import { random } from "../src/tensor/index.ts";

const rng = random(0, "images");
const data = datasetFromArrays({
  name: "noise",
  shape: [1, 28, 28],
  pixels: Uint8Array.from({ length: 4 * 784 }, () => rng.integer(256)),
  labels: [0, 1, 0, 1],
  classNames: ["even", "odd"],
});
const results = [];
for (const executionProvider of ["cpu", "webgpu"] as const) {
  const { model, history } = await fit(lenet({ classes: 2 }), data, {
    method: "rwa",
    transforms: rotation({ degrees: [30] }),
    epochs: 1,
    batchSize: 2,
    stepsPerLine: 1,
    threads: 1,
    executionProvider,
  });
  const kernel = model.graph.initializers.get("conv2.weight")!.data as Float32Array;
  const { alignmentGap } = await evaluate(model, data, {
    transforms: rotation({ degrees: [30] }),
    executionProvider,
  });
  results.push({
    losses: history.map(({ loss }) => loss),
    kernel: Array.from(kernel),
    gap: alignmentGap.max,
  });
}
console.log(JSON.stringify(results));
