/** A tensor's place among its likes: layers.0.scale and layers.1.scale are both layers.*.scale. */
const patternOf = (name: string): string => name.replace(/(?<=^|[./_])\d+(?=$|[./_:])/g, "*");

/** More than these are counted. */
const LISTED = 24;

/**
 * Names in few words, as `trainable` takes them: those that differ in numbers only are one pattern.
 *
 * @returns `blocks.*.gamma (12×), pos_embed`
 */
export function namePatterns(names: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(patternOf(name), [...(groups.get(patternOf(name)) ?? []), name]);
  const shown = [...groups].map(([pattern, [first, ...others]]) =>
    others.length === 0 ? first : `${pattern} (${others.length + 1}×)`,
  );
  const rest = shown.length - LISTED;
  return shown.slice(0, LISTED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
