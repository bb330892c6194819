/** Names of classes: when two are the same, and how lists of them are shown. */

/** The form in which names are compared: "é" as one character and as two are one name. */
export const canonicalName = (name: string): string => name.normalize("NFC");

/** What is left of a name when case, white space and forms of a letter do not count. */
export const looseName = (name: string): string =>
  name.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();

/** Whether names are no more than their own places: "0", "1", "2", … */
export const areIndices = (names: readonly string[]): boolean => names.every((name, i) => name === String(i));

/** Names that an error or a note shows at most. */
const SHOWN = 8;

/** `"ant", "bee", … (12 in all)`. */
export function listOfNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => JSON.stringify(name));
  return names.length > SHOWN ? `${shown.join(", ")}, … (${names.length} in all)` : shown.join(", ");
}

/**
 * Whether names that differ by a number only are in another order than their numbers, as "1", "10", "2" in a folder
 * that is sorted as text.
 */
export function isOrderOfText(names: readonly string[]): boolean {
  const parts = names.map((name) => /^(\D*)(\d+)(\D*)$/.exec(name));
  const numbered = parts.filter((part) => part !== null);
  if (numbered.length < 2) return false;
  return numbered.some((part, i) => {
    const next = numbered[i + 1];
    return next?.[1] === part[1] && next[3] === part[3] && Number(next[2]) < Number(part[2]);
  });
}
