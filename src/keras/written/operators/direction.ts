import { intAttribute } from "../../../onnx/index.ts";
import { normalizeAxis } from "../../../tensor/index.ts";
import type { Placed } from "../placed.ts";
import { type Sequence, sequence } from "../sequence.ts";
import { type LayerRule, refuse, weight } from "../writer.ts";

/** Under the square of a length: what is smaller than 1e-6 counts as 0, and 0 stays 0. */
const LEAST = 1e-16;

/**
 * LpNormalization of a row x of K numbers, by LayerNormalization of [x, −x]: their mean is 0, so that it divides by
 * rms(x) = ‖x‖₂/√K, to the last digits.
 *
 *   p = 2   x/‖x‖₂ = y/√K, y = x/rms(x)
 *   p = 1   x/‖x‖₁ = y/(K·q), q = mean |y|, which lies in [1/√K, 1]; 1/(q·√K) = 1 − softsign(q·√K − 1)
 */
export const direction: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const axis = normalizeAxis(intAttribute(node, "axis", -1), x.shape.length + 1) - 1;
  const isRow = x.form === "row" && axis === x.channelAxis && x.shape.every((n, i) => i === axis || n === 1);
  if (!isRow) refuse(node, "it is not along the numbers of a row");
  const size = x.shape[axis];
  const pairs = sequence(writer, x.layer)
    .reshape(size, 1)
    .dense([[1, -1]])
    .reshape(2 * size)
    .add("LayerNormalization", { axis: -1, epsilon: LEAST, center: true, scale: true }, [
      // TensorFlow.js 1.3, which Teachable Machine's library has, cannot do without them.
      weight("gamma", [2 * size], new Float32Array(2 * size).fill(1)),
      weight("beta", [2 * size], new Float32Array(2 * size)),
    ]);
  const root = Math.sqrt(size);
  const isL1 = intAttribute(node, "p", 2) === 1;
  const scaled = isL1 ? pairs.with("Multiply", reciprocal(pairs, size)) : pairs;
  return rowOf(
    x,
    scaled
      .reshape(size, 2)
      .dense([[isL1 ? 1 : 1 / root], [0]])
      .reshape(size),
  );
};

/** 1/(K·q) of pairs (y, −y). */
const reciprocal = (pairs: Sequence, size: number): Sequence => {
  const root = Math.sqrt(size);
  return pairs
    .relu()
    .reshape(2 * size, 1)
    .add("GlobalAveragePooling1D")
    .dense([[2 * root]], [-1])
    .add("Activation", { activation: "softsign" })
    .dense([[-1 / root]], [1 / root]);
};

const rowOf = (x: Placed, { layer }: Sequence): Placed => ({ ...x, layer });
