/**
 * The graph with the module's tensors under their own names, each in its own shape, as PyTorch's newer exporter writes them
 * before it optimizes. Its optimizer merges equal tensors (in an untrained net most scales and biases are), holds
 * transposed and reshaped weights under names that it makes up, and leaves out biases of zeros.
 */
import type { Graph } from "../../onnx/index.ts";
import { type Tensor, shapesEqual } from "../../tensor/index.ts";
import { type Claim, claimsOf } from "./claims.ts";
import { ownTensor } from "./form.ts";
import { withBiases } from "./left-out-biases.ts";
import { Renaming } from "./renaming.ts";
import { readSignature } from "./signature.ts";

/**
 * A name is taken from the metadata only where the numbers agree: all that claims one must be one tensor, and a name
 * that the file has must hold the same. Activations, inputs and outputs keep theirs. A graph that has all names comes back as it is.
 */
export function withOwnNames(graph: Graph): Graph {
  const signature = readSignature(graph);
  if (!signature) return graph;
  const whole = withBiases(graph, signature);
  const { claims, foreign } = claimsOf(whole, signature);
  const owned = ownedTensors(whole, claims);
  const renaming = new Renaming(whole, owned);
  const isClaimed = new Set<string>();
  for (const claim of claims) {
    if (!owned.has(claim.tensor)) continue;
    if (claim.tensor === claim.held) isClaimed.add(claim.held);
    renaming.take(claim);
  }
  // A constant that was merged with a tensor of the module is no use of it, where others are.
  for (const use of foreign) if (isClaimed.has(use.held)) renaming.takeConstant(use);
  return renaming.graph();
}

/** The module's tensors by name, with the numbers on which all claims of each agree. */
function ownedTensors({ initializers }: Graph, claims: readonly Claim[]): Map<string, Tensor> {
  const owned = new Map<string, Tensor>();
  const refused = new Set<string>();
  const seen = new Map<string, Tensor | undefined>();
  for (const { tensor, held, form } of claims) {
    const key = `${typeof form === "string" ? form : "window"} ${held}`;
    if (!seen.has(key)) seen.set(key, ownTensor(initializers.get(held)!, form));
    const value = seen.get(key);
    const before = owned.get(tensor) ?? initializers.get(tensor);
    if (!value || (before && !isSame(before, value))) refused.add(tensor);
    else owned.set(tensor, before ?? value);
  }
  for (const name of refused) owned.delete(name);
  return owned;
}

const isSame = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype &&
  shapesEqual(a.shape, b.shape) &&
  (a.data === b.data || a.data.every((value, i) => Object.is(value, b.data[i])));
