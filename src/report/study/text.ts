import Table from "cli-table3";
import { readingNotes } from "./notes.ts";
import { type PrintedCell, printFamily } from "./printed.ts";
import { type StudySummary, scoreNames, scoreTitles } from "./record.ts";

/** Notes are broken at this width; the tables keep within it unless a label is long. */
const width = 96;

/** The study for a terminal: a table per family with a row per method, then how to read them. */
export function renderStudyText(summary: StudySummary): string {
  const tables = summary.families.map((family) => {
    const { rows, footnotes } = printFamily(family, summary.baseline.column);
    const table = new Table({
      head: ["method", ...scoreNames.map((name) => `${scoreTitles[name]} %`)],
      colAligns: ["left", "right", "right", "right"],
      style: { head: [], border: [], compact: true },
    });
    for (const row of rows) {
      const mark = row.footnote === null ? "" : ` [${row.footnote}]`;
      table.push([
        row.label + mark + (row.lambda === null ? "" : `\n${row.lambda}`),
        ...row.cells.map(cellText),
      ]);
    }
    const notes = footnotes.map((text, i) => wrap(`[${i + 1}] ${text}.`, "    "));
    return [`${summary.name}: ${family.family}`, table.toString(), ...notes].join("\n");
  });
  const notes = readingNotes(summary, "by *").map((note) => wrap(`- ${note}`, "  "));
  return `${[...tables, notes.join("\n")].join("\n\n")}\n`;
}

const cellText = ({ score, isBest, difference }: PrintedCell): string =>
  `${isBest ? "* " : ""}${score}\n${difference}`;

/** Breaks at spaces; lines after the first begin with `indent`. */
function wrap(text: string, indent: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
