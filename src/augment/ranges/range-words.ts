import type { AnyTable } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { interpolations } from "../interpolation.ts";

const range = /^(?:([\w-]+)\s*=\s*)?([^.=][^=]*?|\.\d[^=]*?)\.\.([^=]+)$/;

/**
 * The options that words with a range in them are: `-30..30` is `range`, `x=-3..3` is `x`, `draws=5` a number, `reflect`
 * the option that has this choice. Undefined where no word has one.
 *
 * @param text   all of it, for the message
 * @param table  the family's options, where they are known: else a word without a name is an interpolation or the fill
 * @throws UsageError for words that are none of these
 */
export function rangeWords(
  text: string,
  words: readonly string[],
  table: AnyTable = {},
): Record<string, unknown> | undefined {
  if (!words.some((word) => word.includes(".."))) return undefined;
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const [name, value] = optionOf(word, table) ?? fail(text, word);
    if (Object.hasOwn(options, name)) fail(text, word);
    options[name] = value;
  }
  return options;
}

function optionOf(word: string, table: AnyTable): readonly [name: string, value: unknown] | undefined {
  const found = range.exec(word);
  if (found) {
    const ends = [Number(found[2]), Number(found[3])];
    return found[2].trim() === "" || ends.some(Number.isNaN) ? undefined : [found[1] ?? "range", ends];
  }
  if (/^[a-z]+$/.test(word)) {
    const choosing = Object.keys(table).filter((name) => table[name].choices?.includes(word));
    const isInterpolation = interpolations.some((each) => each === word);
    return [choosing.length === 1 ? choosing[0] : isInterpolation ? "interpolation" : "fill", word];
  }
  const [, name, value] = /^([\w-]+)\s*=\s*(\S+)$/.exec(word) ?? [];
  if (name === undefined) return undefined;
  return [name, Number.isNaN(Number(value)) ? value : Number(value)];
}

function fail(text: string, word: string): never {
  throw new UsageError(
    `"${word}" in "${text}" is no range. Write low..high, as in rotation:-30..30 or ` +
      `affine:rotation=-30..30,x=-3..3,y=-3..3,draws=10.`,
  );
}
