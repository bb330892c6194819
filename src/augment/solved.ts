/**
 * The solution of n linear equations in n unknowns, by Gauss's elimination with pivots.
 *
 * @param equations  n rows of n coefficients and the right side; they are changed
 */
export function solved(equations: number[][]): number[] {
  const n = equations.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(equations[row][column]) > Math.abs(equations[pivot][column])) pivot = row;
    }
    [equations[column], equations[pivot]] = [equations[pivot], equations[column]];
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = equations[row][column] / equations[column][column];
      for (let k = column; k <= n; k++) equations[row][k] -= factor * equations[column][k];
    }
  }
  return equations.map((row, i) => row[n] / row[i]);
}
