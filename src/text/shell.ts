import { visible } from "./visible.ts";

/**
 * An argument to type in bash, zsh or ksh, quoted where the shell would split or expand it. What a terminal would not show is
 * written in bash's quotes, `$'a\x1bb'`, which make the same bytes of it.
 */
export function shellWord(argument: string): string {
  // zsh takes =ls for the path of a command.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(argument)) return argument;
  if (visible(argument) === argument) return `'${argument.replaceAll("'", `'\\''`)}'`;
  return `$'${visible(argument.replace(/[\\']/g, "\\$&"), "", bytes)}'`;
}

/** In octal, with all three digits: none that follows can belong to it. */
const bytes = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
