import { z } from "zod";
import { jsonFile } from "../artifacts/index.ts";
import { criteria, type CriterionName } from "./choose.ts";
import { studySchema } from "./schema.ts";
import type { Study } from "./study.ts";

/** A study with where its file lies, which its paths are relative to. */
export interface PlacedStudy {
  readonly study: Study;
  /** Absolute. */
  readonly directory: string;
}

const { methods, regularizers } = studySchema.shape;
const lambdas = z.array(z.number().min(0)).min(1);

/** A study with its defaults filled in, which a file's schema takes as they are, but for these. */
const resolved = studySchema
  .extend({
    methods: methods.unwrap(),
    regularizers: z.union([regularizers.unwrap(), z.tuple([])]),
    lambda: z
      .strictObject({
        values: z.record(z.string(), lambdas),
        criterion: z.enum(Object.keys(criteria) as [CriterionName, ...CriterionName[]]),
        tolerance: z.number().min(0),
        seeds: z.int().min(1),
        warmUp: z.number().min(0),
      })
      .nullable(),
    baseline: z.string(),
    augmentation: z.enum(["eager", "lazy"]),
  })
  .superRefine(({ regularizers: names, lambda }, context) => {
    const missing = names.find((name) => lambda === null || !Object.hasOwn(lambda.values, name));
    if (missing === undefined) return;
    context.addIssue({ code: "custom", path: ["lambda"], message: `no λ for ${missing}` });
  }) as unknown as z.ZodType<Study>;

/** `study.json`: the study as it was last run. */
export const placedStudyFile = jsonFile<PlacedStudy>({
  version: 1,
  schema: z.object({ study: resolved, directory: z.string() }),
  advice: "Run alignreg study run with the study's file and this folder once more, which writes it anew.",
});
