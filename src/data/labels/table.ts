/** What a file of labels holds once it is taken apart: rows of text in named columns. */
export interface LabelTable {
  /** As the file names them; null where it does not. */
  readonly columns: readonly string[] | null;
  readonly rows: readonly LabelCells[];
}

export interface LabelCells {
  readonly cells: readonly string[];
  /** As in messages: "line 3", "entry 3". */
  readonly at: string;
}
