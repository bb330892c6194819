import { type Alias, type Document, isScalar, visit } from "yaml";

/** What a YAML document cannot mean, and where in its text. */
export interface YamlProblem {
  /** Characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
}

/** The value that a document without errors describes, or why its aliases (`*name`) or its keys describe none. */
export function yamlValue(document: Document.Parsed): { value: unknown; problems: readonly YamlProblem[] } {
  const aliases: Alias[] = [];
  const problems: YamlProblem[] = [];
  const add = ({ range }: Pick<Alias, "range">, message: string) =>
    problems.push({ offset: range?.[0] ?? 0, message });
  visit(document, {
    Pair(_, { key }) {
      // Nothing is called so, and what checks records passes over it without a word.
      if (isScalar(key) && key.value === "__proto__") add(key, `there is no "__proto__" here. Leave it out.`);
    },
    Alias(_, alias, path) {
      aliases.push(alias);
      const { source } = alias;
      const target = alias.resolve(document);
      if (target === undefined) {
        add(
          alias,
          `*${source} repeats nothing: no value before it is marked &${source}. Mark one, or write the value out.`,
        );
      } else if (path.includes(target)) {
        add(
          alias,
          `*${source} stands inside the value that it repeats (&${source}). Write out what is meant.`,
        );
      }
    },
  });
  if (problems.length > 0) return { value: undefined, problems };
  try {
    return { value: document.toJS(), problems };
  } catch (error) {
    // The parser's guard against texts that grow without bound.
    if (!(error instanceof ReferenceError) || aliases.length === 0) throw error;
    add(aliases[0], "the aliases of this file repeat one another too many times. Write out what is meant.");
    return { value: undefined, problems };
  }
}
