import { intAttribute, resolveWindow } from "../../../onnx/index.ts";
import { padded } from "../padding.ts";
import { mapLengths } from "../placed.ts";
import { type LayerRule, floats, refuse, weight } from "../writer.ts";

/**
 * Conv as Conv2D or, where each channel has kernels of its own, DepthwiseConv2D. Other groups become one dense kernel with
 * zeros between them: TensorFlow.js has no grouped convolution.
 */
export const convolution: LayerRule = (writer, node) => {
  const x = writer.map(node);
  if (x.channelAxis !== 0) refuse(node, "its channels are not first");
  const kernel = writer.constant(node, 1)!;
  const [outputs, perGroup, height, width] = kernel.shape;
  if (kernel.shape.length !== 4) refuse(node, `it has ${kernel.shape.length - 2} spatial axes, not 2`);
  const [rows, columns, channels] = mapLengths(x);
  const groups = intAttribute(node, "group", 1);
  const window = resolveWindow(node, [rows, columns], [height, width]);
  const { strides, dilations } = window;
  const from = padded(writer, x, window);
  const bias = writer.constant(node, 2);
  const isDepthwise = groups === channels && channels > 1;
  const numbers = floats(kernel);
  const at = (o: number, i: number, y: number, z: number) =>
    numbers[((o * perGroup + i) * height + y) * width + z];
  const config = {
    kernel_size: [height, width],
    strides,
    padding: from.padding,
    data_format: "channels_last",
    dilation_rate: dilations,
    activation: "linear",
    use_bias: bias !== undefined,
  };
  const biases = bias ? [weight("bias", [outputs], floats(bias))] : [];
  const shape = [outputs, ...window.output];
  if (isDepthwise) {
    const multiplier = outputs / channels;
    // TensorFlow.js reads the rate of a dilated layer and does not use it (tfjs-layers 4.22): the zeros go into the kernel.
    const [down, right] = dilations;
    const extent = [(height - 1) * down + 1, (width - 1) * right + 1] as const;
    const data = laid([...extent, channels, multiplier], ([y, z, c, m]) =>
      y % down === 0 && z % right === 0 ? at(c * multiplier + m, 0, y / down, z / right) : 0,
    );
    const layer = writer.add({
      className: "DepthwiseConv2D",
      config: { ...config, kernel_size: extent, dilation_rate: [1, 1], depth_multiplier: multiplier },
      inputs: [from.layer],
      weights: [weight("depthwise_kernel", [...extent, channels, multiplier], data), ...biases],
    });
    return { ...x, layer, shape };
  }
  const data = laid([height, width, channels, outputs], ([y, z, c, o]) => {
    const group = Math.floor((o * groups) / outputs);
    const inside = c - group * perGroup;
    return inside >= 0 && inside < perGroup ? at(o, inside, y, z) : 0;
  });
  const layer = writer.add({
    className: "Conv2D",
    config: { ...config, filters: outputs },
    inputs: [from.layer],
    weights: [weight("kernel", [height, width, channels, outputs], data), ...biases],
  });
  return { ...x, layer, shape };
};

/** Numbers of a tensor of four axes, by their places. */
function laid(
  [a, b, c, d]: readonly [number, number, number, number],
  at: (place: readonly [number, number, number, number]) => number,
): Float32Array {
  const data = new Float32Array(a * b * c * d);
  let next = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) data[next++] = at([i, j, k, l]);
  return data;
}
