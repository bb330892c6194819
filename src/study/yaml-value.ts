import { type Alias, type Document, visit } from "yaml";

/** What a YAML document cannot mean, and where in its text. */
export interface AliasProblem {
  /** Characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
}

/** The value that a document without errors describes, or why its aliases (`*name`) describe none. */
export function yamlValue(document: Document.Parsed): { value: unknown; problems: readonly AliasProblem[] } {
  const aliases: Alias[] = [];
  const problems: AliasProblem[] = [];
  const add = (alias: Alias, message: string) => problems.push({ offset: alias.range?.[0] ?? 0, message });
  visit(document, {
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
