/** Which kernels a model keeps in the memory of their convolutions between steps, and how they lie in it. */
import { expect, test } from "vitest";
import { blocksPay, kernelMemories, plainKernel, storedKernel } from "../src/lower/index.ts";
import { lenet, resnet18 } from "../src/models/index.ts";
import { sizeOf } from "../src/tensor/index.ts";

test("kernels go into blocks and back", () => {
  const shape = [32, 16, 3, 2];
  const plain = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);
  const stored = storedKernel(plain, shape, { by: "blocks", block: 8 });
  // Output 9, input 10, tap (2, 1): tile (1, 1), within it input 2, output 1.
  const at = (((9 >> 3) * 2 + (10 >> 3)) * 6 + 5) * 64 + 2 * 8 + 1;
  expect(stored[at]).toBe(((9 * 16 + 10) * 3 + 2) * 2 + 1);
  expect(plainKernel(stored, shape, { by: "blocks", block: 8 })).toEqual(plain);
});

test("kernels lie tap by tap where minimal filtering takes them", () => {
  const memories = kernelMemories(resnet18({ width: 16 }).graph, 16);
  const byTaps = [...memories].flatMap(([name, { by }]) => (by === "taps" ? [name] : []));
  // Three of each of the last three stages, of 32 channels and more; the first in each of those has stride 2.
  expect(byTaps.map((name) => name.slice(0, 6)).join()).toBe(
    ["layer2", "layer3", "layer4"].flatMap((stage) => [stage, stage, stage]).join(),
  );
  expect(memories.size).toBe(19);
  const shape = [128, 144, 3, 3];
  const plain = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);
  const stored = storedKernel(plain, shape, { by: "taps", block: 16 });
  // Output 100, input 10, tap (2, 1).
  expect(stored[(7 * 144 + 10) * 128 + 100]).toBe((100 * 144 + 10) * 9 + 7);
  expect(plainKernel(stored, shape, { by: "taps", block: 16 })).toEqual(plain);
});

test("blocks pay where they hold most kernels", () => {
  expect(blocksPay(resnet18({ width: 16 }).graph, 16)).toBe(true);
  expect(kernelMemories(resnet18({ width: 16 }).graph, 16).size).toBe(19);
  expect(blocksPay(resnet18({ width: 9 }).graph, 16)).toBe(false);
  expect(blocksPay(lenet().graph, 16)).toBe(true);
  expect(kernelMemories(lenet().graph, 16).size).toBe(0);
});
