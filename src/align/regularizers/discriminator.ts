import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";
import type { PairsRegularizer } from "../regularizer.ts";
import { type CriticOptions, criticSettings } from "./critic-options.ts";
import { mlp, mlpParameters } from "./mlp-critic.ts";

/**
 * GAN divergence: a discriminator D learns to tell the representations of clean images from those of their views,
 * and the model learns to fool it. One sample's value is −log(1 − D(z)) − log D(z′) − 2·log 2, in nats: what D loses
 * when it is told the opposite (Goodfellow et al. 2014, the form whose gradient does not vanish when D is sure).
 * 0 when D cannot tell, positive when it can; never below −2·log 2.
 */
export function discriminator(options: CriticOptions = {}): PairsRegularizer {
  const { hidden, ...settings } = criticSettings(options, { steps: 1, learningRate: 1e-3 });
  return defineRegularizer({
    name: "discriminator",
    options: { ...options },
    title: "GAN discriminator",
    letter: "D",
    critic: {
      ...settings,
      parameters: (features) => mlpParameters(features, hidden),
      loss(g, critic, z, zView) {
        const [clean] = logProbabilities(g, mlp(g, critic, z));
        const [, view] = logProbabilities(g, mlp(g, critic, zView));
        return g.neg(g.mean(g.add(clean, view), [0]));
      },
      constrain: null,
    },
    distance(g, z, zView, critic) {
      const [, view] = logProbabilities(g, mlp(g, critic, z));
      const [clean] = logProbabilities(g, mlp(g, critic, zView));
      return g.sub(g.neg(g.add(view, clean)), g.scalar(2 * Math.LN2));
    },
  });
}

/** log D and log(1 − D), [N] each, of the logit [N, 1] that D is clean. */
function logProbabilities(g: GraphBuilder, logit: Value): readonly [clean: Value, view: Value] {
  const both = g.logSoftmax(g.concat([logit, g.full(logit.shape, 0)], 1), 1);
  const [clean, view] = g.split(both, [1, 1], 1);
  return [g.reshape(clean, [logit.shape[0]]), g.reshape(view, [logit.shape[0]])];
}
