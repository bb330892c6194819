/**
 * An optimizer of one's own: a step of the learning rate's size against the sign of the momentum (Bernstein et al. 2018, signSGD,
 * arXiv 1802.04434, algorithm 2).
 *
 *   npx alignreg train --optimizer ./signum.ts:beta=0.8 --lr 0.0003
 */
import { defineOptimizer } from "../../src/index.ts"; // for you: from "alignreg"

export default ({ beta = 0.9 }: { readonly beta?: number } = {}) =>
  defineOptimizer({
    name: "signum",
    options: { beta },
    stateCount: 1,
    update(g, { parameter, gradient, state: [momentum], scalar }) {
      const next = g.add(g.scale(momentum, beta), g.scale(gradient, 1 - beta));
      const step = g.mul(g.op1("Sign", [next]), scalar.learningRate);
      return { parameter: g.sub(parameter, step), state: [next] };
    },
  });
