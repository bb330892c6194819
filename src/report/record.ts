import { z } from "zod";

/** A fraction, in [0, 1]; printed as percent. */
export const fraction = z.number().min(0).max(1);

/** An estimate with its 95 % interval. */
export const interval = z.object({ value: fraction, low: fraction, high: fraction });

const seconds = z.number().nonnegative();

/** What a result depends on: enough to run it again and to tell two results apart. */
export const manifestSchema = z.object({
  command: z.string(),
  /** Settings by name, the seed among them. */
  config: z.record(z.string(), z.unknown()),
  data: z.object({ name: z.string(), samples: z.number(), sha256: z.string() }),
  model: z.object({ name: z.string(), sha256: z.string() }),
  versions: z.record(z.string(), z.string()),
  machine: z.object({ platform: z.string(), cpu: z.string(), cores: z.number(), memoryGB: z.number() }),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  seconds: z.number(),
});

/** Clean risk + mean alignment gap against the worst-case risk, for one risk. */
const boundTerms = z.object({
  cleanRisk: z.number().nonnegative(),
  meanGap: z.number().nonnegative(),
  sum: z.number().nonnegative(),
  worstCaseRisk: z.number().nonnegative(),
  holds: z.boolean(),
});

/** One trained method's scores on one test set and family. Definitions: docs/procedure.md. */
export const methodResultSchema = z.object({
  /** `base`, `va`, `rva`, `vwa`, `rwa` or a name of the user's. */
  method: z.string(),
  /** The alignment regularizer and its weight λ; null without one. */
  regularizer: z.string().nullable(),
  lambda: z.number().nullable(),
  cleanAccuracy: interval,
  robustAccuracy: interval,
  invarianceScore: interval,
  /** Identity first. */
  members: z
    .array(
      z.object({
        name: z.string(),
        accuracy: fraction,
        /** The member's one number, in the family's unit (0 for the identity), when it has exactly one. */
        parameter: z.number().optional(),
      }),
    )
    .min(1)
    .readonly(),
  /** In logit units. */
  alignmentGap: z.object({
    mean: z.object({ value: z.number(), low: z.number(), high: z.number() }),
    max: z.number(),
    quantiles: z.array(z.object({ probability: fraction, value: z.number() })).readonly(),
  }),
  efficiency: fraction,
  /** Older records have none. */
  bound: z.object({ error: boundTerms, softmaxError: boundTerms, crossEntropy: boundTerms }).optional(),
  /** Number of test samples. */
  samples: z.int().positive(),
  classes: z.int().positive(),
  trainSeconds: seconds,
  testSeconds: seconds,
  manifest: manifestSchema.optional(),
});

/** The contents of `results.json`: at least one result. */
export const resultsSchema = z.array(methodResultSchema).min(1);

export type Manifest = z.infer<typeof manifestSchema>;
export type MethodResult = z.infer<typeof methodResultSchema>;
export type ScoreInterval = z.infer<typeof interval>;

/** An image as numbers in [0, 1]: [C, H, W] row-major, with one (grey) or three (red, green, blue) channels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: ArrayLike<number>;
}

/** A test image beside the view of it that does the most harm, with what each method says of both. */
export interface WorstView {
  /** The true class. */
  readonly label: number;
  readonly clean: Picture;
  readonly worst: Picture;
  /** The member that made the worst view, e.g. `rotation 60°`. */
  readonly worstMember: string;
  /** Predicted classes; `method` as `methodLabel` gives it. */
  readonly predictions: readonly {
    readonly method: string;
    readonly clean: number;
    readonly worst: number;
  }[];
}

/** All that a report shows. */
export interface ReportRecord {
  readonly title: string;
  /** Name of the test set, e.g. `MNIST`. */
  readonly dataset: string;
  readonly family: { readonly name: string; readonly unit: string };
  readonly results: readonly MethodResult[];
  readonly worstViews: readonly WorstView[];
  /** Name of each class; the class numbers stand for themselves without it. */
  readonly classNames?: readonly string[];
  /** That of the whole run. */
  readonly manifest: Omit<Manifest, "model" | "seconds">;
}
