import { crossEntropy as entropies } from "../cross-entropy.ts";
import { defineLoss } from "../define-loss.ts";

/** Softmax cross-entropy, in nats. With label smoothing or class weights it is PyTorch's, see classification-loss.ts. */
export const crossEntropy = defineLoss({
  name: "crossEntropy",
  title: "softmax cross-entropy",
  perSample: entropies,
});
