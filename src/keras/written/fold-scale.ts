import type { Graph } from "../../onnx/index.ts";
import { type Tensor, float32, numbersOf } from "../../tensor/index.ts";

/**
 * The graph that takes f where the given one takes scale·f, by channel: folded into the kernel of the convolution that images
 * enter, so that nothing is computed and no border changes. Null where they enter something else.
 */
export function foldScale(graph: Graph, input: string, scale: readonly number[]): Graph | null {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(input));
  const [conv] = readers;
  const kernel =
    readers.length === 1 && conv.opType === "Conv" ? graph.initializers.get(conv.inputs[1]) : undefined;
  const isShared = (name: string) => graph.nodes.filter(({ inputs }) => inputs.includes(name)).length > 1;
  if (!kernel || kernel.shape[1] !== scale.length || isShared(conv.inputs[1])) return null;
  return {
    ...graph,
    initializers: new Map([...graph.initializers, [conv.inputs[1], scaled(kernel, scale)]]),
  };
}

/** A kernel [O, I, H, W], multiplied along I. */
function scaled(kernel: Tensor, scale: readonly number[]): Tensor {
  const area = kernel.shape.slice(2).reduce((a, b) => a * b, 1);
  const values = numbersOf(kernel).map((value, i) => value * scale[Math.floor(i / area) % scale.length]);
  return float32(kernel.shape, values);
}
