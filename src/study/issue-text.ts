import type { z } from "zod";
import { unknownName } from "./schema.ts";
import type { Problem } from "./study.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What the schema calls the types of values. */
const typeNames: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a mapping",
  record: "a mapping",
};

/**
 * An issue of the schema in the words of the file.
 *
 * @param valueAt  the value that the file has at a path
 * @param keysAt   the settings that a mapping may have
 */
export function describeIssue(
  issue: Issue,
  valueAt: (path: Path) => unknown,
  keysAt: (path: Path) => readonly string[],
): Problem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownName("setting", key, keysAt(path)),
    }));
  }
  if (issue.code === "invalid_union") {
    // The alternative that the value was meant for is the one whose outer type it has.
    const meant = issue.errors.find((issues) => !issues.some(isOfOuterType));
    if (meant) {
      const inPlace = meant.map((inner): Issue => ({ ...inner, path: [...path, ...inner.path] }));
      return inPlace.flatMap((inner) => describeIssue(inner, valueAt, keysAt));
    }
  }
  return [{ path, message: sentenceFor(issue, valueAt(path)) }];
}

const expectedType = (issue: Issue): string =>
  issue.code === "invalid_type" ? (typeNames[issue.expected] ?? issue.expected) : "";

const isOfOuterType = ({ code, path }: Issue): boolean => code === "invalid_type" && path.length === 0;

function sentenceFor(issue: Issue, value: unknown): string {
  const not = value === undefined ? "is missing" : `not ${JSON.stringify(value)}`;
  switch (issue.code) {
    case "invalid_type": {
      const type = expectedType(issue);
      return value === undefined ? `is missing; give ${type}.` : `must be ${type}, ${not}.`;
    }
    case "invalid_union": {
      const types = issue.errors.flatMap((issues) => issues.filter(isOfOuterType)).map(expectedType);
      return value === undefined
        ? `is missing; give ${types.join(" or ")}.`
        : `must be ${types.join(" or ")}, ${not}.`;
    }
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}, ${not}.`;
    case "too_small":
      return issue.origin === "array"
        ? `needs at least ${issue.minimum} item${issue.minimum === 1 ? "" : "s"}.`
        : `must be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}, ${not}.`;
    default:
      return issue.message;
  }
}
