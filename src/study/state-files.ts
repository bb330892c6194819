/** The files that a study reads back, and what each must hold to be believed. docs/study.md lists them. */
import { z } from "zod";
import { jsonFile, writtenFilesSchema } from "../artifacts/index.ts";
import type { RangeSearch, Scores } from "../evaluate/index.ts";
import { type CriterionName, criteria } from "./choose.ts";

const advice = "alignreg study run makes it again.";

const fraction = z.number().min(0).max(1);
const fractions = z.object({ value: fraction, low: fraction, high: fraction });
const atLeastZero = z.number().nonnegative();
const boundTerms = z.object({
  cleanRisk: atLeastZero,
  meanGap: atLeastZero,
  sum: atLeastZero,
  worstCaseRisk: atLeastZero,
  holds: z.boolean(),
});

/** How a family with a range was searched. */
const searchSchema: z.ZodType<RangeSearch> = z.object({
  kind: z.enum(["grid", "random", "gradient", "points"]),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        low: z.number(),
        high: z.number(),
        values: z.int().positive().optional(),
      }),
    )
    .readonly(),
  points: z.int().positive(),
  views: z.int().nonnegative(),
  gradient: z
    .object({
      starts: z.int().positive(),
      steps: z.int().positive(),
      stepSize: z.number().positive(),
      gradients: z.int().nonnegative(),
    })
    .optional(),
  sample: z.int().positive(),
  robustOnSample: fractions,
});

/** In the order in which they are written: what is collected has the same bytes. */
const scoresSchema: z.ZodType<Scores & { readonly search?: RangeSearch }> = z.object({
  samples: z.int().positive(),
  classes: z.int().positive(),
  cleanAccuracy: fractions,
  robustAccuracy: fractions,
  search: searchSchema.optional(),
  invarianceScore: fractions,
  members: z
    .array(z.object({ name: z.string(), accuracy: fraction, low: fraction, high: fraction }))
    .min(1)
    .readonly(),
  alignmentGap: z.object({
    mean: z.object({ value: z.number(), low: z.number(), high: z.number() }),
    max: z.number(),
    quantiles: z.array(z.object({ probability: fraction, value: z.number() })).readonly(),
  }),
  efficiency: fraction,
  bound: z.object({ error: boundTerms, softmaxError: boundTerms, crossEntropy: boundTerms }),
});

/** Scores alone of a test's result. */
export const scoresAlone = (result: Scores): Scores => scoresSchema.parse(result);

/** Of one part of the images under one family: `test-rotation.json`. */
export const scoresFile = jsonFile({ version: 1, schema: scoresSchema, advice });

/** `manifest.json` of a cell: that it is trained, how long that took, and what was written. */
export const cellManifestFile = jsonFile({
  version: 1,
  schema: z.looseObject({
    seconds: atLeastZero,
    model: z.object({ name: z.string(), sha256: z.string() }),
    /** Manifests of a time before versions have none. */
    files: writtenFilesSchema.optional(),
  }),
  advice,
});

/** `config.json` of a cell. */
export const configFile = jsonFile({ version: 1, schema: z.record(z.string(), z.unknown()), advice });

/** `error.json`: why a cell failed last. */
export const failureFile = jsonFile({
  version: 1,
  schema: z.object({
    message: z.string(),
    stack: z.string(),
    /** How often it has failed, over all runs of the study. */
    attempt: z.int().positive(),
  }),
  advice: "alignreg study run tries the cell again.",
});

const choiceSchema = z.object({
  family: z.string(),
  column: z.string(),
  criterion: z.enum(Object.keys(criteria) as [CriterionName, ...CriterionName[]]),
  tolerance: atLeastZero,
  lambda: z.number().nullable(),
  candidates: z
    .array(
      z.object({
        lambda: z.number(),
        scores: z
          .object({ cleanAccuracy: fraction, robustAccuracy: fraction, invarianceScore: fraction })
          .nullable(),
        error: z.string().nullable(),
      }),
    )
    .readonly(),
});

/** `choices.json`. Before versions it was the list alone. */
export const choicesFile = jsonFile({
  version: 1,
  schema: z.union([
    z.object({ choices: z.array(choiceSchema) }),
    z.array(choiceSchema).transform((choices) => ({ choices })),
  ]),
  advice,
});

const contentsSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** `contents.json`: hashes by what they are of, by settings. Before versions it was that record alone. */
export const contentsFile = jsonFile({
  version: 1,
  schema: z.union([
    z.strictObject({ settings: contentsSchema }),
    contentsSchema
      .refine((settings) => Object.keys(settings).length > 0, "there are no settings")
      .transform((settings) => ({ settings })),
  ]),
  advice,
});

/** `running.json`: what a process that runs the study is doing. */
export const workFile = jsonFile({
  version: 1,
  schema: z.object({
    /** Ids. */
    cells: z.array(z.string()).readonly(),
    secondsLeft: atLeastZero.nullable(),
  }),
  advice,
});
