import { float32, int64 } from "../../tensor/index.ts";
import { checkLogits } from "../cross-entropy.ts";
import { defineLoss } from "../define-loss.ts";

/**
 * Binary cross-entropy of each class against all others: Σ_k −log σ(±z_k), in nats, + for the label and − for all others.
 * Classes need not exclude each other, so a picture of none of them may have small probabilities throughout.
 *
 * −log σ(z) is softplus(−z) = max(−z, 0) + log(1 + e^−|z|), finite for logits of any size.
 *
 * Source: torch.nn.BCEWithLogitsLoss on one-hot targets, summed over the classes (Beyer et al. 2020, arXiv 2006.07159;
 * Wightman et al. 2021, arXiv 2110.00476).
 */
export const sigmoid = defineLoss({
  name: "sigmoid",
  title: "binary cross-entropy of each class",
  perSample(g, logits, labels) {
    checkLogits(logits, labels);
    const depth = g.constant(int64([logits.shape[1]], []));
    const signs = g.op1("OneHot", [labels, depth, g.constant(float32([2], [1, -1]))], { axis: -1 });
    const away = g.mul(logits, signs);
    const tail = g.op1("Log", [g.add(g.exp(g.neg(g.op1("Abs", [logits]))), g.scalar(1))]);
    return g.sum(g.add(g.op1("Max", [away, g.scalar(0)]), tail), [1]);
  },
});
