/** Parts of a study out of modules of a user's own: methods, regularizers, a loss, an optimizer, gradient rules. */
import type { Method } from "../align/index.ts";
import {
  type DefinitionSpec,
  definitionSpecText,
  isDefinitionSpec,
  moduleOf,
  nearestName,
} from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";

/** A name of ours, or a module: `./huber.mjs`, `./huber.mjs#huber:delta=2`, `{ ./huber.mjs: { delta: 2 } }`. */
export type PartEntry = DefinitionSpec;

export type PartKind = "method" | "regularizer" | "loss" | "optimizer" | "gradient";

/** What a study must know of a module's definition before anything runs. */
export interface OwnPart {
  readonly kind: PartKind;
  /** As the file has it. */
  readonly entry: PartEntry;
  /** What it is called in columns and tables: its own name; with its options where the study has several of the name. */
  readonly id: string;
  /** Of a method. */
  readonly views?: Method["views"];
  readonly isRegularized?: boolean;
  /** Of a regularizer. */
  readonly letter?: string | null;
}

/** Whether an entry is a module. */
export const isOwn = (entry: PartEntry): boolean => isDefinitionSpec(entry);

/** An entry as text: equal ones are equal. */
export const entryText = (entry: PartEntry): string =>
  isDefinitionSpec(entry) ? definitionSpecText(entry) : entry;

/** What is wrong with an entry, as far as the file alone tells; null when nothing is. */
export function partProblem(kind: PartKind, names: readonly string[], entry: unknown): string | null {
  if (isDefinitionSpec(entry)) {
    try {
      moduleOf(entry);
      return null;
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }
  if (typeof entry !== "string") {
    return `must be a name, or a module as ./mine.mjs, ./mine.mjs:option=1 or { ./mine.mjs: { option: 1 } }, not ${JSON.stringify(entry)}.`;
  }
  if (names.includes(entry)) return null;
  const near = nearestName(entry, names);
  const choices =
    names.length > 0
      ? `Choose one of: ${names.join(", ")}; or name a module, as ./mine.mjs.`
      : "Name a module, as ./mine.mjs.";
  return `unknown ${kind} "${entry}". ${near ? `Did you mean "${near}"?` : choices}`;
}

/** Before the module is read: its path for a name, and a method counts as an aligned one. */
export const unreadPart = (kind: PartKind, entry: PartEntry): OwnPart => ({
  kind,
  entry,
  id: entryText(entry),
  ...(kind === "method" && { views: "random" as const, isRegularized: true }),
});

/** The part that an entry stands for. */
export const ownPartOf = (
  parts: readonly OwnPart[],
  kind: PartKind,
  entry: PartEntry,
): OwnPart | undefined => {
  const text = entryText(entry);
  return parts.find((part) => part.kind === kind && entryText(part.entry) === text);
};

/** With names that differ: several of one name have their options behind it. */
export function withIds(parts: readonly OwnPart[]): OwnPart[] {
  const isShared = ({ kind, id }: OwnPart) =>
    parts.filter((other) => other.kind === kind && other.id === id).length > 1;
  return parts.map((part) => {
    if (!isShared(part)) return part;
    const [, options] = /:(.*)$/s.exec(entryText(part.entry)) ?? [];
    return { ...part, id: options === undefined ? part.id : `${part.id}:${options}` };
  });
}
