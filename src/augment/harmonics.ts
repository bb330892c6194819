/** A matrix [rows, columns], row by row. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * The real DFT of a line of n samples, harmonics 0 … limit, as matrices on its folded halves (`FoldedLine`):
 * E = ⌊n/2⌋ + 1 even positions, O = ⌈n/2⌉ − 1 odd ones.
 */
export interface Harmonics {
  /** [cosines 0, 1, …; E] and [sines 1, 2, …; O]: from the halves to the amplitudes. */
  readonly cosineAnalysis: Table;
  readonly sineAnalysis: Table;
  /** [E, cosines] and [O, sines]: from the amplitudes to the even and the odd part of the line. */
  readonly cosineSynthesis: Table;
  readonly sineSynthesis: Table;
}

/** Harmonics above ⌊n/2⌋ do not exist, and the sine of n/2 is zero: a limit beyond them changes nothing. */
export function harmonics(n: number, limit: number): Harmonics {
  const even = Math.floor(n / 2) + 1;
  const odd = Math.ceil(n / 2) - 1;
  const cosines = Math.min(limit + 1, even);
  const sines = Math.min(limit, odd);
  const angle = (product: number) => (2 * Math.PI * (product % n)) / n;
  // A harmonic stands for itself and its negative, save 0 and n/2, which are their own.
  const scale = (v: number) => (v === 0 || 2 * v === n ? 1 : 2) / n;
  return {
    cosineAnalysis: table(cosines, even, (v, x) => Math.cos(angle(v * x))),
    sineAnalysis: table(sines, odd, (v, x) => Math.sin(angle((v + 1) * (x + 1)))),
    cosineSynthesis: table(even, cosines, (x, v) => scale(v) * Math.cos(angle(v * x))),
    sineSynthesis: table(odd, sines, (x, v) => scale(v + 1) * Math.sin(angle((v + 1) * (x + 1)))),
  };
}

const table = (rows: number, columns: number, element: (row: number, column: number) => number): Table => ({
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, (_, i) =>
    element(Math.floor(i / columns), i % columns),
  ),
});
