import { type OptionTable, number, truth } from "../../options/index.ts";
import type { AdamOptions } from "./adam.ts";
import type { SgdOptions } from "./sgd.ts";

/** The options of all optimizers; which of them an optimizer takes, its row in `optimizers` says. */
export const optimizerOptions = {
  momentum: number(
    { least: 0 },
    { description: "momentum of sgd", default: 0, flag: "--momentum <x>", alias: ["mu"] },
  ),
  nesterov: truth({ description: "Nesterov momentum of sgd", default: false, flag: "--nesterov" }),
  weightDecay: number(
    { least: 0 },
    {
      description: "weight decay, of adamw decoupled",
      otherwise: "0; adamw 0.01",
      flag: "--weight-decay <x>",
      alias: ["decay", "wd", "l2"],
    },
  ),
  beta1: number({ least: 0, below: 1 }, { description: "decay of Adam's mean", default: 0.9 }),
  beta2: number({ least: 0, below: 1 }, { description: "decay of Adam's mean square", default: 0.999 }),
  epsilon: number(
    { least: 0 },
    { description: "added to Adam's denominator", default: 1e-8, alias: ["eps"] },
  ),
} satisfies OptionTable<SgdOptions & AdamOptions>;
