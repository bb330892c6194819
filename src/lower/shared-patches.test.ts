/** When patches are shared; that the numbers are right, gradients.test.ts shows, whose first layers share them too. */
import { expect, test } from "vitest";
import { backward, semanticInference } from "../autodiff/index.ts";
import { type Attributes, type Graph, GraphBuilder } from "../onnx/index.ts";
import { lower } from "./index.ts";

const window = (kernel: number, stride = 1, pads = [0, 0, 0, 0]): Attributes => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads,
});

/** A convolution and the gradient by its kernel. */
function layer(images: readonly number[], attributes: Attributes, { trained = true } = {}): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const x = g.input("x", "float32", images);
  const [size] = attributes.kernel_shape as number[];
  const w = g.input("w", "float32", [8, images[1], size, size]);
  const y = g.op1("Conv", [x, w], attributes);
  const loss = g.sum(g.mul(y, y), [0, 1, 2, 3]);
  return g.build("layer", trained ? { y, dw: backward(g, loss, [w])[0] } : { y });
}

/** Kernels of the convolutions, and how many of those there are. */
const kernels = (graph: Graph): string =>
  lower(graph)
    .nodes.filter(({ opType }) => opType === "Conv")
    .map(({ attributes }) => (attributes.kernel_shape as number[]).join("×"))
    .join(", ");

test("one convolution lays out the patches for both passes", () => {
  expect(kernels(layer([2, 1, 9, 9], window(3, 2, [1, 0, 1, 0])))).toBe("3×3, 1×1");
  expect(kernels(layer([2, 3, 9, 9], window(5)))).toBe("5×5, 1×1");
});

test("a convolution that is not trained, or of many channels or pixels, is left alone", () => {
  expect(kernels(layer([2, 1, 9, 9], window(3), { trained: false }))).toBe("3×3");
  expect(kernels(layer([2, 4, 9, 9], window(3)))).toMatch(/^3×3/);
  // 27 numbers for each of 64·62·62 patches.
  expect(kernels(layer([64, 3, 64, 64], window(3)))).toBe("3×3, 3×3");
});
