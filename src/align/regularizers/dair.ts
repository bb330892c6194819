import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";

/**
 * DAIR: (√ℓ − √ℓ′)² per sample, of the classification losses of the clean image and of its view, in nats. It asks for equal
 * losses, not for equal logits, and so it needs labels.
 *
 * √ has an infinite gradient at 0. Below 1e-12 a loss counts as that and has none, so that the gradient of a loss that
 * float32 has rounded to 0 is 0; above it values and gradients are exact, as nothing is added.
 *
 * Source: Huang, Halfaker, Beirami et al., DAIR: Data Augmented Invariant Regularization, arXiv 2110.11205.
 */
export const dair = defineRegularizer({
  name: "dair",
  kind: "losses",
  title: "DAIR, squared difference of the losses' roots",
  distance(g, loss, viewLoss) {
    const difference = g.sub(root(g, loss), root(g, viewLoss));
    return g.mul(difference, difference);
  },
});

const LEAST = 1e-12;

function root(g: GraphBuilder, loss: Value): Value {
  // Replaced before the root: 0 · ∞ is not a number, whatever is chosen after it.
  const isTooSmall = g.greater(g.scalar(LEAST), loss);
  return g.sqrt(g.where(isTooSmall, g.scalar(LEAST), loss));
}
