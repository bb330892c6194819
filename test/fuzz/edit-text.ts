/** Damage to text that people write. */
import { type Edit, pick } from "./plan.ts";
import { oddNumbers, words } from "./words.ts";

/**
 * @param vocabulary  words of the format, which are put in place of others
 */
export function editText(text: string, list: readonly Edit[], vocabulary: readonly string[] = []): string {
  const all = [...vocabulary, ...vocabulary, ...words, ...oddNumbers.map(String)];
  return list.reduce((now, [how, where, what]) => {
    const places = [...now.matchAll(/[\w.+-]+|[^\s\w]/g)];
    if (places.length === 0) return pick(all, what);
    const place = pick(places, where);
    const other = pick(places, what);
    const lines = now.split("\n");
    switch (how % 9) {
      case 0:
        return replaced(now, place, pick(all, what));
      case 1:
        return replaced(now, place, "");
      case 2:
        return replaced(now, place, other[0]);
      case 3:
        return (
          now.slice(0, place.index) +
          pick(["{", "[", "]", "}", ":", "- ", "\n", '"', "&a ", "*a", "!!x ", "#", ",", "  "], what) +
          now.slice(place.index)
        );
      case 4:
        return now.slice(0, where % (now.length + 1));
      case 5:
        return lines.toSpliced(where % lines.length, 1).join("\n");
      case 6:
        return lines.toSpliced(where % lines.length, 0, pick(lines, what)).join("\n");
      case 7:
        return replaced(now, place, place[0].repeat(1 + (what % 50)));
      default:
        return lines.map((line, i) => (i === where % lines.length ? `  ${line}` : line)).join("\n");
    }
  }, text);
}

const replaced = (text: string, place: RegExpExecArray, by: string): string =>
  text.slice(0, place.index) + by + text.slice(place.index + place[0].length);
