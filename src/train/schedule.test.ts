import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { type ScheduleOptions, scheduleOf } from "./schedule.ts";

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly options: {
    readonly stepSize?: number;
    readonly gamma?: number;
    readonly totalSteps?: number;
    readonly minimum?: number;
    readonly warmupSteps?: number;
  };
  readonly baseLearningRate: number;
  readonly learningRates: number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/objective/schedules.json", import.meta.url), "utf8"),
) as { cases: Case[] };

/** PyTorch's schedulers as ours; those with a minimum above 0 or another warm-up have no counterpart. */
function ours({ kind, options }: Case): { schedule: ScheduleOptions; totalSteps?: number } | null {
  const { stepSize, gamma, totalSteps, minimum = 0, warmupSteps } = options;
  if (minimum !== 0) return null;
  switch (kind) {
    case "constant":
      return { schedule: {} };
    case "step":
      return { schedule: { kind: "step", every: stepSize, factor: gamma } };
    case "cosine":
      return { schedule: { kind: "cosine" }, totalSteps };
    case "rise":
      return { schedule: { warmUp: warmupSteps } };
    case "rise-cosine":
      return { schedule: { kind: "cosine", warmUp: warmupSteps }, totalSteps };
    default:
      return null;
  }
}

const known = cases.flatMap((c) => {
  const mine = ours(c);
  return mine ? [{ ...c, ...mine }] : [];
});

test("every kind of schedule has a fixture", () => {
  expect(new Set(known.map((c) => c.kind))).toEqual(
    new Set(["constant", "step", "cosine", "rise", "rise-cosine"]),
  );
});

describe("the rate at every step agrees with torch.optim.lr_scheduler:", () => {
  test.each(known)("$name", ({ schedule, totalSteps = 20, baseLearningRate, learningRates }) => {
    const multiplier = scheduleOf(schedule, { totalSteps, stepsPerEpoch: 1 });
    expect(learningRates.map((_, step) => baseLearningRate * multiplier(step))).toBeAllClose(learningRates, {
      rtol: 1e-12,
      atol: 1e-15,
    });
  });
});

test('"step" counts epochs', () => {
  const rate = scheduleOf({ kind: "step", every: 2, factor: 0.5 }, { totalSteps: 24, stepsPerEpoch: 4 });
  expect([0, 7, 8, 15, 16].map(rate)).toEqual([1, 1, 0.5, 0.5, 0.25]);
});

test.each([{ every: 0 }, { warmUp: -1 }, { every: NaN }, { kind: "linear" as "step" }])(
  "refuses %o",
  (options) => {
    expect(() => scheduleOf(options, { totalSteps: 1, stepsPerEpoch: 1 })).toThrow(UsageError);
  },
);
