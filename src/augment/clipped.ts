/** Within bounds, as one instruction for each of them has it: what is no number stays so, and −0 may stay too. */
export function clipped(value: number, least: number, most: number): number {
  const above = value < least ? least : value;
  return most < above ? most : above;
}
