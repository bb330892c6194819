import { readingNotes } from "./notes.ts";
import { type PrintedCell, type PrintedRow, printFamily } from "./printed.ts";
import { type FamilySummary, type StudySummary, scoreNames, scoreTitles } from "./record.ts";

/**
 * The study as LaTeX to be `\input`: a floating table per family, then how to read them.
 * Needs the package booktabs and UTF-8 input (LaTeX's default since 2018); fits a 6.5 inch column.
 */
export function renderStudyLatex(summary: StudySummary): string {
  const notes = readingNotes(summary, "in bold").map(escapeLatex).join("\n");
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
    `  \\caption{${escapeLatex(`${name}: ${family.family}`)}}`,
    "  \\begin{tabular}{lrrr}",
    "    \\toprule",
    `    ${headings.join(" & ")} \\\\`,
    "    \\midrule",
    rows.map(rowLatex).join("\n    \\addlinespace\n"),
    "    \\bottomrule",
    "  \\end{tabular}",
    ...footnotes.map((text, i) => `  \\par\\footnotesize\\textsuperscript{${i + 1}}~${escapeLatex(text)}.`),
    "\\end{table}",
  ].join("\n");
}

/** Two lines of the table: scores, and their differences in a smaller face. */
function rowLatex({ label, lambda, footnote, cells }: PrintedRow): string {
  const mark = footnote === null ? "" : `\\textsuperscript{${footnote}}`;
  const scores = [escapeLatex(label) + mark, ...cells.map(scoreLatex)];
  const differences = [lambda ?? "", ...cells.map(({ difference }) => difference)];
  return [
    `    ${scores.join(" & ")} \\\\`,
    `    ${differences.map((text) => (text === "" ? "" : `{\\scriptsize ${escapeLatex(text)}}`)).join(" & ")} \\\\`,
  ].join("\n");
}

const scoreLatex = ({ score, isBest }: PrintedCell): string =>
  isBest ? `\\textbf{${escapeLatex(score)}}` : escapeLatex(score);

/** What has a meaning in LaTeX, and what pdfTeX's standard fonts know only as a command. */
const commands: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  // Braced: a [ after \\ would be read as its optional argument.
  "[": "{[}",
  "]": "{]}",
  "–": "--",
  "−": "$-$",
  "±": "$\\pm$",
  "†": "\\textdagger{}",
  λ: "$\\lambda$",
  "°": "$^\\circ$",
};

/** Other characters than ASCII and accented letters become their code point, so that any message compiles. */
export const escapeLatex = (text: string): string =>
  text.replace(
    /[^\x20-\x7eÀ-ÏÑ-ÖØ-Ýß-ïñ-öø-ýÿ]|[\\{}$&#%_^~<>|[\]]/gu,
    (character) => commands[character] ?? codePoint(character),
  );

const codePoint = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
