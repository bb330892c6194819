import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface LionOptions {
  /** Of the direction (default 0.9). */
  beta1?: number;
  /** Of the momentum (default 0.99). */
  beta2?: number;
  /** Decoupled (default 0). */
  weightDecay?: number;
}

/**
 * Lion: p' = (1 − lr·decay)·p − lr·sign(β₁·m + (1 − β₁)·g); m' = β₂·m + (1 − β₂)·g. Decoupled weight decay, before the step.
 *
 * Steps have the size of the learning rate whatever the gradient: its authors take a third to a tenth of AdamW's, and three
 * to ten times its decay.
 *
 * Source: Chen et al., Symbolic Discovery of Optimization Algorithms (arXiv 2302.06675); google/automl, lion_pytorch.py.
 */
export const lion = ({ beta1 = 0.9, beta2 = 0.99, weightDecay = 0 }: LionOptions = {}): Optimizer =>
  defineOptimizer({
    name: "lion",
    title: "Lion, decoupled weight decay",
    options: { beta1, beta2, weightDecay },
    stateCount: 1,
    weightDecay,
    scalars: (_step, learningRate) => ({ learningRate, shrink: 1 - learningRate * weightDecay }),
    update(g, { parameter, gradient, state: [m], scalar, isSpared = false }) {
      const start = isSpared || weightDecay === 0 ? parameter : g.mul(parameter, scalar.shrink);
      const direction = g.op1("Sign", [g.add(g.scale(m, beta1), g.scale(gradient, 1 - beta1))]);
      return {
        parameter: g.sub(start, g.mul(direction, scalar.learningRate)),
        state: [g.add(g.scale(m, beta2), g.scale(gradient, 1 - beta2))],
      };
    },
  });
