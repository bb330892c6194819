import {
  type Value,
  type Window,
  intAttribute,
  intsAttribute,
  padsWithoutCeil,
  resolveWindow,
} from "../../onnx/index.ts";
import { type Shape, float32, sizeOf, tensor } from "../../tensor/index.ts";
import { isMaximum } from "../is-maximum.ts";
import type { GradientRule, RuleNode } from "../rule.ts";
import { convGradInput, maxPoolGrad } from "../semantic-ops.ts";

/** Y = MaxPool(X): each dy goes to the first maximum of its window in row order, as in PyTorch. */
export const maxPool: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  return [maxPoolGrad(g, dy, x, node.outputs[0], explicitWindow(node))];
};

/** Y = the maximum over all of space: MaxPool with one window. */
export const globalMaxPool: GradientRule = (g, { inputs: [x], outputs: [y] }, [dy]) => {
  const spatial = x.shape.slice(2);
  const window: Window = {
    kernel: spatial,
    strides: spatial,
    dilations: spatial.map(() => 1),
    pads: spatial.flatMap(() => [0, 0]),
    output: spatial.map(() => 1),
  };
  return [maxPoolGrad(g, dy, x, y, window)];
};

/**
 * Y = PhaseMax(X): dy goes to the first of the phases Xi that equals y.
 *
 *   Ei = [Xi = Y],  Mi = max(0, Ei − ΣEj for j before i),  dXi = Mi·dy
 */
export const phaseMax: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const phases = intAttribute(node, "phases");
  const [n, ...row] = node.outputs[0].shape;
  const each = (value: Value, count: number) => g.reshape(value, [n, count, sizeOf(row)]);
  const equal = isMaximum(g, each(x, phases), each(node.outputs[0], 1));
  const lessThoseBefore = Float32Array.from({ length: phases * phases }, (_, i) => {
    const [row, column] = [Math.floor(i / phases), i % phases];
    return column < row ? -1 : Number(column === row);
  });
  const first = g.op1("Relu", [g.matMul(g.constant(float32([phases, phases], lessThoseBefore)), equal)]);
  return [g.reshape(g.mul(first, each(dy, 1)), x.shape)];
};

/**
 * Y = the mean over each window: dy, divided by how many cells its window counts, goes to all of them.
 *
 * That is a transposed depthwise convolution with a kernel of ones; for windows that tile the input, an upsampling.
 */
export const averagePool: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const spatial = x.shape.slice(2);
  const window = explicitWindow(node);
  const inverse = inverseCounts(node, spatial);
  const isUniform = inverse.every((v) => v === inverse[0]);
  const divisor = tensor("float32", [1, 1, ...window.output], Float32Array.from(inverse));
  const shared = isUniform ? g.scale(dy, inverse[0]) : g.mul(dy, g.cast(g.constant(divisor), dy.dtype));

  const tiles = spatial.every(
    (n, i) =>
      window.kernel[i] === window.strides[i] &&
      window.dilations[i] === 1 &&
      n === window.kernel[i] * window.output[i],
  );
  if (tiles) {
    const scales = g.constant(float32([x.shape.length], [1, 1, ...window.kernel]));
    const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    return [g.op1("Resize", [shared, null, scales], nearest)];
  }
  const channels = x.shape[1];
  const ones = g.full([channels, 1, ...window.kernel], 1, dy.dtype);
  return [convGradInput(g, shared, ones, window, channels, spatial)];
};

/** Y = the mean over all of space: dX = dY/size, repeated. */
export const globalAveragePool: GradientRule = (g, { inputs: [x] }, [dy]) => [
  g.expand(g.scale(dy, 1 / sizeOf(x.shape.slice(2))), x.shape),
];

/** The pooling window with `auto_pad` and `ceil_mode` turned into explicit pads. */
function explicitWindow(node: RuleNode): Window {
  const spatial = node.inputs[0].shape.slice(2);
  const window = resolveWindow(node, spatial, intsAttribute(node, "kernel_shape"));
  return { ...window, pads: padsWithoutCeil(window, spatial) };
}

/**
 * 1 / the number of cells that each window position counts, in row order: those inside the image, and inside the
 * padding with `count_include_pad`. What `ceil_mode` adds at the end never counts.
 */
function inverseCounts(node: RuleNode, spatial: Shape): number[] {
  const window = resolveWindow(node, spatial, intsAttribute(node, "kernel_shape"));
  const { kernel, strides, dilations, pads, output } = window;
  const countsPadding = intAttribute(node, "count_include_pad", 0) === 1;
  const rank = spatial.length;
  const perAxis = spatial.map((n, axis) => {
    const first = countsPadding ? -pads[axis] : 0;
    const end = countsPadding ? n + pads[axis + rank] : n;
    return Array.from({ length: output[axis] }, (_, o) => {
      const start = o * strides[axis] - pads[axis];
      const cells = Array.from({ length: kernel[axis] }, (_, t) => start + t * dilations[axis]);
      return cells.filter((cell) => cell >= first && cell < end).length;
    });
  });
  return perAxis
    .reduce<number[]>((outer, inner) => outer.flatMap((a) => inner.map((b) => a * b)), [1])
    .map((count) => 1 / count);
}
