/**
 * Make a PyTorch model of your own robust: `npx tsx examples/pytorch.ts`. examples/pytorch/export.py wrote net.onnx.
 * A first argument limits the number of images, for a quick look; a second names the folder to write to.
 */
import { join } from "node:path";
import { evaluate, fit, mnist, rotation, sample, saveClassifier, saveWeights } from "../src/index.ts";

const limit = Number(process.argv[2] ?? Infinity);
const folder = process.argv[3] ?? ".";
const data = await mnist();

const { model } = await fit("examples/pytorch/net.onnx", sample(data.train, limit), {
  method: "rwa",
  transforms: rotation(),
  mean: [0.1307],
  std: [0.3081],
  epochs: 2,
});
const scores = await evaluate(model, sample(data.test, limit), { transforms: rotation() });

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(`clean ${percent(scores.cleanAccuracy.value)}, robust ${percent(scores.robustAccuracy.value)}`);

// Home again: as an ONNX file with the same names, and as weights for the module (examples/pytorch/take_home.py).
await saveClassifier(model, join(folder, "net-robust.onnx"));
await saveWeights(model, join(folder, "weights.safetensors"));
