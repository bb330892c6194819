import { type OptionTable, choice, number, whole } from "../../options/index.ts";
import type { CriticOptions } from "./critic-options.ts";
import type { WassersteinOptions } from "./wasserstein.ts";

/** The options of all regularizers; which of them a regularizer takes, `regularizerByName` knows. */
export const regularizerOptions = {
  steps: whole({
    description: "updates of the critic a step",
    otherwise: "wasserstein 5; discriminator 1",
    flag: "--critic-steps <n>",
  }),
  learningRate: number(
    { above: 0 },
    { description: "learning rate of the critic", default: 1e-3, flag: "--critic-lr <x>" },
  ),
  hidden: whole({
    description: "hidden units of the critic",
    default: 64,
    flag: "--critic-width <n>",
    alias: ["width", "units"],
  }),
  lipschitz: choice(["penalty", "clipping"], {
    description: "how the critic of wasserstein is bounded",
    default: "penalty",
    flag: "--lipschitz <how>",
  }),
  penalty: number(
    { above: 0 },
    { description: "weight of the gradient penalty", default: 10, alias: ["gradientPenalty"] },
  ),
  clip: number({ above: 0 }, { description: "largest absolute weight under clipping", default: 0.1 }),
} satisfies OptionTable<CriticOptions & WassersteinOptions>;
