/**
 * At most `most` characters of a text, its middle left out: the ends of a name or a path tell the most.
 *
 *     shortened("encoder/layers/0/attention", 14)  →  "encoder…ention"
 */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  // No half of a surrogate pair.
  const head = text.slice(0, most - 1 - half).replace(/[\uD800-\uDBFF]$/, "");
  const tail = text.slice(text.length - half).replace(/^[\uDC00-\uDFFF]/, "");
  return `${head}…${tail}`;
}
