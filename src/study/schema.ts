import { z } from "zod";
import { methods, regularizers } from "../align/index.ts";
import { models } from "../models/index.ts";
import { optimizers } from "../train/index.ts";
import { criteria } from "./choose.ts";
import { type FamilyEntry, familyNameOf, familyProblem } from "./family.ts";
import { nearestName } from "./nearest-name.ts";

/** One of a table's names. */
const nameIn = <Name extends string>(what: string, table: Readonly<Record<Name, unknown>>) =>
  z.string().superRefine((name, context) => {
    const choices = Object.keys(table);
    if (choices.includes(name)) return;
    context.addIssue({ code: "custom", message: unknownName(what, name, choices) });
  }) as unknown as z.ZodType<Name>;

/** The sentence for a name that is none of the choices. */
export function unknownName(what: string, name: string, choices: readonly string[]): string {
  const near = nearestName(name, choices);
  return (
    `unknown ${what} "${name}".` +
    (near ? ` Did you mean "${near}"?` : ` Choose one of: ${choices.join(", ")}.`)
  );
}

const familyEntry = z.unknown().superRefine((entry, context) => {
  const message = familyProblem(entry);
  if (message !== null) context.addIssue({ code: "custom", message });
}) as z.ZodType<FamilyEntry>;

/** A list of at least one item, none of them twice. */
const listOf = <Item>(item: z.ZodType<Item>, nameOf: (item: Item) => string = String) =>
  z
    .array(item)
    .min(1)
    .superRefine((items, context) => {
      const names = items.map(nameOf);
      names.forEach((name, i) => {
        // An item that is wrong anyway has no name.
        if (name === "" || names.indexOf(name) === i) return;
        context.addIssue({ code: "custom", path: [i], message: `${name} is there twice. Take one away.` });
      });
    });

const count = z.number().int().min(1);
const fromZero = z.number().min(0);
const seed = z.number().int().min(0);
const lambdas = listOf(fromZero);

/** What a study file may say. Defaults that depend on other settings are filled in by `resolveStudy`. */
export const studySchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, "a name has letters, digits, dots, dashes and underscores only."),
  data: z.strictObject({
    /** A data set that comes with the package, or a folder, relative to the study file. */
    name: z.string().min(1),
    /** Images to train on (default: all that validation leaves), drawn from the training set. */
    train: count.optional(),
    /** Other images of the training set, on which λ is chosen. */
    validation: count.optional(),
    /** The first so many images of the test set (default: all). */
    test: count.optional(),
    /** For folders of images: height and width in pixels, and 1 for grey or 3 for colour. */
    imageSize: z.tuple([count, count]).optional(),
    channels: z.literal([1, 3]).optional(),
  }),
  dataSeed: seed.default(0),
  model: nameIn("model", models).default("lenet"),
  epochs: count.default(1),
  batchSize: count.default(128),
  optimizer: z
    .strictObject({
      name: nameIn("optimizer", optimizers).default("adam"),
      learningRate: fromZero.default(1e-3),
      momentum: fromZero.optional(),
      nesterov: z.boolean().optional(),
      weightDecay: fromZero.optional(),
      beta1: fromZero.optional(),
      beta2: fromZero.optional(),
      epsilon: fromZero.optional(),
    })
    .prefault({}),
  families: listOf(familyEntry, (entry) => (familyProblem(entry) === null ? familyNameOf(entry) : "")),
  methods: listOf(nameIn("method", methods)).optional(),
  regularizers: listOf(nameIn("regularizer", regularizers)).optional(),
  /** Worst case for each sample, or one transform for the batch. */
  selection: z.enum(["sample", "batch"]).default("sample"),
  lambda: z
    .strictObject({
      /** One list for all regularizers, or lists by regularizer with `default` for the others. */
      values: z.union([lambdas, z.record(z.string(), lambdas)]).optional(),
      choose: nameIn("criterion", criteria).optional(),
      tolerance: fromZero.optional(),
      /** How many of the seeds, the first ones, search. */
      seeds: count.optional(),
      /** Steps over which λ rises to its value. */
      warmUp: z.number().int().min(0).optional(),
    })
    .optional(),
  seeds: listOf(seed).default([0]),
  /** Id of the column that others are compared with, as in "vwa" or "rwa-squaredL2". */
  baseline: z.string().optional(),
  /** Threads of one training run. Equal counts give equal bits. */
  threads: count.default(1),
  /** "eager" keeps all views of the training images in memory: 4 · images · members · pixels bytes. */
  augmentation: z.enum(["eager", "lazy"]).default("eager"),
});

/** A study file as written, simple defaults filled in. */
export type StudyFile = z.output<typeof studySchema>;

/** The settings of the mapping at a path: of the file itself at []. */
export function settingsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = studySchema;
  for (const key of path) {
    schema = (schema as typeof studySchema).shape[key as keyof StudyFile];
    while (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) schema = schema.unwrap();
  }
  return Object.keys((schema as typeof studySchema).shape);
}
