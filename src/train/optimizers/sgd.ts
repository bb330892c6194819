import { UsageError } from "../../tensor/index.ts";
import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface SgdOptions {
  /** Default 0. */
  momentum?: number;
  /** Default false. */
  nesterov?: boolean;
  /** l2 penalty added to the gradient (default 0). */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent, as torch.optim.SGD with dampening 0:
 * g += decay·p; v' = μ·v + g; p' = p − lr·v' (Nesterov: p − lr·(g + μ·v')).
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  if (nesterov && momentum === 0) {
    throw new UsageError("Nesterov's step needs momentum above 0. Give momentum, or leave nesterov out.");
  }
  return defineOptimizer({
    name: "sgd",
    title: "stochastic gradient descent, weight decay in the gradient",
    options: { momentum, nesterov, weightDecay },
    stateCount: momentum === 0 ? 0 : 1,
    weightDecay,
    update(g, { parameter, gradient, state: [velocity], scalar, isSpared = false }) {
      const decayed =
        weightDecay === 0 || isSpared ? gradient : g.add(gradient, g.scale(parameter, weightDecay));
      const next = velocity && g.add(g.scale(velocity, momentum), decayed);
      const direction = !next ? decayed : nesterov ? g.add(decayed, g.scale(next, momentum)) : next;
      return {
        parameter: g.sub(parameter, g.mul(direction, scalar.learningRate)),
        state: next ? [next] : [],
      };
    },
  });
}
