import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer } from "../optimizer.ts";

export interface RmspropOptions {
  /** Decay of the mean square (default 0.99). */
  alpha?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Default 0. */
  momentum?: number;
  /** Whether the mean square is taken about the mean of the gradients (default false). */
  centered?: boolean;
  /** l2 penalty added to the gradient (default 0). */
  weightDecay?: number;
}

/**
 * RMSprop, as torch.optim.RMSprop: v' = α·v + (1 − α)·g²; p' = p − lr·g / (√v' + ε), ε outside of the root (TensorFlow has
 * it inside). Centered: √(v' − ḡ'²) with ḡ' = α·ḡ + (1 − α)·g. With momentum: b' = μ·b + g/(√v' + ε), p' = p − lr·b'.
 * The weight decay is an l2 penalty added to the gradient: g + decay·p.
 */
export function rmsprop({
  alpha = 0.99,
  epsilon = 1e-8,
  momentum = 0,
  centered = false,
  weightDecay = 0,
}: RmspropOptions = {}): Optimizer {
  const [meanAt, bufferAt] = [1, centered ? 2 : 1];
  return defineOptimizer({
    name: "rmsprop",
    title: "RMSprop, weight decay in the gradient",
    options: { alpha, epsilon, momentum, centered, weightDecay },
    stateCount: 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0),
    weightDecay,
    update(g, { parameter, gradient, state, scalar, isSpared = false }) {
      const slope =
        weightDecay === 0 || isSpared ? gradient : g.add(gradient, g.scale(parameter, weightDecay));
      const square = g.add(g.scale(state[0], alpha), g.scale(g.mul(slope, slope), 1 - alpha));
      const next = [square];
      let variance = square;
      if (centered) {
        const mean = g.add(g.scale(state[meanAt], alpha), g.scale(slope, 1 - alpha));
        next.push(mean);
        // In float32 the difference of two equal numbers may come out below 0.
        variance = g.op1("Max", [g.sub(square, g.mul(mean, mean)), g.scalar(0)]);
      }
      let direction = g.div(slope, g.add(g.sqrt(variance), g.scalar(epsilon)));
      if (momentum > 0) {
        direction = g.add(g.scale(state[bufferAt], momentum), direction);
        next.push(direction);
      }
      return { parameter: g.sub(parameter, g.mul(direction, scalar.learningRate)), state: next };
    },
  });
}
