import type { Graph } from "../onnx/index.ts";
import { isVector } from "./contents.ts";
import { type GraphUse, type TensorRole, tensorRoles } from "./roles.ts";
import { layerPart } from "./uses.ts";

/**
 * Names of the parameters that weight decay is for: kernels and matrices. Biases, what normalizations scale and shift by,
 * slopes, and whatever else is a number for each channel, are not among them: shrinking these regularizes nothing.
 */
export const decayedNames = (graph: Graph, use?: GraphUse): ReadonlySet<string> =>
  new Set(
    tensorRoles(graph, use)
      .filter(isDecayed)
      .map(({ name }) => name),
  );

/** By what a layer takes it as; where none does, by its shape. */
function isDecayed({ shape, uses }: TensorRole): boolean {
  const parts = uses.flatMap((use) => layerPart(use) ?? []);
  // A matrix of a single unit is no vector, and a tied one is a matrix wherever else it goes.
  if (parts.some((part) => part.startsWith("weight"))) return true;
  return parts.length === 0 && !isVector({ shape });
}
