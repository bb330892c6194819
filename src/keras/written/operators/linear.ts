import { type TypedNode, floatAttribute, intAttribute } from "../../../onnx/index.ts";
import { type Placed } from "../placed.ts";
import { type LayerRule, type Writer, floats, refuse, weight } from "../writer.ts";

/** αAB + βC with a constant B: Dense. */
const gemm: LayerRule = (writer, node) => {
  if (intAttribute(node, "transA", 0) !== 0) refuse(node, "it mixes images");
  const [alpha, beta] = [floatAttribute(node, "alpha", 1), floatAttribute(node, "beta", 1)];
  const stored = writer.constant(node, 1)!;
  const isTransposed = intAttribute(node, "transB", 0) === 1;
  const [inputs, units] = isTransposed ? [...stored.shape].reverse() : stored.shape;
  const numbers = floats(stored);
  const bias = writer.constant(node, 2);
  const offsets = bias && floats(bias);
  return dense(writer, node, {
    inputs,
    units,
    at: (i, j) => alpha * (isTransposed ? numbers[j * inputs + i] : numbers[i * units + j]),
    bias: offsets ? (j) => beta * offsets[offsets.length === 1 ? 0 : j] : null,
  });
};

const matMul: LayerRule = (writer, node) => {
  const stored = writer.constant(node, 1)!;
  if (stored.shape.length !== 2) refuse(node, `it multiplies by [${stored.shape}]`);
  const [inputs, units] = stored.shape;
  const numbers = floats(stored);
  return dense(writer, node, { inputs, units, at: (i, j) => numbers[i * units + j], bias: null });
};

interface Kernel {
  readonly inputs: number;
  readonly units: number;
  readonly at: (input: number, unit: number) => number;
  readonly bias: ((unit: number) => number) | null;
}

function dense(writer: Writer, node: TypedNode, { inputs, units, at, bias }: Kernel): Placed {
  const x = writer.input(node);
  if (x.shape.length !== 1) refuse(node, `it takes rows, and its input is [${x.shape}] an image`);
  const placeOf = placesOf(x);
  const data = new Float32Array(inputs * units);
  for (let i = 0; i < inputs; i++) for (let j = 0; j < units; j++) data[placeOf(i) * units + j] = at(i, j);
  const layer = writer.add({
    className: "Dense",
    config: { units, activation: "linear", use_bias: bias !== null },
    inputs: [x.layer],
    weights: [
      weight("kernel", [inputs, units], data),
      ...(bias
        ? [
            weight(
              "bias",
              [units],
              Float32Array.from({ length: units }, (_, j) => bias(j)),
            ),
          ]
        : []),
    ],
  });
  return { layer, form: "row", channelAxis: 0, shape: [units] };
}

/** Where the layers model has what the graph has at a place of the row: a map that was laid flat has its channels last. */
function placesOf({ flatOf }: Placed): (place: number) => number {
  if (!flatOf) return (place) => place;
  const [channels, height, width] = flatOf;
  return (place) => {
    const [channel, pixel] = [Math.floor(place / (height * width)), place % (height * width)];
    return pixel * channels + channel;
  };
}

export const linears = { Gemm: gemm, MatMul: matMul } satisfies Record<string, LayerRule>;
