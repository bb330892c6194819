/** Which logit is which class of the data. */
import {
  areIndices,
  confusableNames,
  listOfNames,
  normalizedClassName,
  numericOrderDiffers,
} from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";

/**
 * Which logit is which class, said by hand: the model's names of its classes in the order of the logits; or by the data's
 * name of a class the index of its logit, or the model's name of it.
 */
export type ClassMap = readonly string[] | Readonly<Record<string, number | string>>;

export interface ClassQuestion {
  /** The data's classes, by label. */
  readonly data: readonly string[];
  readonly dataName: string;
  /** The model's, by logit; undefined where it names none. */
  readonly model: readonly string[] | undefined;
  readonly modelName: string;
  /** How many logits an image has (two where there is one for two classes); null where that is not known. */
  readonly logits: number | null;
  readonly classMap?: ClassMap;
  /** A mapping by order goes without saying: the model was made for these data. */
  readonly isFresh?: boolean;
}

export interface ClassMatch {
  /** The logit of each label. */
  readonly logitOf: readonly number[];
  /** Names by logit, as far as they are known after the match. */
  readonly classNames: readonly string[];
  /** How they were found. */
  readonly by: "name" | "order" | "map";
  readonly notes: readonly string[];
}

/** What to do about a mapping that is not to be trusted. */
const SAY_IT = "A class map says which logit is which class (classMap, --class-map).";

/**
 * Maps the data's classes to the model's logits: as a class map says, else by name, else by order, which is noted.
 *
 * @throws UsageError for names that do not match, or that match in all but case or white space; for a map that does not fit
 */
export function matchClasses(asked: ClassQuestion): ClassMatch {
  const question = { ...asked, modelName: asked.modelName.replace(/^The (?=model |function)/, "the ") };
  const { data, dataName, logits, classMap, modelName } = question;
  const twice = firstTwice(data);
  if (twice !== undefined) {
    throw new UsageError(
      `The data set ${dataName} has two classes "${twice}" that differ in Unicode form only. Rename one.`,
    );
  }
  const named = isList(classMap) ? classMap : question.model;
  if (isList(classMap) && logits !== null && classMap.length !== logits) {
    throw new UsageError(
      `The class map names ${classMap.length} classes; ${modelName} gives ${logits} logits an image. Give a name for each.`,
    );
  }
  if (classMap && !isList(classMap)) return byMap(classMap, question);
  // Data of numbered classes and no names at all are counted, not named, unless the model's are the same numbers. A model's
  // numbers are what it was trained on: its names.
  const isCounted = named !== undefined && named.join() !== data.join() && areIndices(data);
  if (named === undefined || (isCounted && !canBeNames(named, data))) {
    return byOrder(question, named);
  }
  return byName(named, question);
}

/** What messages call the model, where it begins a sentence. */
const atStart = (modelName: string): string => modelName.replace(/^the (?=model |function)/, "The ");

/** Numbers of which the model has some are names: "0", "1", "2" are not "1", "2", "3" by their places. */
const canBeNames = (model: readonly string[], data: readonly string[]): boolean =>
  data.some((name) => model.includes(name));

const isList = (map: ClassMap | undefined): map is readonly string[] => Array.isArray(map);

function firstTwice(names: readonly string[]): string | undefined {
  const canonical = names.map(normalizedClassName);
  return canonical.find((name, i) => canonical.indexOf(name) < i);
}

function byName(
  model: readonly string[],
  { data, dataName, modelName, classMap }: ClassQuestion,
): ClassMatch {
  const canonical = model.map(normalizedClassName);
  const logitOf = data.map((name) => canonical.indexOf(normalizedClassName(name)));
  const missing = data.filter((_, label) => logitOf[label] < 0);
  for (const name of missing) {
    const [pair] = confusableNames([name], model);
    if (pair) {
      const [, alike] = pair;
      throw new UsageError(
        `The data set ${dataName} has the class ${JSON.stringify(name)} and ${modelName} ${JSON.stringify(alike)}: they differ ` +
          `in case, white space or the form of letters only. Rename one, or say that they are the same by a class map ` +
          `(classMap, --class-map).`,
      );
    }
  }
  if (missing.length > 0) {
    throw new UsageError(
      `The classes of the data set ${dataName} are not those of ${modelName}: ${listOfNames(missing)} ` +
        `${missing.length === 1 ? "is" : "are"} not among the model's. Data: ${listOfNames(data)}. ` +
        `Model: ${listOfNames(model)}. Use data of the model's classes. ${SAY_IT}`,
    );
  }
  const ambiguous = data.findIndex(
    (name, label) => canonical.lastIndexOf(normalizedClassName(name)) !== logitOf[label],
  );
  if (ambiguous >= 0) {
    const name = normalizedClassName(data[ambiguous]);
    const at = canonical.flatMap((other, i) => (other === name ? [i] : []));
    throw new UsageError(
      `${atStart(modelName)} has more than one class ${JSON.stringify(data[ambiguous])}, its logits ${at.join(" and ")}. ${SAY_IT}`,
    );
  }
  const notes: string[] = [];
  const isInOrder = logitOf.every((logit, label) => logit === label);
  if (!isInOrder) {
    notes.push(
      `The classes of the data set ${dataName} are in another order than ${modelName}'s logits; labels are matched by name.`,
    );
  }
  if (data.length < model.length) {
    const others = model.filter((_, logit) => !logitOf.includes(logit));
    notes.push(
      `The data set ${dataName} has ${data.length} of the ${model.length} classes of ${modelName}; an answer among the others ` +
        `(${listOfNames(others)}) counts as wrong.`,
    );
  }
  return { logitOf, classNames: model, by: classMap ? "map" : "name", notes };
}

function byOrder(
  { data, dataName, modelName, logits, isFresh = false }: ClassQuestion,
  model: readonly string[] | undefined,
): ClassMatch {
  const logitOf = data.map((_, label) => label);
  const notes: string[] = [];
  const assumed =
    data.length <= 3
      ? data.map((name, i) => `logit ${i} is ${JSON.stringify(name)}`).join(", ")
      : `logit 0 is ${JSON.stringify(data[0])}, logit 1 is ${JSON.stringify(data[1])}, …, logit ${data.length - 1} is ` +
        JSON.stringify(data.at(-1));
  if (logits !== null && logits > data.length) {
    notes.push(
      `${atStart(modelName)} gives ${logits} logits an image and the data set ${dataName} has ${data.length} class${data.length === 1 ? "" : "es"}. Which logit${data.length === 1 ? " is its own" : "s are theirs"} ` +
        `nobody has said: the first ${data.length === 1 ? "is" : `${data.length} are`} taken (${assumed}), and an answer among the others ` +
        `counts as wrong. ${SAY_IT}`,
    );
  } else if (model) {
    notes.push(
      `The data set ${dataName} numbers its classes and names none; by order, ` +
        `${model
          .slice(0, 3)
          .map((name, i) => `label ${i} is the model's ${JSON.stringify(name)}`)
          .join(", ")}${model.length > 3 ? ", …" : ""}. ${SAY_IT}`,
    );
  } else if (!isFresh) {
    notes.push(
      `${atStart(modelName)} does not name its classes. They are taken in the data's order: ${assumed}. ${SAY_IT}`,
    );
  }
  if (!isFresh && numericOrderDiffers(data)) {
    notes.push(
      `The data's classes are in the order of text (${listOfNames(data)}), which is not that of their numbers. If the ` +
        `model counts them, the mapping is wrong. ${SAY_IT}`,
    );
  }
  return { logitOf, classNames: model ?? data, by: "order", notes };
}

function byMap(
  map: Readonly<Record<string, number | string>>,
  { data, dataName, model, modelName, logits }: ClassQuestion,
): ClassMatch {
  const entries = new Map(
    Object.entries(map).map(([name, target]) => [normalizedClassName(name), target] as const),
  );
  const twice = firstTwice(Object.keys(map));
  if (twice !== undefined) {
    throw new UsageError(
      `The class map has two entries "${twice}" that differ in Unicode form only. Leave one out.`,
    );
  }
  const missing = data.filter((name) => !entries.has(normalizedClassName(name)));
  if (missing.length > 0) {
    throw new UsageError(
      `The class map has no entry for ${listOfNames(missing)} of the data set ${dataName}. Its entries: ` +
        `${listOfNames([...entries.keys()])}. Give one for each class.`,
    );
  }
  const logitOf = data.map((name) => {
    const target = entries.get(normalizedClassName(name))!;
    if (typeof target === "string") return logitNamed(target, name, model, modelName);
    if (logits !== null && target >= logits) {
      throw new UsageError(
        `The class map gives logit ${target} for ${JSON.stringify(name)}; ${modelName} has the logits 0 to ${logits - 1}.`,
      );
    }
    return target;
  });
  const notes: string[] = [];
  const extra = [...entries.keys()].filter(
    (name) => !data.some((other) => normalizedClassName(other) === name),
  );
  if (extra.length > 0)
    notes.push(`The class map has entries for classes that are not in the data: ${listOfNames(extra)}.`);
  const shared = data.filter((_, label) => logitOf.indexOf(logitOf[label]) < label);
  if (shared.length > 0)
    notes.push(`The class map joins ${listOfNames(shared)} with another class of the data.`);
  const classNames = model ?? namesByLogit(data, logitOf);
  return { logitOf, classNames, by: "map", notes };
}

function logitNamed(
  target: string,
  name: string,
  model: readonly string[] | undefined,
  modelName: string,
): number {
  if (model === undefined) {
    throw new UsageError(
      `The class map gives ${JSON.stringify(target)} for ${JSON.stringify(name)}, and ${modelName} does not name its classes. ` +
        `Give the index of the logit.`,
    );
  }
  const logits = model.flatMap((other, i) =>
    normalizedClassName(other) === normalizedClassName(target) ? [i] : [],
  );
  if (logits.length === 1) return logits[0];
  if (logits.length > 1) {
    throw new UsageError(
      `The class map gives ${JSON.stringify(target)} for ${JSON.stringify(name)}; ${modelName} has more than one class of that ` +
        `name, its logits ${logits.join(" and ")}. Give the index of the logit.`,
    );
  }
  throw new UsageError(
    `The class map gives ${JSON.stringify(target)} for ${JSON.stringify(name)}; ${modelName} has no such class. It has: ` +
      `${listOfNames(model)}.`,
  );
}

/** Names of logits 0, 1, … as far as each has one; the data's where none is left out. */
function namesByLogit(data: readonly string[], logitOf: readonly number[]): readonly string[] {
  const names: string[] = [];
  for (let logit = 0; logitOf.includes(logit); logit++) names.push(data[logitOf.indexOf(logit)]);
  return names;
}
