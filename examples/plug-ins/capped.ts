/**
 * A loss of one's own: the cross-entropy up to a bound, beyond which an image has no gradient, as one with a wrong label.
 *
 *   npx alignreg train --loss ./capped.ts:most=4
 */
import { crossEntropy, defineLoss } from "../../src/index.ts"; // for you: from "alignreg"

export default ({ most = 3 }: { readonly most?: number } = {}) =>
  defineLoss({
    name: "capped",
    options: { most },
    perSample: (g, logits, labels) => g.op1("Min", [crossEntropy(g, logits, labels), g.scalar(most)]),
    reference: (logits, labels) =>
      logits.map((row, i) =>
        Math.min(Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[labels[i]], most),
      ),
  });
