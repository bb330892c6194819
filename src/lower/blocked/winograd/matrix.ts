import { type Tensor, float32 } from "../../../tensor/index.ts";

/** Numbers row by row, in double precision until a graph takes them. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, column: number) => number;
}

export const transposed = ({ rows, columns, at }: Matrix): Matrix => ({
  rows: columns,
  columns: rows,
  at: (row, column) => at(column, row),
});

export const tensorOf = ({ rows, columns, at }: Matrix): Tensor =>
  float32(
    [rows, columns],
    Float32Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns)),
  );
