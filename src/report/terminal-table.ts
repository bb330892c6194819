import Table from "cli-table3";
import { shortened, terminalLine } from "../text/index.ts";

/** A cell's text, or its lines. Text of others may stand in it: what is no line of its own here becomes none. */
export type Cell = string | readonly string[];

export interface TerminalTable {
  /** Columns from this one on are aligned to the right; default: none. */
  readonly numbersFrom?: number;
  /** Widths of the columns, whose cells are then broken at spaces. */
  readonly widths?: readonly number[];
}

/** Characters of a line that are shown: names of tensors have up to a hundred. */
const longestCell = 200;

/** A table for a terminal, in lines of box-drawing characters, without colours. */
export function terminalTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { numbersFrom = head.length, widths }: TerminalTable = {},
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column < numbersFrom ? "left" : "right")),
    style: { head: [], border: [], compact: true },
    ...(widths && { colWidths: [...widths], wordWrap: true }),
  });
  for (const row of rows) table.push(row.map(cellText));
  return table.toString();
}

const cellText = (cell: Cell): string =>
  [cell]
    .flat()
    .map((line) => terminalLine(shortened(line, longestCell)))
    .join("\n");
