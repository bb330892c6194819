import { type Graph, type GraphNode, opsetOf } from "../onnx/index.ts";
import { type Tensor, float32, int64, sizeOf } from "../tensor/index.ts";

/**
 * A model whose convolutions the WebGPU provider (1.30) computes rightly. To a multiple of 4 channels it takes input
 * channels in threes where they divide by 3 and not by 4, and gets all but the first three wrong; such kernels, LeNet's
 * second among them, and their images get channels of zeros up to a multiple of 4.
 */
export function evenKernels(graph: Graph): Graph {
  // Before opset 11 Pad has no input for its pads.
  if (opsetOf(graph) < 11) return graph;
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const kernel = initializers.get(node.inputs[1]);
    if (node.opType !== "Conv" || node.domain !== "" || !kernel || !isWrong(node, kernel)) return [node];
    const [x, w, ...bias] = node.inputs;
    const missing = 4 - (kernel.shape[1] % 4);
    const stem = `${node.outputs[0]}/even`;
    const [images, weights, pads] = [`${stem} images`, `${stem} kernel`, `${stem} pads`];
    initializers.set(weights, initializers.get(weights) ?? widened(initializers.get(w)!, missing));
    const axes = kernel.shape.length;
    initializers.set(pads, int64(Array.from({ length: 2 * axes }, (_, i) => (i === axes + 1 ? missing : 0))));
    return [
      { opType: "Pad", domain: "", name: "", inputs: [x, pads], outputs: [images], attributes: {} },
      { ...node, inputs: [images, weights, ...bias] },
    ];
  });
  return { ...graph, initializers, nodes };
}

const isWrong = ({ attributes }: GraphNode, { shape: [outputs, inputs], dtype }: Tensor): boolean =>
  dtype === "float32" &&
  (attributes.group ?? 1) === 1 &&
  outputs % 4 === 0 &&
  inputs % 3 === 0 &&
  inputs % 4 !== 0 &&
  inputs > 3;

/** A kernel [Co, Ci, …] with so many more input channels of zeros. */
function widened({ shape, data }: Tensor, missing: number): Tensor {
  const [outputs, inputs, ...kernel] = shape;
  const taps = sizeOf(kernel);
  const wide = new Float32Array(outputs * (inputs + missing) * taps);
  for (let o = 0; o < outputs; o++) {
    const row = (data as Float32Array).subarray(o * inputs * taps, (o + 1) * inputs * taps);
    wide.set(row, o * (inputs + missing) * taps);
  }
  return float32([outputs, inputs + missing, ...kernel], wide);
}
