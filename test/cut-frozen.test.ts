/** Frozen parts of networks as exporters write them are cut off, and what is left gives the same logits. */
import { expect, test } from "vitest";
import { fitting } from "../src/api/fitting.ts";
import { loadClassifier } from "../src/api/index.ts";
import { planRun } from "../src/api/plan-run.ts";
import { resolveFitOptions } from "../src/api/resolve-fit-options.ts";
import { rotation } from "../src/augment/index.ts";
import { cutFrozen } from "../src/features/index.ts";
import { type Graph, withoutOpaque } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { type Shape, type Tensor, float32, random, sizeOf } from "../src/tensor/index.ts";
import { evaluationForm } from "../src/train/index.ts";
import { pytorchCase, pytorchCaseNames } from "./pytorch-case.ts";

const ROWS = 3;

async function run(graph: Graph, images: Tensor): Promise<Record<string, Tensor>> {
  const runnable = withoutOpaque(evaluationForm(graph), graph.opsets);
  const session = await createSession(runnable, { threads: 1 });
  const made = await session.run({ [runnable.inputs[0].name]: images });
  await session.release();
  return made;
}

const noise = (shape: Shape): Tensor => {
  const rng = random(0, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform()),
  );
};

/** Why nothing can be cut off. */
const uncut: ReadonlyMap<string, RegExp> = new Map([
  ["up-and-down-training-opset13-dynamic", /more than the image's/],
]);

test.each(pytorchCaseNames().flatMap((name) => [1, 2].map((last) => ({ name, last }))))(
  "$name with its last $last layers trained",
  async ({ name, last }) => {
    const { model, data } = pytorchCase(name);
    const options = { trainable: { last }, onNote: () => undefined };
    const settings = resolveFitOptions(options);
    const fitted = fitting(await loadClassifier(model), data, {}, name).model;
    const { plan, prepared } = await planRun(fitted, { shape: data.shape }, settings, rotation(), name);
    const { classifier } = plan;
    const cut = cutFrozen(classifier.graph, new Set(prepared.trained), {
      input: classifier.input,
      image: prepared.image,
      targets: [classifier.logits],
      frozenStatistics: prepared.frozen,
    });
    if ("none" in cut) {
      expect(cut.none).toMatch(uncut.get(name) ?? /^\b$/);
      return;
    }
    for (const trained of prepared.trained) expect(cut.suffix.initializers.has(trained)).toBe(true);
    const images = noise([ROWS, ...prepared.image]);
    const whole = await run({ ...classifier.graph, outputs: cut.suffix.outputs }, images);
    const made = await run(cut.prefix, images);
    const features = new Float32Array(ROWS * cut.size);
    let offset = 0;
    for (const { name: tensor, shape } of cut.between) {
      const width = sizeOf(shape);
      const values = made[tensor].data as Float32Array;
      for (let i = 0; i < ROWS; i++)
        features.set(values.subarray(i * width, (i + 1) * width), i * cut.size + offset);
      offset += width;
    }
    const parts = await run(cut.suffix, float32([ROWS, cut.size, 1, 1], features));
    const logits = (tensors: Record<string, Tensor>) => tensors[classifier.logits].data as Float32Array;
    expect(logits(parts)).toBeAllClose(logits(whole), { atol: 1e-5, rtol: 1e-5 });
    expect(4 * cut.size).toBeLessThanOrEqual(4 * sizeOf(prepared.image));
  },
);
