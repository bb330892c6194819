/** What the exporter's optimizer computed a tensor from, as it writes into the metadata of the value. */
import type { Graph } from "../../onnx/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Form } from "./form.ts";

const FOLDED_FROM = "pkg.onnxscript.optimizer.folded_from";

/** Names of tensors and of steps on the way; undefined where the file does not say. */
export function foldedFrom({ valueMetadata }: Graph, name: string): readonly string[] | undefined {
  const text = valueMetadata?.get(name)?.[FOLDED_FROM];
  return text === undefined ? undefined : [...text.matchAll(/(['"])(.*?)\1/g)].map((m) => m[2]);
}

/** What the file would say of a constant that it does not hold as one. */
export const foldedFromNothing: Readonly<Record<string, string>> = { [FOLDED_FROM]: "[]" };

/** Whether the file says of anything what it was folded from. */
export const saysFolding = ({ valueMetadata }: Graph): boolean =>
  [...(valueMetadata?.values() ?? [])].some((pairs) => Object.hasOwn(pairs, FOLDED_FROM));

/** Steps of PyTorch that keep the numbers in their order, and all axes that are longer than 1 … */
const keeping = new Set(["unsqueeze", "squeeze", "clone", "contiguous", "alias"]);
/** … that keep the order, in axes of other lengths … */
const reshaping = new Set(["view", "reshape", "_unsafe_view", "flatten", "unflatten"]);
/** … and that move whole axes. */
const turning = new Set(["permute", "transpose", "t", "numpy_t", "swapaxes"]);

/**
 * How a tensor was made of the one tensor of the module that it was folded from, by the names of PyTorch's steps.
 *
 * @param steps  names of the steps on the way and of the result
 * @returns undefined where numbers were computed, or moved in a way that the names do not tell
 */
export function formOf(steps: readonly string[], { shape }: Tensor): Form | undefined {
  const operators = steps.map((step) => step.replace(/_\d+$/, "").toLowerCase());
  const areAll = (...kinds: readonly ReadonlySet<string>[]) =>
    operators.every((operator) => kinds.some((kind) => kind.has(operator)));
  if (areAll(keeping)) return "padded";
  const isVector = shape.filter((length) => length !== 1).length <= 1;
  if (isVector && areAll(keeping, reshaping, turning)) return "padded";
  return shape.length === 2 && operators.length === 1 && areAll(turning) ? "transposed" : undefined;
}

/** What the exporter calls its own steps inside one of PyTorch's. */
export const isInnerStep = (name: string): boolean => /^val_\d+$/.test(name);
