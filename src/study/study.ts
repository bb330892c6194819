import { type RegularizerName, methods, paperMethods, regularizers } from "../align/index.ts";
import type { ChannelOrder, models } from "../models/index.ts";
import type { ChoiceRule } from "./choose.ts";
import { columnsOf, methodFacts, partId } from "./columns.ts";
import {
  type OwnPart,
  type PartEntry,
  type PartKind,
  isOwn,
  ownPartOf,
  unreadPart,
  withIds,
} from "./own-part.ts";
import { type StudyFile, isModelFile, unknownName } from "./schema.ts";

/** Settings that a study has in another form than its file. */
type Resolved = "model" | "methods" | "regularizers" | "lambda" | "baseline" | "augmentation";

/** A study with every default filled in: what a study file means. */
export interface Study extends Omit<StudyFile, Resolved> {
  /** A name where the width is the model's own; a file with what is said of it. */
  readonly model: ModelName | { readonly name: ModelName; readonly width: number } | ModelFile;
  readonly methods: readonly PartEntry[];
  /** Empty when no method is regularized. */
  readonly regularizers: readonly PartEntry[];
  /** What is known of the modules among methods, regularizers, loss, optimizer and gradients; none where there are none. */
  readonly own?: readonly OwnPart[];
  /** Null when no method is regularized. */
  readonly lambda: Lambda | null;
  /** Id of a column. */
  readonly baseline: string;
  readonly augmentation: "eager" | "lazy";
}

type ModelName = keyof typeof models;

/** A model that is read from a file, and how. */
export interface ModelFile {
  /** From the folder of the study file. */
  readonly file: string;
  readonly output?: string;
  readonly inputRange?: 1 | 255;
  readonly channelOrder?: ChannelOrder;
}

/** Which weights of the alignment term are tried, and how one is chosen. */
export interface Lambda extends ChoiceRule {
  /** By regularizer. One value needs no choice. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  /** How many of the study's seeds, the first ones, search. */
  readonly seeds: number;
  /** Steps over which λ rises to its value. */
  readonly warmUp: number;
}

/** What is wrong with a setting, named by its path in the file. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Fills in the defaults that depend on other settings; the settings that contradict each other are problems. */
export function resolveStudy(
  file: StudyFile,
  read: readonly OwnPart[] = [],
): { study: Study; problems: readonly Problem[] } {
  const chosenMethods = file.methods ?? paperMethods;
  const own = withIds(
    ownEntries(file).map(({ kind, entry }) => ownPartOf(read, kind, entry) ?? unreadPart(kind, entry)),
  );
  const isRegularized = chosenMethods.some((entry) => methodFacts(entry, own).isRegularized);
  const chosenRegularizers = isRegularized ? (file.regularizers ?? paperRegularizers()) : [];
  const parts = {
    ...{ ...file, methods: chosenMethods, regularizers: chosenRegularizers },
    ...(own.length > 0 && { own }),
  };
  const columnIds = columnsOf(parts).map(({ id }) => id);
  const study: Study = {
    ...parts,
    model: resolveModel(file.model),
    augmentation: file.augmentation ?? (isChanging(file) ? "lazy" : "eager"),
    lambda: isRegularized
      ? resolveLambda(
          file,
          chosenRegularizers.map((entry) => partId("regularizer", entry, own)),
        )
      : null,
    baseline: file.baseline ?? (columnIds.includes("vwa") ? "vwa" : columnIds[0]),
  };
  const unused = isRegularized ? [] : (["regularizers", "lambda"] as const).filter((key) => file[key]);
  const problems = unused.map((key) => ({
    path: [key],
    message: `no method of the study is regularized, so ${key} would be ignored. Leave it out, or add rva or rwa.`,
  }));
  return {
    study,
    problems: [
      ...problems,
      ...imageProblems(file),
      ...scheduleProblems(file),
      ...lambdaProblems(file, study),
      ...baselineProblems(study, columnIds),
      ...mixtureProblems(study),
      ...unlabelledProblems(file),
      ...partProblems(file, own),
    ],
  };
}

/** True when this regularizer has several λ to choose from. */
export const needsChoice = ({ lambda }: Study, regularizer: string | null): boolean =>
  regularizer !== null && lambda !== null && lambda.values[regularizer].length > 1;

/** What is not given is left out, so that all ways to write the model name the same runs. */
function resolveModel(model: StudyFile["model"]): Study["model"] {
  if (typeof model === "string") return isModelFile(model) ? { file: model } : (model as ModelName);
  const { name, width, file, output, inputRange, channelOrder } = model;
  if (file !== undefined) {
    return {
      file,
      ...(output !== undefined && { output }),
      ...(inputRange !== undefined && { inputRange }),
      ...(channelOrder !== undefined && { channelOrder }),
    };
  }
  return width === undefined ? name! : { name: name!, width };
}

/** Whether an image is another one each time it is trained on. */
const isChanging = ({ crop = 0, flip = false }: StudyFile): boolean => crop > 0 || flip;

/** The paper's own: those that have a letter in its tables. */
const paperRegularizers = (): RegularizerName[] =>
  (Object.keys(regularizers) as RegularizerName[]).filter((name) => regularizers[name]().letter !== null);

function resolveLambda({ lambda = {} }: StudyFile, names: readonly string[]): Lambda {
  const { values = [0.1] } = lambda;
  const byName: Readonly<Record<string, number[]>> = Array.isArray(values) ? { default: values } : values;
  return {
    // A regularizer without values is reported as a problem.
    values: Object.fromEntries(names.map((name) => [name, byName[name] ?? byName.default ?? []])),
    criterion: lambda.choose ?? "invarianceAtAccuracy",
    tolerance: lambda.tolerance ?? 0.01,
    seeds: lambda.seeds ?? 1,
    warmUp: lambda.warmUp ?? 0,
  };
}

function imageProblems(file: StudyFile): Problem[] {
  const problems: Problem[] = [];
  const { mean, std, augmentation } = file;
  if (mean && std && mean.length !== std.length) {
    const message = `has ${std.length} numbers, mean ${mean.length}. Give one for each channel of the images.`;
    problems.push({ path: ["std"], message });
  }
  if (augmentation === "eager" && isChanging(file)) {
    const message =
      "eager keeps views of images that never change; crop and flip change them in each step. " +
      "Leave it out, or crop and flip.";
    problems.push({ path: ["augmentation"], message });
  }
  return problems;
}

function scheduleProblems({ schedule }: StudyFile): Problem[] {
  if (schedule === undefined || schedule.kind === "step") return [];
  return (["every", "factor"] as const)
    .filter((key) => schedule[key] !== undefined)
    .map((key) => ({
      path: ["schedule", key],
      message: `is for the schedule step; this one is ${schedule.kind}. Leave it out.`,
    }));
}

function lambdaProblems({ lambda: given, data, seeds }: StudyFile, study: Study): Problem[] {
  const { lambda } = study;
  if (lambda === null) return [];
  const problems: Problem[] = [];
  const add = (key: string, message: string) => problems.push({ path: ["lambda", key], message });
  const names = study.regularizers.map((entry) => partId("regularizer", entry, study.own));
  const missing = names.filter((name) => lambda.values[name].length === 0);
  if (missing.length > 0) {
    add("values", `there are no values for ${missing.join(", ")}. Give a list to each, or to "default".`);
  }
  if (given?.values && !Array.isArray(given.values)) {
    for (const key of Object.keys(given.values)) {
      if (key === "default" || names.includes(key)) continue;
      const message = unknownName("regularizer of this study", key, ["default", ...names]);
      problems.push({ path: ["lambda", "values", key], message });
    }
  }
  if (lambda.seeds > seeds.length) {
    add("seeds", `${lambda.seeds} seeds are to search; the study has ${seeds.length}.`);
  }
  const isChosen = names.some((name) => needsChoice(study, name));
  if (isChosen && data.validation === undefined) {
    const message =
      "several values of lambda.values need validation images to choose on. Give data.validation.";
    problems.push({ path: ["data"], message });
  }
  if (given?.tolerance !== undefined && lambda.criterion !== "invarianceAtAccuracy") {
    add("tolerance", `the criterion ${lambda.criterion} has no tolerance. Leave it out.`);
  }
  return problems;
}

function unlabelledProblems({ data, unlabelledRatio = 0 }: StudyFile): Problem[] {
  if (data.unlabelled === undefined || unlabelledRatio > 0) return [];
  return [
    {
      path: ["data", "unlabelled"],
      message: "nothing is done with images without labels. Give unlabelledRatio, or leave it out.",
    },
  ];
}

function mixtureProblems({ augmix, methods: chosen, own }: Study): Problem[] {
  if (augmix === undefined || chosen.some((entry) => methodFacts(entry, own).views === "mixes")) return [];
  return [{ path: ["augmix"], message: "is of method augmix, which the study does not have. Leave it out." }];
}

function baselineProblems({ baseline }: Study, columnIds: readonly string[]): Problem[] {
  if (columnIds.includes(baseline)) return [];
  return [{ path: ["baseline"], message: unknownName("column", baseline, columnIds) }];
}

/** The modules among a study's parts, with where they stand in the file. */
export function ownEntries({
  methods: ofMethods = [],
  regularizers: ofRegularizers = [],
  loss,
  optimizer,
  gradients = [],
}: StudyFile): {
  readonly kind: PartKind;
  readonly entry: PartEntry;
  readonly path: readonly PropertyKey[];
}[] {
  const listed = (kind: PartKind, list: readonly PartEntry[], key: string) =>
    list.map((entry, i) => ({ kind, entry, path: [key, i] as PropertyKey[] }));
  const lossEntry = typeof loss === "object" && "name" in loss ? (loss.name as PartEntry) : loss;
  return [
    ...listed("method", ofMethods, "methods"),
    ...listed("regularizer", ofRegularizers, "regularizers"),
    ...(lossEntry === undefined ? [] : [{ kind: "loss" as const, entry: lossEntry, path: ["loss"] }]),
    { kind: "optimizer" as const, entry: optimizer.name, path: ["optimizer", "name"] },
    ...listed("gradient", gradients, "gradients"),
  ].filter(({ entry }) => isOwn(entry));
}

/** Modules whose names are taken, and options of ours beside an optimizer of a module. */
function partProblems(file: StudyFile, own: readonly OwnPart[]): Problem[] {
  const ours = { method: methods, regularizer: regularizers } as const;
  const problems: Problem[] = ownEntries(file).flatMap(({ kind, entry, path }) => {
    if (kind !== "method" && kind !== "regularizer") return [];
    const id = partId(kind, entry, own);
    if (Object.hasOwn(ours[kind], id))
      return [
        { path, message: `what the module defines is called "${id}", as one of ours. Give it another name.` },
      ];
    const isTwice = own.filter((part) => part.kind === kind && part.id === id).length > 1;
    return isTwice ? [{ path, message: `two are called "${id}". Give them names of their own.` }] : [];
  });
  const { name, ...options } = file.optimizer;
  if (isOwn(name)) {
    for (const [key, value] of Object.entries(options)) {
      if (value === undefined || key === "learningRate") continue;
      const message = `is of the optimizers that are named; this one is a module's. Give it options behind a colon, as ./mine.mjs:${key}=….`;
      problems.push({ path: ["optimizer", key], message });
    }
  }
  return problems;
}
