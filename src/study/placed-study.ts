import { z } from "zod";
import { methods, regularizers } from "../align/index.ts";
import { jsonFile } from "../artifacts/index.ts";
import { criteria, type CriterionName } from "./choose.ts";
import { partId } from "./columns.ts";
import { type OwnPart, type PartEntry, type PartKind, isOwn, ownPartOf } from "./own-part.ts";
import { studySchema } from "./schema.ts";
import type { Study } from "./study.ts";

/** A study with where its file lies, which its paths are relative to. */
export interface PlacedStudy {
  readonly study: Study;
  /** Absolute. */
  readonly directory: string;
}

const entry = z.union([z.string(), z.record(z.string(), z.looseObject({}))]);
const part = z.looseObject({ kind: z.string(), entry, id: z.string() });
const lambdas = z.array(z.number().min(0)).min(1);

/** A study with its defaults filled in, which a file's schema takes as they are, but for these. */
const resolved = studySchema
  .extend({
    methods: z.array(entry).min(1),
    regularizers: z.array(entry),
    own: z.array(part).optional(),
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
  .superRefine(({ methods: used, regularizers: compared, own, lambda }, context) => {
    const parts = (own ?? []) as unknown as readonly OwnPart[];
    const strange = [
      ...used.filter((one) => !isKnown("method", Object.keys(methods), one, parts)),
      ...compared.filter((one) => !isKnown("regularizer", Object.keys(regularizers), one, parts)),
    ];
    for (const one of strange)
      context.addIssue({
        code: "custom",
        path: ["methods"],
        message: `nothing is known of ${JSON.stringify(one)}`,
      });
    const names = compared.map((one) => partId("regularizer", one, parts));
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

function isKnown(kind: PartKind, names: readonly string[], one: PartEntry, own: readonly OwnPart[]): boolean {
  return isOwn(one) ? ownPartOf(own, kind, one) !== undefined : names.includes(one as string);
}
