/**
 * Constant folding for what shapes are computed from: `Shape -> Gather -> Unsqueeze -> Concat -> Reshape` chains
 * and small constants. Large constants are left for ONNX Runtime, which folds them when it loads the graph.
 */
import { type Tensor, sizeOf } from "../../tensor/index.ts";
import { stringAttribute } from "../attribute.ts";
import type { InferenceNode } from "../infer/rule.ts";
import type { ValueType } from "../value.ts";
import { elementwiseFolds } from "./elementwise.ts";
import type { Fold } from "./fold.ts";
import { constantOfShape, range, shapeValue } from "./generate.ts";
import { moveFolds, reshapeFolds } from "./move.ts";
import { pickFolds } from "./pick.ts";
import { reduceFolds } from "./reduce.ts";

export { constantNodeValue } from "./generate.ts";

/** More elements than any shape computation has; larger inputs or results are not folded. */
const LARGEST_FOLDED = 4096;

/** By operator: folding that computes, folding that only moves elements, and folding of any size. */
const computing = new Map<string, Fold>(
  Object.entries({ ...elementwiseFolds, ...reduceFolds, Range: range }),
);
const moving = new Map<string, Fold>(Object.entries({ ...moveFolds, ...pickFolds }));
const unlimited = new Map<string, Fold>(
  Object.entries({ ...reshapeFolds, ConstantOfShape: constantOfShape }),
);

/**
 * The outputs of `node` if they can be computed now: all inputs constant and the results small (or no data moved).
 * Undefined otherwise.
 */
export function foldNode(node: InferenceNode, types: readonly ValueType[]): readonly Tensor[] | undefined {
  const { opType } = node;
  if (opType === "Shape" || opType === "Size") return [shapeValue(node, types[0])];
  const inputs = node.inputs.filter((v) => v !== null);
  if (!inputs.every((v) => v.constant)) return undefined;
  const constants = inputs.map((v) => v.constant!);
  const isSmall = (value: ValueType) => sizeOf(value.shape) <= LARGEST_FOLDED;
  // Half precision is held as raw bits, which can be moved but not computed with.
  const isComputable = (value: ValueType) => isSmall(value) && value.dtype !== "float16";
  const fold =
    unlimited.get(opType) ??
    (types.every(isSmall) && !accumulates(node) ? moving.get(opType) : undefined) ??
    ([...types, ...inputs].every(isComputable) ? computing.get(opType) : undefined);
  return fold?.(node, constants, types);
}

/** ScatterND that adds to what is there, or the like: no shape is computed so. */
const accumulates = (node: InferenceNode): boolean => stringAttribute(node, "reduction", "none") !== "none";
