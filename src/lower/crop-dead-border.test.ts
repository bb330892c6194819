import { expect, test } from "vitest";
import { cifarCnn, lenet, resnet18 } from "../models/index.ts";
import { type Graph, GraphBuilder, type Value, inlineGraph, upgradeGraph } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { float32, random, sizeOf } from "../tensor/index.ts";
import { cropDeadBorder } from "./crop-dead-border.ts";

const noise = (shape: readonly number[]) => {
  const rng = random(0, "crop", ...shape);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};

async function outputOf(graph: Graph, image: readonly number[]): Promise<Float32Array> {
  const session = await createSession(graph, { threads: 1 });
  const { [graph.outputs[0].name]: y } = await session.run({ [graph.inputs[0].name]: noise([2, ...image]) });
  await session.release();
  return y.data as Float32Array;
}

/** Heights of the maps that the convolutions make. */
function convolvedHeights(graph: Graph, image: readonly number[]): number[] {
  const g = new GraphBuilder();
  const [input] = graph.inputs;
  const bindings = new Map([[input.name, g.input(input.name, "float32", [2, ...image])]]);
  const values = inlineGraph(g, graph, bindings);
  const convolutions = graph.nodes.filter(({ opType }) => opType === "Conv");
  return convolutions.map(({ outputs: [y] }) => values.get(y)!.shape[2]);
}

test("the CIFAR CNN computes maps of 28, 12 and 4, and the same logits", async () => {
  const { graph: asWritten, input } = cifarCnn({ width: 4 });
  const graph = upgradeGraph(asWritten);
  const image = [3, 32, 32];
  const cropped = cropDeadBorder(graph, input, image);
  expect(convolvedHeights(graph, image)).toEqual([30, 13, 4]);
  expect(convolvedHeights(cropped, image)).toEqual([28, 12, 4]);
  expect(await outputOf(cropped, image)).toBeAllClose(await outputOf(graph, image), { atol: 1e-6 });
});

const kernel = (g: GraphBuilder, name: string, channels: number) =>
  g.initializer(name, noise([4, channels, 3, 3]), { constant: true });
const pool = (g: GraphBuilder, x: Value) => g.op1("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });

/** A padded convolution, what `middle` makes of it, a strided convolution, and a pool that rounds down. */
function paddedNet(middle: (g: GraphBuilder, x: Value) => Value): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 1, 19, 19]);
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const first = g.op1("Conv", [x, kernel(g, "w1", 1)], window, { outputs: ["first"] });
  const second = g.op1("Conv", [middle(g, first), kernel(g, "w2", 4)], { ...window, strides: [3, 3] });
  return g.build("padded", { y: pool(g, second) });
}

test("through padding and strides, what is read stays the same", async () => {
  const image = [1, 19, 19];
  const graph = paddedNet((g, x) => g.op1("Relu", [x]));
  const cropped = cropDeadBorder(graph, "x", image);
  // Of 7 rows the pool reads 6, of which the last sees rows 14 to 16 of 19, and those the 18 first of the image.
  expect(convolvedHeights(graph, image)).toEqual([19, 7]);
  expect(convolvedHeights(cropped, image)).toEqual([17, 6]);
  expect(await outputOf(cropped, image)).toBeAllClose(await outputOf(graph, image), { atol: 1e-5 });
});

test("an axis without a rest keeps its padding", async () => {
  const image = [1, 17, 15];
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, ...image]);
  const strided = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
  const first = g.op1("Conv", [x, kernel(g, "w1", 1)], strided);
  const graph = g.build("uneven", {
    y: pool(g, g.op1("Conv", [first, kernel(g, "w2", 4)], { kernel_shape: [3, 3] })),
  });
  const cropped = cropDeadBorder(graph, "x", image);
  expect(convolvedHeights(graph, image)).toEqual([9, 7]);
  expect(convolvedHeights(cropped, image)).toEqual([8, 6]);
  expect(await outputOf(cropped, image)).toBeAllClose(await outputOf(graph, image), { atol: 1e-5 });
});

test("a map that is read whole, or by name, is left whole", () => {
  const image = [1, 19, 19];
  const summed = paddedNet((g, x) => g.sub(x, g.mean(x, [2, 3], { keep: true })));
  expect(cropDeadBorder(summed, "x", image)).toBe(summed);
  const graph = paddedNet((g, x) => g.op1("Relu", [x]));
  expect(cropDeadBorder(graph, "x", image, new Set(["first"]))).toBe(graph);
});

test("networks without a rest are left alone", () => {
  for (const { graph: asWritten, input } of [lenet(), resnet18({ width: 4 })]) {
    const graph = upgradeGraph(asWritten);
    const image = graph.inputs[0].shape!.slice(1) as number[];
    expect(cropDeadBorder(graph, input, image)).toBe(graph);
  }
});
