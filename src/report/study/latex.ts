import { latexText } from "../../text/index.ts";
import { readingNotes } from "./notes.ts";
import { type PrintedCell, type PrintedRow, printFamily } from "./printed.ts";
import { type FamilySummary, type StudySummary, scoreNames, scoreTitles } from "./record.ts";

/**
 * The study as LaTeX to be `\input`: a floating table per family, then how to read them.
 * Needs the package booktabs and UTF-8 input (LaTeX's default since 2018); fits a 6.5 inch column.
 */
export function renderStudyLatex(summary: StudySummary): string {
  const notes = readingNotes(summary, "in bold").map(latexText).join("\n");
  return [
    "% In the preamble: \\usepackage{booktabs}",
    ...summary.families.map((family) => familyLatex(summary, family)),
    `{\\footnotesize\\noindent\n${notes}\\par}`,
    "",
  ].join("\n\n");
}

function familyLatex({ name, baseline }: StudySummary, family: FamilySummary): string {
  const { rows, footnotes } = printFamily(family, baseline.column);
  const headings = ["method", ...scoreNames.map((score) => `${scoreTitles[score]} \\%`)];
  return [
    "\\begin{table}",
    "  \\centering\\small",
    `  \\caption{${latexText(`${name}: ${family.family}`)}}`,
    "  \\begin{tabular}{lrrr}",
    "    \\toprule",
    `    ${headings.join(" & ")} \\\\`,
    "    \\midrule",
    rows.map(rowLatex).join("\n    \\addlinespace\n"),
    "    \\bottomrule",
    "  \\end{tabular}",
    ...footnotes.map((text, i) => `  \\par\\footnotesize\\textsuperscript{${i + 1}}~${latexText(text)}.`),
    "\\end{table}",
  ].join("\n");
}

/** Two lines of the table: scores, and their differences in a smaller face. */
function rowLatex({ label, lambda, footnote, cells }: PrintedRow): string {
  const mark = footnote === null ? "" : `\\textsuperscript{${footnote}}`;
  const scores = [latexText(label) + mark, ...cells.map(scoreLatex)];
  const differences = [lambda ?? "", ...cells.map(({ difference }) => difference)];
  return [
    `    ${scores.join(" & ")} \\\\`,
    `    ${differences.map((text) => (text === "" ? "" : `{\\scriptsize ${latexText(text)}}`)).join(" & ")} \\\\`,
  ].join("\n");
}

const scoreLatex = ({ score, isBest }: PrintedCell): string =>
  isBest ? `\\textbf{${latexText(score)}}` : latexText(score);
