/** What a test wrote, `scores.json`: the part of it that is of classes and images. */
import { z } from "zod";
import { type Picture, fraction, interval, manifestSchema } from "./record.ts";

const count = z.int().nonnegative();

const classAnswers = z.object({
  answers: count,
  precision: interval.nullable(),
  recall: interval.nullable(),
  f1: fraction.nullable(),
});
const classAverages = z.object({
  precision: fraction.nullable(),
  recall: fraction.nullable(),
  f1: fraction.nullable(),
});
const matrix = z.array(z.array(count).readonly()).readonly();
const mistakes = z.array(z.object({ label: z.string(), answer: z.string(), images: count })).readonly();

const classReport = z.object({
  classes: z
    .array(
      z.object({
        index: count,
        name: z.string(),
        images: count,
        clean: classAnswers,
        worstCase: classAnswers,
      }),
    )
    .readonly(),
  averages: z.object({ clean: classAverages, worstCase: classAverages }),
  confusion: z.object({ clean: matrix, worstCase: matrix }).nullable(),
  mistakes: z.object({ clean: mistakes, worstCase: mistakes }),
});

const hardImage = z.object({
  index: count,
  file: z.string().optional(),
  label: z.string(),
  answer: z.string(),
  isRight: z.boolean(),
  confidence: fraction,
  labelProbability: fraction,
  margin: z.number(),
  member: z.string(),
});

/** What `evaluate` gives and `--json` writes. Definitions: docs/procedure.md. Whoever changes the form gives the next version. */
export const testRecordSchema = z.object({
  schema: z.literal("alignreg-test"),
  version: z.literal(1),
  samples: z.int().positive(),
  classes: z.int().positive(),
  cleanAccuracy: interval,
  robustAccuracy: interval,
  invarianceScore: interval,
  members: z
    .array(z.object({ name: z.string(), accuracy: fraction, low: fraction, high: fraction }))
    .min(1)
    .readonly(),
  perClass: classReport,
  hardest: z.object({ clean: z.array(hardImage).readonly(), broken: z.array(hardImage).readonly() }),
  notes: z.array(z.string()).readonly(),
  manifest: manifestSchema,
});

export type ClassReportRecord = z.infer<typeof classReport>;
export type ClassAnswersRecord = z.infer<typeof classAnswers>;
export type HardImageRecord = z.infer<typeof hardImage>;

/** A test as a page shows it. */
export interface TestReport extends Omit<z.infer<typeof testRecordSchema>, "manifest"> {
  readonly title: string;
  /** Name of the test set. */
  readonly dataset: string;
  readonly family: { readonly name: string };
  /** Of the images in `hardest`, in their order; empty where none are shown. */
  readonly pictures: {
    readonly clean: readonly Picture[];
    /** As it is, and under the member that breaks it. */
    readonly broken: readonly { readonly clean: Picture; readonly view: Picture }[];
  };
  readonly manifest: Omit<z.infer<typeof manifestSchema>, "seconds">;
}
