import { z } from "zod";
import { lossOf, losses, methods, regularizers } from "../align/index.ts";
import { fitTable, loadClassifierTable, usualLength } from "../api/index.ts";
import { loadTable } from "../data/index.ts";
import { rangeSearchTable } from "../evaluate/index.ts";
import { modelByName, models } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";
import { optimizers } from "../train/index.ts";
import { criteria } from "./choose.ts";
import { type FamilyEntry, familyNameOf, familyProblem } from "./family.ts";
import { type PartEntry, type PartKind, entryText, isOwn, partProblem } from "./own-part.ts";
import { type Option, nearestName } from "../options/index.ts";

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

/** A name of ours, or a module. */
const partEntry = (kind: PartKind, names: readonly string[]) =>
  z.unknown().superRefine((entry, context) => {
    const message = partProblem(kind, names, entry);
    if (message !== null) context.addIssue({ code: "custom", message });
  }) as z.ZodType<PartEntry>;

/** A list of names of ours, and modules. */
const partList = (kind: PartKind, names: readonly string[]) =>
  listOf(partEntry(kind, names), (entry) =>
    partProblem(kind, names, entry) === null ? entryText(entry) : "",
  );

/** A loss: by name, with its options in a mapping, or a module. */
export type LossEntry = PartEntry | { readonly name: string; readonly gamma?: number };

const lossEntry = z.unknown().superRefine((entry, context) => {
  const message = lossProblem(entry);
  if (message !== null) context.addIssue({ code: "custom", message });
}) as z.ZodType<LossEntry>;

function lossProblem(entry: unknown): string | null {
  if (typeof entry !== "object" || entry === null || isOwn(entry as PartEntry) || !("name" in entry)) {
    return partProblem("loss", Object.keys(losses), entry);
  }
  const { name, ...options } = entry;
  const message = partProblem("loss", Object.keys(losses), name);
  if (message !== null || isOwn(name as PartEntry)) return message;
  try {
    lossOf(name as string, options);
    return null;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

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

/** What a run of a study has in common with `fit`: ranges and defaults are those of its options. */
const of = fitTable;
const optimizer = fitTable.optimizerOptions.members;
const schedule = fitTable.schedule.members;

/** An option of `fit` that is left out where the file does not have it. */
const ifGiven = <Value>({ schema }: Option<Value, unknown>) => z.optional(schema);

/** A word with a dot or a slash in it is the path of a file. */
export const isModelFile = (text: string): boolean => /[./\\]/.test(text);

const modelName = nameIn("model", models);

const modelFile = z.string().refine(isModelFile, "the path of a model's file is needed, as in ./net.keras.");

/** A classifier by name, with a width of its own where it has one; or a file, and how it is read. */
const model = z.union([
  z.string().superRefine((text, context) => {
    if (isModelFile(text)) return;
    const { error } = modelName.safeParse(text);
    if (error) context.addIssue({ code: "custom", message: error.issues[0].message });
  }),
  z
    .strictObject({
      name: modelName.optional(),
      width: z.number().int().min(1).optional(),
      /** An ONNX or Keras file, or a TensorFlow.js folder: its path from the study file's folder. */
      file: modelFile.optional(),
      output: ifGiven(loadClassifierTable.output),
      inputRange: z.literal([1, 255]).optional(),
      channelOrder: z.enum(loadClassifierTable.channelOrder.choices).optional(),
    })
    .superRefine(({ name, file, ...rest }, context) => {
      const add = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      if ((name === undefined) === (file === undefined)) {
        return context.addIssue({ code: "custom", message: "give either a name or a file." });
      }
      const { width, ...ofFiles } = rest;
      if (file !== undefined && width !== undefined)
        add("width", "a file's model is as wide as it is. Leave it out.");
      if (name === undefined) return;
      for (const [key, value] of Object.entries(ofFiles)) {
        if (value !== undefined) add(key, `is for a file; "${name}" is one of ours. Leave it out.`);
      }
      const message = width === undefined ? null : widthProblem(name);
      if (message !== null) add("width", message);
    }),
]);

/** Why the model cannot have a width; null when it can, which the narrowest form of it shows. */
function widthProblem(name: string): string | null {
  if (!Object.hasOwn(models, name)) return null;
  try {
    modelByName(name, { shape: [3, 32, 32], classes: 10, seed: 0, width: 1 });
    return null;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

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
    /** Images to train on (default: all that validation leaves), drawn from the training set, from every class. */
    train: count.optional(),
    /** Other images of the training set, whose labels training does not see: for unlabelledRatio. */
    unlabelled: count.optional(),
    /** Other images of the training set, on which λ is chosen. */
    validation: count.optional(),
    /** Images to test on, drawn from the test set (default: all). */
    test: count.optional(),
    /** For folders of images: height and width in pixels, and 1 for grey or 3 for colour. */
    imageSize: z.tuple([count, count]).optional(),
    channels: z.literal([1, 3]).optional(),
    /** How pictures of other sizes come to that size, and what becomes of cameras' orientations. */
    resize: ifGiven(loadTable.resize),
    cropShare: ifGiven(loadTable.cropShare),
    interpolation: ifGiven(loadTable.interpolation),
    exif: ifGiven(loadTable.exif),
    /** Whether transforms see what the crop cuts off. */
    transformBeforeCrop: ifGiven(loadTable.transformBeforeCrop),
  }),
  dataSeed: seed.default(0),
  model: model.default("lenet"),
  /** What each channel of the pixels in [0, 1] is normalised by (default: 0 and 1), the same for all images. */
  mean: z.array(z.number()).min(1).optional(),
  std: z.array(z.number().positive()).min(1).optional(),
  /** Random crops: pixels of black on each side of the training images (default: none). */
  crop: ifGiven(of.crop),
  /** Whether training images are mirrored left to right at random. */
  flip: ifGiven(of.flip),
  epochs: count.default(usualLength.epochs),
  batchSize: count.default(usualLength.batchSize),
  optimizer: z
    .strictObject({
      name: partEntry("optimizer", Object.keys(optimizers)).default(of.optimizer.default),
      learningRate: fromZero.default(of.learningRate.default),
      momentum: ifGiven(optimizer.momentum),
      nesterov: ifGiven(optimizer.nesterov),
      weightDecay: ifGiven(optimizer.weightDecay),
      beta1: ifGiven(optimizer.beta1),
      beta2: ifGiven(optimizer.beta2),
      epsilon: ifGiven(optimizer.epsilon),
      alpha: ifGiven(optimizer.alpha),
      centered: ifGiven(optimizer.centered),
      momentumDecay: ifGiven(optimizer.momentumDecay),
    })
    .prefault({}),
  /** How the learning rate moves (default: not). */
  schedule: z
    .strictObject({
      kind: z.enum(schedule.kind.choices).default(schedule.kind.default),
      every: ifGiven(schedule.every),
      factor: ifGiven(schedule.factor),
      warmUp: ifGiven(schedule.warmUp),
    })
    .optional(),
  families: listOf(familyEntry, (entry) => (familyProblem(entry) === null ? familyNameOf(entry) : "")),
  /** Families that every run is tested under besides its own, and that nothing is trained with (default: none). */
  testFamilies: listOf(familyEntry, (entry) =>
    familyProblem(entry) === null ? familyNameOf(entry) : "",
  ).optional(),
  /** How tests search families with a range, as the options of `evaluate` say (default: the usual grid). */
  search: z.enum(rangeSearchTable.search.choices).optional(),
  grid: ifGiven(rangeSearchTable.grid),
  searchDraws: ifGiven(rangeSearchTable.searchDraws),
  searchStarts: ifGiven(rangeSearchTable.searchStarts),
  searchSteps: ifGiven(rangeSearchTable.searchSteps),
  searchStepSize: ifGiven(rangeSearchTable.searchStepSize),
  points: z.array(z.array(z.number()).min(1)).min(1).optional(),
  sample: ifGiven(rangeSearchTable.sample),
  methods: partList("method", Object.keys(methods)).optional(),
  regularizers: partList("regularizer", Object.keys(regularizers)).optional(),
  /** In the place of the cross-entropy, for every method. */
  loss: lossEntry.optional(),
  /** Modules of gradient rules. */
  gradients: partList("gradient", []).optional(),
  /** Of method augmix: how its mixtures are made. */
  augmix: z
    .strictObject({
      severity: ifGiven(of.augmix.members.severity),
      width: ifGiven(of.augmix.members.width),
      depth: ifGiven(of.augmix.members.depth),
      operations: familyEntry.optional(),
    })
    .optional(),
  /** Images without a label for each one with a label in a step, for the alignment term alone (default: none). */
  unlabelledRatio: ifGiven(of.unlabelledRatio),
  /** The share of each batch that trains, by every method (default: all of it). */
  hardest: ifGiven(of.hardest),
  /** Worst case for each sample, or one transform for the batch. */
  selection: z.enum(of.selection.choices).default("sample"),
  lambda: z
    .strictObject({
      /** One list for all regularizers, or lists by regularizer with `default` for the others. */
      values: z.union([lambdas, z.record(z.string(), lambdas)]).optional(),
      choose: nameIn("criterion", criteria).optional(),
      tolerance: fromZero.optional(),
      /** How many of the seeds, the first ones, search. */
      seeds: count.optional(),
      /** Steps over which λ rises to its value. */
      warmUp: ifGiven(of.alignmentWarmUp),
    })
    .optional(),
  seeds: listOf(seed).default([0]),
  /** Id of the column that others are compared with, as in "vwa" or "rwa-squaredL2". */
  baseline: z.string().optional(),
  /** Threads of one training run. Equal counts give equal bits. */
  threads: count.default(1),
  /**
   * "eager" (default) keeps all views of the training images in memory: 4 · images · members · pixels bytes. "lazy" is
   * the default, and all there is, where crop or flip changes the images in each step.
   */
  augmentation: z.enum(["eager", "lazy"]).optional(),
});

/** A study file as written, simple defaults filled in. */
export type StudyFile = z.output<typeof studySchema>;

/** The settings of the mapping at a path: of the file itself at []. */
export function settingsAt(path: readonly PropertyKey[]): string[] {
  let settings = studySchema.shape as Readonly<Record<PropertyKey, unknown>>;
  for (const key of path) settings = mappingIn(settings[key])!.shape;
  return Object.keys(settings);
}

/** The mapping that a schema describes, by itself, with a default, or as one of several forms. */
function mappingIn(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) {
    return mappingIn(schema.unwrap());
  }
  if (schema instanceof z.ZodUnion) return schema.options.map(mappingIn).find((form) => form !== undefined);
  return undefined;
}
