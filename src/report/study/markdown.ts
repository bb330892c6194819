import { markdownTable } from "markdown-table";
import { markdownText } from "../../text/index.ts";
import { readingNotes } from "./notes.ts";
import { type PrintedCell, type PrintedRow, printFamily } from "./printed.ts";
import { type StudySummary, scoreNames, scoreTitles } from "./record.ts";

/** The study as GitHub-flavoured Markdown: a section with a table per family, then how to read them. */
export function renderStudyMarkdown(summary: StudySummary): string {
  const families = summary.families.map((family) => {
    const { rows, footnotes } = printFamily(family, summary.baseline.column);
    const table = markdownTable(
      [
        ["method", ...scoreNames.map((name) => `${scoreTitles[name]} %`)],
        ...rows.map((row) => [labelMarkdown(row), ...row.cells.map(cellMarkdown)]),
      ],
      { align: ["l", "r", "r", "r"] },
    );
    const notes = footnotes.map((text, i) => `<sup>${i + 1}</sup> ${markdownText(text)}.`).join("<br>\n");
    return [`## ${markdownText(family.family)}`, table, ...(notes ? [notes] : [])].join("\n\n");
  });
  const notes = readingNotes(summary, "in bold").map((note) => `- ${markdownText(note)}`);
  return `${[`# ${markdownText(summary.name)}`, ...families, "## Reading the tables", notes.join("\n")].join("\n\n")}\n`;
}

function labelMarkdown({ label, lambda, footnote }: PrintedRow): string {
  const mark = footnote === null ? "" : `<sup>${footnote}</sup>`;
  return markdownText(label) + mark + (lambda === null ? "" : `<br>${lambda}`);
}

const cellMarkdown = ({ score, isBest, difference }: PrintedCell): string =>
  `${isBest ? `**${score}**` : score}<br>${difference}`;
