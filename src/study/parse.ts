import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  isMap,
  isNode,
  isScalar,
  parseDocument,
} from "yaml";
import { AlignregError, UsageError } from "../tensor/index.ts";
import { terminalLine } from "../text/index.ts";
import { describeIssue } from "./issue-text.ts";
import type { OwnPart, PartEntry, PartKind } from "./own-part.ts";
import { type StudyFile, settingsAt, studySchema } from "./schema.ts";
import { type Problem, type Study, ownEntries, resolveStudy } from "./study.ts";
import { yamlValue } from "./yaml-value.ts";

/** Where a study file is wrong, lines and columns from 1. */
export interface StudyFileProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A study file that cannot be run as it is; the message shows every problem found, one a line. */
export class StudyFileError extends UsageError {
  constructor(
    readonly file: string,
    readonly problems: readonly StudyFileProblem[],
  ) {
    const lines = problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    const title = lines.length === 1 ? [] : [`${file} has ${lines.length} problems:`];
    super([...title, ...lines].map(terminalLine).join("\n"), { isLaidOut: true });
  }
}

/**
 * Reads a study file. What its modules define is not looked at: of their methods, columns are provisional.
 *
 * @param text  YAML
 * @param file  its name, for messages
 * @throws StudyFileError with all problems of the file
 */
export function parseStudy(text: string, file: string): Study {
  const { settings, fail } = readSettings(text, file);
  return resolved(settings, [], fail);
}

/**
 * Reads a study file with what its modules define.
 *
 * @param readPart  runs a module
 * @throws StudyFileError with all problems of the file, or those of its modules
 */
export async function parseWithParts(
  text: string,
  file: string,
  readPart: (kind: PartKind, entry: PartEntry) => Promise<OwnPart>,
): Promise<Study> {
  const { settings, fail } = readSettings(text, file);
  const parts: OwnPart[] = [];
  const problems: Problem[] = [];
  for (const { kind, entry, path } of ownEntries(settings)) {
    try {
      parts.push(await readPart(kind, entry));
    } catch (error) {
      if (!(error instanceof AlignregError)) throw error;
      problems.push({ path, message: error.message });
    }
  }
  if (problems.length > 0) throw fail(problems);
  return resolved(settings, parts, fail);
}

type Fail = (problems: readonly Problem[]) => StudyFileError;

function resolved(settings: StudyFile, parts: readonly OwnPart[], fail: Fail): Study {
  const { study, problems } = resolveStudy(settings, parts);
  if (problems.length > 0) throw fail(problems);
  return study;
}

/** What the file says, by its schema, and how problems are told by their place in it. */
function readSettings(text: string, file: string): { readonly settings: StudyFile; readonly fail: Fail } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const at = (offset: number, message: string): StudyFileProblem => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, message };
  };
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    const tooDeep = syntax.find(({ message }) => message.includes("call stack"));
    throw new StudyFileError(
      file,
      tooDeep
        ? [at(tooDeep.pos[0], "this is nested far deeper than any setting.")]
        : syntax.map(({ pos, message }) => at(pos[0], message)),
    );
  }
  const fail: Fail = (problems) => {
    const found = problems.map(({ path, message }) => {
      // An item of a list needs no index: its line and column say which it is.
      const setting = path.filter((key) => typeof key === "string").join(".");
      return at(offsetOf(document, path), setting === "" ? message : `${setting}: ${message}`);
    });
    return new StudyFileError(
      file,
      found.sort((a, b) => a.line - b.line || a.column - b.column),
    );
  };

  const { value, problems: aliasProblems } = yamlValue(document);
  if (aliasProblems.length > 0) {
    throw new StudyFileError(
      file,
      aliasProblems.map(({ offset, message }) => at(offset, message)),
    );
  }
  const parsed = studySchema.safeParse(value);
  if (!parsed.success) {
    const valueAt = (path: readonly PropertyKey[]): unknown => valueIn(value, path);
    throw fail(parsed.error.issues.flatMap((issue) => describeIssue(issue, valueAt, settingsAt)));
  }
  return { settings: parsed.data, fail };
}

/** Where a setting's key stands, or an item of a list; for one that is missing, where its parent does. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item: Pair) => isScalar(item.key) && item.key.value === key);
      const start = (pair?.key as Node | undefined)?.range?.[0];
      if (start !== undefined) return start;
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function valueIn(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
