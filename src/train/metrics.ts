import { z } from "zod";
import type { StepMeasure } from "./step-graph.ts";
import type { StepMeasures } from "./step-runner.ts";
import { type ValidationScores, validationScoresSchema } from "./validation.ts";

/** What {@link MetricsLine} is, for reading it back. */
export const metricsLineSchema = z
  .object({
    /** "step": means since the last such line. "epoch": means over the epoch. */
    kind: z.enum(["step", "epoch"]),
    /** Steps done. */
    step: z.number(),
    /** Counted from 1. */
    epoch: z.number(),
    learningRate: z.number(),
    loss: z.number(),
    /** Training accuracy on the clean images, in [0, 1]. */
    accuracy: z.number(),
    /** Lines of epochs: of the weights at the epoch's end, where the run is validated. */
    validation: validationScoresSchema.optional(),
  })
  .catchall(z.union([z.number(), z.string()]));

/** One line of `metrics.jsonl`. It holds only what the seed decides, so equal runs write equal files. */
export interface MetricsLine extends Readonly<Partial<Record<Exclude<StepMeasure, "correct">, number>>> {
  readonly kind: "step" | "epoch";
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validation?: ValidationScores;
}

/** Sums of measures weighted by samples, so that a partial batch counts for what it is. */
export class MetricSums {
  readonly sums: Record<string, number>;

  constructor(sums: Readonly<Record<string, number>> = {}) {
    this.sums = { ...sums };
  }

  add(measures: StepMeasures, samples: number): void {
    this.#increase("samples", samples);
    for (const [name, value] of Object.entries(measures)) {
      this.#increase(name, name === "correct" ? value : value * samples);
    }
  }

  /** Means per sample; `accuracy` in place of the count `correct`. */
  means(): { loss: number; accuracy: number } & Record<string, number> {
    const { samples = 0, correct = 0, ...rest } = this.sums;
    const means = Object.fromEntries(Object.entries(rest).map(([name, sum]) => [name, sum / samples]));
    return { loss: means.loss, accuracy: correct / samples, ...means };
  }

  #increase(name: string, by: number): void {
    this.sums[name] = (this.sums[name] ?? 0) + by;
  }
}
