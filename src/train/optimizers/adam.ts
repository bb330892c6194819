import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface AdamOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Default 0 for adam, 0.01 for adamW. */
  weightDecay?: number;
}

/** Adam, as torch.optim.Adam; the weight decay is an l2 penalty added to the gradient. */
export const adam = (options: AdamOptions = {}): Optimizer =>
  adamLike("adam", { weightDecay: 0, ...options }, "penalty");

/** Adam with decoupled weight decay, as torch.optim.AdamW: p shrinks by lr·decay before the step. */
export const adamW = (options: AdamOptions = {}): Optimizer =>
  adamLike("adamw", { weightDecay: 0.01, ...options }, "decoupled");

/**
 * m' = β₁·m + (1 − β₁)·g;  v' = β₂·v + (1 − β₂)·g²;  p' = p − stepSize·m' / (√v'·correction + ε)
 * with stepSize = lr/(1 − β₁ᵗ) and correction = 1/√(1 − β₂ᵗ) fed at each step.
 */
function adamLike(
  name: string,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions,
  decay: "penalty" | "decoupled",
): Optimizer {
  return defineOptimizer({
    name,
    title: decay === "penalty" ? "Adam, weight decay in the gradient" : "Adam, decoupled weight decay",
    options: { beta1, beta2, epsilon, weightDecay },
    stateCount: 2,
    weightDecay,
    scalars: (step, learningRate) => ({
      stepSize: learningRate / (1 - beta1 ** step),
      correction: 1 / Math.sqrt(1 - beta2 ** step),
      shrink: 1 - learningRate * weightDecay,
    }),
    update(g, { parameter, gradient, state: [m, v], scalar, isSpared = false }) {
      const isPenalty = decay === "penalty" && weightDecay !== 0 && !isSpared;
      const slope = isPenalty ? g.add(gradient, g.scale(parameter, weightDecay)) : gradient;
      const start = decay === "decoupled" && !isSpared ? g.mul(parameter, scalar.shrink) : parameter;
      const nextM = g.add(g.scale(m, beta1), g.scale(slope, 1 - beta1));
      const nextV = g.add(g.scale(v, beta2), g.scale(g.mul(slope, slope), 1 - beta2));
      const denominator = g.add(g.mul(g.sqrt(nextV), scalar.correction), g.scalar(epsilon));
      return {
        parameter: g.sub(start, g.div(g.mul(nextM, scalar.stepSize), denominator)),
        state: [nextM, nextV],
      };
    },
  });
}
