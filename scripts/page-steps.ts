/** A page of the docs as what its reader does, from its first line to its last, and what the reader sees. */

export type Step =
  /** A command line. */
  | { readonly kind: "command"; readonly line: string }
  /** A file that the page shows: its first line is a comment with its name. */
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  /** What the commands before it printed, as the page shows it. */
  | { readonly kind: "output"; readonly text: string };

/** @throws Error for a block that is none of these */
export function stepsOf(page: string): Step[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, language, text]): Step[] => {
    if (language === "sh")
      return text
        .trim()
        .replaceAll(/ \\\n\s*/g, " ")
        .split("\n")
        .map((line) => ({ kind: "command", line: line.replace(/\s+#.*$/, "") }));
    if (language === "text") return [{ kind: "output", text }];
    const name = /^(?:\/\/|<!--) ([\w./-]+\.\w+)(?: -->)?\n/.exec(text)?.[1];
    if (name === undefined) throw new Error(`A block is no command, no output and names no file:\n${text}`);
    return [{ kind: "file", name, text }];
  });
}

/** How far apart a page's numbers and a machine's may be: another processor rounds otherwise, and a picture of 40 is 2.5 %. */
const TOLERANCE = 10;

/**
 * The lines of a page's output that were not printed, in this order, with numbers near the page's. "…" stands for what is left out.
 * Which picture is in which row of a table may differ, so such rows, and borders, are not compared.
 */
export function missingOutput(shown: string, printed: string): string[] {
  const lines = printed.split("\n");
  let from = 0;
  return shown.split("\n").flatMap((line) => {
    if (/^[\s…┌┬┐├┼┤└┴┘─]*$/.test(line) || isRowOfPicture(line)) return [];
    const at = lines.findIndex((other, i) => i >= from && isAlike(line, other));
    if (at < 0) return [line.trim()];
    from = at + 1;
    return [];
  });
}

const isRowOfPicture = (line: string): boolean => /^│ \S+\.jpe?g /.test(line);

const NUMBER = /-?\d[\d,]*(?:\.\d+)?|·/g;

function isAlike(shown: string, printed: string): boolean {
  const pattern = shown
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*"))
    .join("\\s+")
    .replaceAll(/-?\d[\d,]*(?:\\\.\d+)?|·/g, `(${NUMBER.source})`);
  const found = new RegExp(`^\\s*${pattern}\\s*$`).exec(printed);
  if (!found) return false;
  const numbers = (shown.match(NUMBER) ?? []).map(numberOf);
  return numbers.every((number, i) => Math.abs(number - numberOf(found[i + 1])) <= TOLERANCE);
}

/** A dot in a table is none. */
const numberOf = (text: string): number => (text === "·" ? 0 : Number(text.replaceAll(",", "")));
