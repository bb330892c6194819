import { type GraphBuilder, type Value, intAttribute } from "../../onnx/index.ts";
import { type Shape, float32 } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * grid = base·thetaᵀ for each sample (AffineGrid-20), base the places of the output with a 1 behind each:
 *
 *   d theta[n] = dgridᵀ[n]·base   [r, P] [P, r + 1]
 */
export const affineGrid: GradientRule = (g, node, [dy]) => {
  const [theta] = node.inputs;
  const [samples, axes] = theta.shape;
  const lengths = dy.shape.slice(1, -1);
  const base = basePlaces(g, lengths, intAttribute(node, "align_corners", 0) === 1);
  const flat = g.reshape(dy, [samples, base.shape[0], axes]);
  return [g.matMul(g.transpose(flat, [0, 2, 1]), base)];
};

/** [P, r + 1]: the last axis first, −1 … 1 at the outer pixels' centres (align_corners) or edges, then 1. */
function basePlaces(g: GraphBuilder, lengths: Shape, alignsCorners: boolean): Value {
  const places = lengths.reduce((a, b) => a * b, 1);
  const data = new Float32Array(places * (lengths.length + 1)).fill(1);
  for (let p = 0, rest = 0; p < places; p++) {
    rest = p;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      const [length, at] = [lengths[axis], rest % lengths[axis]];
      rest = Math.floor(rest / length);
      const place = alignsCorners
        ? length === 1
          ? 0
          : (2 * at) / (length - 1) - 1
        : (2 * at + 1) / length - 1;
      data[p * (lengths.length + 1) + lengths.length - 1 - axis] = place;
    }
  }
  return g.constant(float32([places, lengths.length + 1], data));
}
