/**
 * Train a robust LeNet on MNIST, test it, take it home: `npx tsx examples/mnist.ts`.
 * A first argument limits the number of images, for a quick look.
 */
import { evaluate, fit, lenet, mnist, rotation, sample, saveClassifier } from "../src/index.ts";

const limit = Number(process.argv[2] ?? Infinity);
const data = await mnist();

const { model } = await fit(lenet(), sample(data.train, limit), {
  method: "rwa",
  transforms: rotation(),
  epochs: 2,
});
const scores = await evaluate(model, sample(data.test, limit), { transforms: rotation() });

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(`clean ${percent(scores.cleanAccuracy.value)}, robust ${percent(scores.robustAccuracy.value)}`);
for (const { name, accuracy } of scores.members) console.log(`  ${name}: ${percent(accuracy)}`);
await saveClassifier(model, process.argv[3] ?? "lenet.onnx");
