import { type OptionTable, number, truth } from "../../options/index.ts";
import type { AdagradOptions } from "./adagrad.ts";
import type { AdamOptions } from "./adam.ts";
import type { LionOptions } from "./lion.ts";
import type { NadamOptions } from "./nadam.ts";
import type { RmspropOptions } from "./rmsprop.ts";
import type { SgdOptions } from "./sgd.ts";

/** Options of all optimizers; one that the chosen optimizer does not take is an error. */
export type OptimizerOptions = SgdOptions &
  AdamOptions &
  RmspropOptions &
  AdagradOptions &
  NadamOptions &
  LionOptions;

/** The options of all optimizers; which of them an optimizer takes, its row in `optimizers` says. */
export const optimizerOptions = {
  momentum: number(
    { least: 0 },
    { description: "momentum of sgd and rmsprop", default: 0, flag: "--momentum <x>", alias: ["mu"] },
  ),
  nesterov: truth({ description: "Nesterov momentum of sgd", default: false, flag: "--nesterov" }),
  weightDecay: number(
    { least: 0 },
    {
      description: "weight decay, of adamw and lion decoupled",
      otherwise: "0; adamw 0.01",
      flag: "--weight-decay <x>",
      alias: ["decay", "wd", "l2"],
    },
  ),
  beta1: number(
    { least: 0, below: 1 },
    {
      description: "decay of the mean of adam and its kin, of lion's step",
      default: 0.9,
      flag: "--beta1 <x>",
    },
  ),
  beta2: number(
    { least: 0, below: 1 },
    {
      description: "decay of the mean square of adam and its kin, of lion's momentum",
      otherwise: "0.999; lion 0.99",
      flag: "--beta2 <x>",
    },
  ),
  epsilon: number(
    { least: 0 },
    {
      description: "added to an optimizer's denominator",
      otherwise: "1e-8; adagrad 1e-10",
      flag: "--epsilon <x>",
      alias: ["eps"],
    },
  ),
  alpha: number(
    { least: 0, below: 1 },
    { description: "decay of rmsprop's mean square", default: 0.99, flag: "--alpha <x>", alias: ["rho"] },
  ),
  centered: truth({
    description: "rmsprop: the mean square about the mean",
    default: false,
    flag: "--centered",
  }),
  momentumDecay: number(
    { least: 0 },
    { description: "how fast nadam's momentum rises", default: 4e-3, flag: "--momentum-decay <x>" },
  ),
} satisfies OptionTable<OptimizerOptions>;
