/** Operators that place or pick elements by index; what was picked or placed is where the gradient goes. */
import {
  type GraphBuilder,
  UnsupportedOpError,
  type Value,
  describeNode,
  intAttribute,
  stringAttribute,
} from "../../onnx/index.ts";
import { sizeOf, tensor } from "../../tensor/index.ts";
import type { GradientRule, RuleNode } from "../rule.ts";

/**
 * y = data with updates put (or added) at indices along an axis.
 *
 *   put:    d data = dy but 0 where something was put,  d updates = dy there
 *   added:  d data = dy,                                d updates = dy there
 */
export const scatterElements: GradientRule = (g, node, [dy]) => {
  const [, indices, updates] = node.inputs;
  const attributes = { axis: intAttribute(node, "axis", 0) };
  const cleared = () =>
    g.op1("ScatterElements", [dy, indices, g.full(updates.shape, 0, dy.dtype)], attributes);
  return [isAdding(node) ? dy : cleared(), null, g.op1("GatherElements", [dy, indices], attributes)];
};

/** ScatterElements with whole slices, at indices into the first axes. */
export const scatterND: GradientRule = (g, node, [dy]) => {
  const [, indices, updates] = node.inputs;
  const cleared = () => g.op1("ScatterND", [dy, indices, g.full(updates.shape, 0, dy.dtype)]);
  return [isAdding(node) ? dy : cleared(), null, g.op1("GatherND", [dy, indices])];
};

/** y = slices of x at indices into its first axes: each is added to where it came from. */
export const gatherND: GradientRule = (g, node, [dy]) => {
  const [x, indices] = node.inputs;
  const full = withBatchIndices(g, indices, intAttribute(node, "batch_dims", 0));
  return [g.op1("ScatterND", [g.full(x.shape, 0, x.dtype), full, dy], { reduction: "add" })];
};

/** The k largest or smallest along an axis: dy goes to where they stood. Equal ones: the first by index is taken. */
export const topK: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const axis = intAttribute(node, "axis", -1);
  return [g.op1("ScatterElements", [g.full(x.shape, 0, x.dtype), node.outputs[1], dy], { axis })];
};

function isAdding(node: RuleNode): boolean {
  const reduction = stringAttribute(node, "reduction", "none");
  if (reduction === "none" || reduction === "add") return reduction === "add";
  throw new UnsupportedOpError(
    `${describeNode(node)} combines by "${reduction}", which has no gradient rule. ` +
      `Use the reductions "none" or "add", or freeze the parameters before it.`,
    { opType: node.opType, node: node.name },
  );
}

/** Indices [b…, i…, k] with the position in the batch axes b put before each: [b…, i…, number of b + k]. */
function withBatchIndices(g: GraphBuilder, indices: Value, batch: number): Value {
  if (batch === 0) return indices;
  const outer = indices.shape.slice(0, -1);
  const positions = new BigInt64Array(sizeOf(outer) * batch);
  for (let flat = 0, rest = 0; flat < sizeOf(outer); flat++) {
    rest = Math.floor(flat / sizeOf(outer.slice(batch)));
    for (let axis = batch - 1; axis >= 0; axis--) {
      positions[flat * batch + axis] = BigInt(rest % outer[axis]);
      rest = Math.floor(rest / outer[axis]);
    }
  }
  return g.concat([g.constant(tensor("int64", [...outer, batch], positions)), indices], outer.length);
}
