import { backward } from "../../autodiff/index.ts";
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";
import type { PairsRegularizer } from "../regularizer.ts";
import { type CriticOptions, criticSettings } from "./critic-options.ts";
import { mlp, mlpParameters } from "./mlp-critic.ts";

export interface WassersteinOptions extends CriticOptions {
  /** How the critic is kept 1-Lipschitz: "penalty" (default) on its gradient's norm, or "clipping" of its weights. */
  lipschitz?: "penalty" | "clipping";
  /** Weight of the gradient penalty (default 10). */
  penalty?: number;
  /** Largest absolute weight under clipping (default 0.1). The estimate scales with it. */
  clip?: number;
}

/**
 * Wasserstein-1 distance between the representations of the clean images and of their views, by its dual form:
 * the critic c maximises E c(z) − E c(z′), the model minimises it. One sample's share is c(z) − c(z′): it may be
 * negative, and it is 0 when z = z′.
 *
 * Source: Arjovsky, Chintala & Bottou 2017 (weight clipping); Gulrajani et al. 2017 (gradient penalty, at a random
 * point between z and z′, here of the same image).
 */
export function wasserstein(options: WassersteinOptions = {}): PairsRegularizer {
  const { hidden, ...settings } = criticSettings(options, { steps: 5, learningRate: 1e-3 });
  const { lipschitz = "penalty", penalty = 10, clip = 0.1 } = options;
  if (!(penalty > 0) || !(clip > 0)) {
    throw new UsageError(`The critic's penalty and clip must be above 0, not ${penalty} and ${clip}.`);
  }
  if (lipschitz !== "penalty" && lipschitz !== "clipping") {
    throw new UsageError(`Unknown lipschitz "${String(lipschitz)}". Choose one of: penalty, clipping.`);
  }
  const gap = (g: GraphBuilder, critic: readonly Value[], z: Value, zView: Value) =>
    g.sub(mlp(g, critic, z), mlp(g, critic, zView));
  return defineRegularizer({
    name: "wasserstein",
    options: { ...options },
    title: lipschitz === "penalty" ? "Wasserstein-1, gradient penalty" : "Wasserstein-1, weight clipping",
    letter: "W",
    critic: {
      ...settings,
      parameters: (features) => mlpParameters(features, hidden),
      loss(g, critic, z, zView, mix) {
        const negated = g.neg(g.mean(gap(g, critic, z, zView), [0, 1]));
        if (lipschitz === "clipping") return negated;
        return g.add(negated, g.scale(gradientPenalty(g, critic, z, zView, mix), penalty));
      },
      constrain:
        lipschitz === "penalty" ? null : (g, p) => g.op1("Clip", [p, g.scalar(-clip), g.scalar(clip)]),
    },
    distance: (g, z, zView, critic) => g.reshape(gap(g, critic, z, zView), [z.shape[0]]),
  });
}

/** Mean of (‖∇c‖ − 1)² at z + mix·(z′ − z). */
function gradientPenalty(
  g: GraphBuilder,
  critic: readonly Value[],
  z: Value,
  zView: Value,
  mix: Value,
): Value {
  const between = g.add(z, g.mul(mix, g.sub(zView, z)));
  const [slope] = backward(g, g.sum(mlp(g, critic, between), [0, 1]), [between]);
  // Where no hidden unit is active the slope is 0, and the root has no derivative.
  const norm = g.sqrt(g.add(g.sum(g.mul(slope, slope), [1]), g.scalar(1e-12)));
  const excess = g.sub(norm, g.scalar(1));
  return g.mean(g.mul(excess, excess), [0]);
}
