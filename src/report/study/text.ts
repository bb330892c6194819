import { terminalLine } from "../../text/index.ts";
import { terminalTable } from "../terminal-table.ts";
import { readingNotes } from "./notes.ts";
import { type PrintedCell, printFamily } from "./printed.ts";
import { type StudySummary, scoreNames, scoreTitles } from "./record.ts";

/** Notes are broken at this width; the tables keep within it unless a label is long. */
const width = 96;

/** The study for a terminal: a table per family with a row per method, then how to read them. */
export function renderStudyText(summary: StudySummary): string {
  const tables = summary.families.map((family) => {
    const { rows, footnotes } = printFamily(family, summary.baseline.column);
    const head = ["method", ...scoreNames.map((name) => `${scoreTitles[name]} %`)];
    const lines = rows.map(({ label, lambda, footnote, cells }) => {
      const mark = footnote === null ? "" : ` [${footnote}]`;
      return [[label + mark, ...(lambda === null ? [] : [lambda])], ...cells.map(cellLines)];
    });
    const table = terminalTable(head, lines, { numbersFrom: 1 });
    const notes = footnotes.map((text, i) => wrap(`[${i + 1}] ${text}.`, "    "));
    return [terminalLine(`${summary.name}: ${family.family}`), table, ...notes].join("\n");
  });
  const notes = readingNotes(summary, "by *").map((note) => wrap(`- ${note}`, "  "));
  return `${[...tables, notes.join("\n")].join("\n\n")}\n`;
}

const cellLines = ({ score, isBest, difference }: PrintedCell): string[] => [
  `${isBest ? "* " : ""}${score}`,
  difference,
];

/** Text of others, broken at spaces; lines after the first begin with `indent`. */
function wrap(text: string, indent: string): string {
  const lines = [""];
  for (const word of terminalLine(text).split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
