import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface NadamOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** ψ, how fast the momentum rises to β₁ (default 0.004). */
  momentumDecay?: number;
  /** l2 penalty added to the gradient (default 0). */
  weightDecay?: number;
}

/**
 * NAdam, as torch.optim.NAdam: with μₜ = β₁·(1 − ½·0.96^(t·ψ)) and m', v' as Adam's,
 *
 *   p' = p − (lr·(1 − μₜ)/(1 − Πμ)·g + lr·μₜ₊₁/(1 − Πμ·μₜ₊₁)·m') / (√(v'/(1 − β₂ᵗ)) + ε)
 *
 * The weight decay is an l2 penalty added to the gradient: g + decay·p.
 */
export function nadam({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  momentumDecay = 4e-3,
  weightDecay = 0,
}: NadamOptions = {}): Optimizer {
  const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
  const productUpTo = products(mu);
  return defineOptimizer({
    name: "nadam",
    title: "Adam with Nesterov's momentum, weight decay in the gradient",
    options: { beta1, beta2, epsilon, momentumDecay, weightDecay },
    stateCount: 2,
    weightDecay,
    scalars(step, learningRate) {
      const [now, next, product] = [mu(step), mu(step + 1), productUpTo(step)];
      return {
        ofGradient: (learningRate * (1 - now)) / (1 - product),
        ofMean: (learningRate * next) / (1 - product * next),
        correction: 1 / Math.sqrt(1 - beta2 ** step),
      };
    },
    update(g, { parameter, gradient, state: [m, v], scalar, isSpared = false }) {
      const slope =
        weightDecay === 0 || isSpared ? gradient : g.add(gradient, g.scale(parameter, weightDecay));
      const nextM = g.add(g.scale(m, beta1), g.scale(slope, 1 - beta1));
      const nextV = g.add(g.scale(v, beta2), g.scale(g.mul(slope, slope), 1 - beta2));
      const denominator = g.add(g.mul(g.sqrt(nextV), scalar.correction), g.scalar(epsilon));
      const direction = g.add(g.mul(slope, scalar.ofGradient), g.mul(nextM, scalar.ofMean));
      return { parameter: g.sub(parameter, g.div(direction, denominator)), state: [nextM, nextV] };
    },
  });
}

/** Π f(1) … f(n). What was found for fewer factors is gone on from, as steps are asked for in order. */
function products(factor: (step: number) => number): (steps: number) => number {
  let [known, product] = [0, 1];
  return (steps) => {
    if (steps < known) [known, product] = [0, 1];
    while (known < steps) product *= factor(++known);
    return product;
  };
}
