/**
 * The names of all outputs: those that the model has, and "Class 3" where it has none, as Teachable Machine names them.
 *
 * @returns a note where names were made up
 */
export function classLabels(
  classNames: readonly string[] | undefined,
  count: number,
  title: string,
): { readonly labels: readonly string[]; readonly notes: readonly string[] } {
  const known = (classNames ?? []).slice(0, count);
  const labels = Array.from({ length: count }, (_, i) => known[i] ?? `Class ${i + 1}`);
  if (known.length === count) return { labels, notes: [] };
  const which =
    known.length === 0 ? "its classes" : `${count - known.length} of its ${count} classes, the last ones`;
  return {
    labels,
    notes: [
      `${title} does not name ${which}: they are called "${labels[known.length]}"${count - known.length > 1 ? ` to "${labels[count - 1]}"` : ""}. Give classNames (--class-map).`,
    ],
  };
}
