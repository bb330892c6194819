import { type OptionTable, choice, number, whole } from "../options/index.ts";
import type { ScheduleOptions } from "./schedule.ts";

export const scheduleKinds = ["constant", "step", "cosine"] as const;

export const scheduleOptions = {
  kind: choice(scheduleKinds, {
    description: "how the learning rate moves: cosine falls to 0",
    default: "constant",
    flag: "--schedule <kind>",
    alias: ["name", "type"],
  }),
  every: number(
    { above: 0 },
    { description: "epochs between drops of schedule step", default: 1, flag: "--step-every <epochs>" },
  ),
  factor: number(
    { above: 0 },
    {
      description: "factor of each drop of schedule step",
      default: 0.1,
      flag: "--step-factor <x>",
      alias: ["gamma"],
    },
  ),
  warmUp: whole(
    {
      description: "steps over which the learning rate rises at first",
      default: 0,
      flag: "--warm-up <steps>",
      alias: ["warmupSteps"],
    },
    0,
  ),
} satisfies OptionTable<ScheduleOptions>;
