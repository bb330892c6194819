import { expect, test } from "vitest";
import { lenet, resnet18 } from "../models/index.ts";
import { float32, random, sizeOf } from "../tensor/index.ts";
import { createSession } from "./index.ts";
import { evenKernels } from "./webgpu-kernels.ts";

test("LeNet's second kernel gets two more input channels, and its logits stay", async () => {
  const { graph } = lenet();
  const even = evenKernels(graph);
  const kernels = even.nodes.filter(({ opType }) => opType === "Conv").map(({ inputs }) => inputs[1]);
  expect(kernels.map((name) => even.initializers.get(name)!.shape)).toEqual([
    [6, 1, 5, 5],
    [16, 8, 5, 5],
  ]);
  const rng = random(0, "images");
  const shape = [2, 1, 28, 28];
  const images = float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform()),
  );
  const logits = await Promise.all(
    [graph, even].map(async (model) => {
      const session = await createSession(model, { threads: 1 });
      const { logits } = await session.run({ images });
      await session.release();
      return logits.data as Float32Array;
    }),
  );
  expect(logits[1]).toBeAllClose(logits[0], { atol: 1e-6 });
});

test("other convolutions are left alone", () => {
  const { graph } = resnet18({ width: 8 });
  expect(evenKernels(graph)).toEqual(graph);
});
