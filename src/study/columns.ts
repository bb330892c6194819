import { type MethodName, type RegularizerName, isAligned, methods, regularizers } from "../align/index.ts";
import type { Method } from "../align/index.ts";
import { type OwnPart, type PartEntry, entryText, ownPartOf } from "./own-part.ts";
import type { Column } from "./result.ts";

/** What of a study decides its columns. */
export interface Parts {
  readonly methods: readonly PartEntry[];
  readonly regularizers: readonly PartEntry[];
  /** What is known of modules. */
  readonly own?: readonly OwnPart[];
}

/** What a method sees and minimises. */
export type MethodFacts = Pick<Method, "views" | "isRegularized">;

/** One that is trained: its method and its regularizer, as the file has them. */
export interface PlannedColumn extends Column {
  readonly methodEntry: PartEntry;
  readonly regularizerEntry: PartEntry | null;
  readonly facts: MethodFacts;
}

/** What is known of a method of the study. */
export function methodFacts(entry: PartEntry, own: readonly OwnPart[] = []): MethodFacts {
  if (typeof entry === "string" && Object.hasOwn(methods, entry)) return methods[entry as MethodName];
  const { views = "random", isRegularized = false } = ownPartOf(own, "method", entry) ?? {};
  return { views, isRegularized };
}

/** Whether a method's loss has a term that λ weighs. */
export const isAlignedMethod = (entry: PartEntry, own?: readonly OwnPart[]): boolean =>
  isAligned(methodFacts(entry, own));

/** What a part is called: ours by its name, a module's by its definition's. */
export const partId = (
  kind: "method" | "regularizer",
  entry: PartEntry,
  own: readonly OwnPart[] = [],
): string => ownPartOf(own, kind, entry)?.id ?? entryText(entry);

/**
 * The study's columns in the paper's order: base, va, rva by regularizer, vwa, rwa by regularizer; methods of modules behind
 * them, in the file's order.
 */
export function columnsOf({ methods: chosen, regularizers: compared, own }: Parts): PlannedColumn[] {
  const ours = (Object.keys(methods) as MethodName[]).filter((name) => chosen.includes(name));
  const others = chosen.filter((entry) => !ours.includes(entry as MethodName));
  return [...ours, ...others].flatMap((method) =>
    methodFacts(method, own).isRegularized
      ? compared.map((regularizer) => columnOf(method, regularizer, own))
      : [columnOf(method, null, own)],
  );
}

function columnOf(
  method: PartEntry,
  regularizer: PartEntry | null,
  own: readonly OwnPart[] | undefined,
): PlannedColumn {
  const name = partId("method", method, own);
  const planned = {
    method: name,
    methodEntry: method,
    regularizerEntry: regularizer,
    facts: methodFacts(method, own),
  };
  const isOurs = Object.hasOwn(methods, name);
  // The paper's abbreviations; "Base" is a word. A module's method is called as its author does.
  const heading = name === "base" ? methods.base.title : isOurs ? name.toUpperCase() : name;
  if (regularizer === null) return { ...planned, id: name, regularizer, label: heading };
  const other = partId("regularizer", regularizer, own);
  const letter = Object.hasOwn(regularizers, other)
    ? regularizers[other as RegularizerName]().letter
    : letterOf(ownPartOf(own ?? [], "regularizer", regularizer));
  return { ...planned, id: `${name}-${other}`, regularizer: other, label: `${heading} ${letter ?? other}` };
}

/** One letter for several of its options would say nothing. */
const letterOf = (part: OwnPart | undefined): string | null | undefined =>
  part?.id.includes(":") ? null : part?.letter;

/** What results and tables have of a column. */
export const columnAlone = ({ id, method, regularizer, label }: PlannedColumn): Column => ({
  id,
  method,
  regularizer,
  label,
});
