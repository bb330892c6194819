/** A share in (0, 1] as a number, or as a fraction in words, "1/3"; null for anything else. */
export function shareOf(value: unknown): number | null {
  const parts = typeof value === "string" ? /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(value) : null;
  const share = parts ? Number(parts[1]) / Number(parts[2]) : value;
  return typeof share === "number" && share > 0 && share <= 1 ? share : null;
}
