import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface AdagradOptions {
  /** Default 1e-10. */
  epsilon?: number;
  /** l2 penalty added to the gradient (default 0). */
  weightDecay?: number;
}

/**
 * Adagrad, as torch.optim.Adagrad without a decay of its learning rate, its sums starting at 0:
 * s' = s + g²; p' = p − lr·g / (√s' + ε). The weight decay is an l2 penalty added to the gradient: g + decay·p.
 */
export const adagrad = ({ epsilon = 1e-10, weightDecay = 0 }: AdagradOptions = {}): Optimizer =>
  defineOptimizer({
    name: "adagrad",
    title: "Adagrad, weight decay in the gradient",
    options: { epsilon, weightDecay },
    stateCount: 1,
    weightDecay,
    update(g, { parameter, gradient, state: [sum], scalar, isSpared = false }) {
      const slope =
        weightDecay === 0 || isSpared ? gradient : g.add(gradient, g.scale(parameter, weightDecay));
      const next = g.add(sum, g.mul(slope, slope));
      const direction = g.div(slope, g.add(g.sqrt(next), g.scalar(epsilon)));
      return { parameter: g.sub(parameter, g.mul(direction, scalar.learningRate)), state: [next] };
    },
  });
