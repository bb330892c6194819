import { DataError } from "../errors.ts";
import type { LabelCells, LabelTable } from "./table.ts";
import { isImageColumn, isLabelColumn } from "./columns.ts";

/**
 * Text in columns: by commas, semicolons or tabs, whichever the first line has most of, else by white space. Cells may be in
 * quotes (RFC 4180). A first line `sep=;`, as spreadsheets have it, says the delimiter. Empty lines are none, lines that begin with # neither. The first line names the columns where it has a name
 * that people give them.
 *
 * @param named  the user says what the columns are called
 */
export function parseCsv(text: string, source: string, named: boolean): LabelTable {
  const rows = cellsOf(text, source);
  if (rows.length === 0)
    throw new DataError(`${source} is empty. Give a line for each image, with its label.`);
  const [first, ...others] = rows;
  const isHead = named || first.cells.some((cell) => isImageColumn(cell) || isLabelColumn(cell));
  const table = isHead ? { columns: first.cells, rows: others } : { columns: null, rows };
  const odd = table.rows.find(({ cells }) => cells.length !== first.cells.length);
  if (odd) {
    throw new DataError(
      `${source}, ${odd.at}, has ${odd.cells.length} column${odd.cells.length === 1 ? "" : "s"}, the first line ` +
        `${first.cells.length}. Give as many in each line; a text with commas in it stands in quotes.`,
    );
  }
  return table;
}

function cellsOf(text: string, source: string): LabelCells[] {
  const [said, delimiterSaid] = /^sep=([,;\t])(?=\r?\n|\r)/i.exec(text) ?? [""];
  // Spaces in its place: lines are counted on.
  if (delimiterSaid !== undefined)
    return delimitedCells(" ".repeat(said.length) + text.slice(said.length), delimiterSaid, source);
  const head = text.split(/\r?\n/, 50).find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  const count = (delimiter: string) => head.replace(/"[^"]*"/g, "").split(delimiter).length - 1;
  const [delimiter] = [",", ";", "\t"].sort((a, b) => count(b) - count(a));
  return count(delimiter) > 0 ? delimitedCells(text, delimiter, source) : spacedCells(text);
}

const spacedCells = (text: string): LabelCells[] =>
  text.split(/\r\n|\n|\r/).flatMap((line, i) => {
    const words = line.trim();
    return words === "" || words.startsWith("#") ? [] : [{ cells: words.split(/\s+/), at: `line ${i + 1}` }];
  });

function delimitedCells(text: string, delimiter: string, source: string): LabelCells[] {
  const rows: LabelCells[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const start = line;
    const cells: string[] = [];
    const isComment = text[at] === "#";
    for (;;) {
      const [cell, next] = text[at] === '"' ? quoted(at, start) : plain(at);
      cells.push(cell.trim());
      line += cell.split("\n").length - 1;
      at = next;
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    line++;
    if (!isComment && cells.some((cell) => cell !== "")) rows.push({ cells, at: `line ${start}` });
  }
  return rows;

  function plain(from: number): [string, number] {
    let end = from;
    while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") end++;
    return [text.slice(from, end), end];
  }

  function quoted(from: number, start: number): [string, number] {
    let cell = "";
    for (let end = from + 1; end < text.length; end++) {
      if (text[end] !== '"') cell += text[end];
      else if (text[end + 1] === '"') cell += text[++end];
      else return [cell, plain(end + 1)[1]];
    }
    throw new DataError(
      `${source}, line ${start}: a quote is opened and never closed. Close it, or double it: "".`,
    );
  }
}
