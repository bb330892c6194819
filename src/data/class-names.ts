/** How names of classes are compared: between the folders of a data set, and between a data set and a model. */

/** The form in which names are compared: Unicode's NFC, so that é is é however a file system spells it. */
export const normalizedClassName = (name: string): string => name.normalize("NFC");

/** Two names that a person may have meant as one. */
export type ConfusablePair = readonly [name: string, other: string];

/**
 * Pairs of names that differ, normalized, in case, whitespace or look-alike forms only, as `Cat` and `cat `: whether they are
 * one class cannot be told. Each pair is a name of the first list and one of the second.
 *
 * @param others  default: the other names of the list itself, each pair once, where single letters are left out: a data
 *                set of letters has both A and a
 */
export function confusableNames(names: readonly string[], others?: readonly string[]): ConfusablePair[] {
  const byFold = new Map<string, { other: string; at: number }[]>();
  (others ?? names).forEach((other, at) => {
    const fold = foldedName(other);
    byFold.set(fold, [...(byFold.get(fold) ?? []), { other, at }]);
  });
  return names.flatMap(
    (name, i) =>
      byFold
        .get(foldedName(name))
        ?.filter(({ at }) => others !== undefined || at > i)
        .filter(({ other }) => normalizedClassName(name) !== normalizedClassName(other))
        .filter(({ other }) => others !== undefined || !(isLetter(name) && isLetter(other)))
        .map(({ other }): ConfusablePair => [name, other]) ?? [],
  );
}

/**
 * Whether numbered classes come in another order than that of their numbers, as "1", "10", "2" do, which are sorted as
 * text. Names are numbered when they are numbers, or texts that differ in one whole number, as "class 2".
 */
export function numericOrderDiffers(classNames: readonly string[]): boolean {
  const numbers = numbersOf(classNames);
  return numbers !== null && numbers.some((number, i) => i > 0 && number < numbers[i - 1]);
}

/** A name in quotes; where that hides a difference, with what cannot be seen spelt out. */
export function shownName(name: string): string {
  const escaped = [...name].map((character) =>
    /[\p{M}\p{C}\p{Z}]/u.test(character) && character !== " "
      ? `\\u{${character.codePointAt(0)!.toString(16)}}`
      : character,
  );
  return `"${escaped.join("")}"`;
}

/** What is left of a name without case, whitespace and compatibility forms (full width, ligatures, …). */
const foldedName = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[\s\u200b-\u200d\ufeff]+/gu, "");

const isLetter = (name: string): boolean => [...name].length === 1;

function numbersOf(names: readonly string[]): number[] | null {
  const plain = names.map((name) => (name.trim() === "" ? NaN : Number(name)));
  if (plain.every(Number.isFinite)) return plain;
  const parts = names.map((name) => /^(\D*)(\d+)(\D*)$/u.exec(name));
  const isNumbered = parts.every((part) => part?.[1] === parts[0]?.[1] && part?.[3] === parts[0]?.[3]);
  return isNumbered && parts[0] ? parts.map((part) => Number(part![2])) : null;
}

/** Whether names are no more than their own places: "0", "1", "2", … */
export const areIndices = (names: readonly string[]): boolean => names.every((name, i) => name === String(i));

/** Names that an error or a note shows at most. */
const SHOWN = 8;

/** `"ant", "bee", … (12 in all)`. */
export function listOfNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => JSON.stringify(name));
  return names.length > SHOWN ? `${shown.join(", ")}, … (${names.length} in all)` : shown.join(", ");
}
