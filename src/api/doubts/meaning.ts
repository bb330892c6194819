import { type Meaning, type TransformFamily, meaningFacts, membersAndEnds } from "../../augment/index.ts";
import { listed } from "../../data/index.ts";

/** Members that are named one by one. */
const mostNames = 3;

/** Shifts that may change what an image means, so that its label may be wrong: a sentence for each kind of change. */
export function meaningDoubts(family: TransformFamily, classNames: readonly string[]): string[] {
  const changing = new Map<Meaning, string[]>();
  for (const { name, mayChangeMeaning = [] } of membersAndEnds(family)) {
    for (const meaning of mayChangeMeaning) changing.set(meaning, [...(changing.get(meaning) ?? []), name]);
  }
  return [...changing].flatMap(([meaning, members]) =>
    doubtOf(meaning, `A shift (${listed(members, mostNames)})`, classNames),
  );
}

/** The same of images that are mirrored at random in training, where classes are known to differ by it. */
export const flipDoubts = (flip: boolean, classNames: readonly string[]): string[] =>
  flip && exchangedBy("left and right", classNames).length > 0
    ? doubtOf("left and right", "Mirroring images (flip)", classNames)
    : [];

function doubtOf(meaning: Meaning, what: string, classNames: readonly string[]): string[] {
  const { does, where, pairs } = meaningFacts(meaning);
  const exchanged = exchangedBy(meaning, classNames);
  if (exchanged.length > 0) {
    return [
      `${what} ${does}, and may make one class of another: ${exchanged.join("; ")}. Leave it out, or make one class of each two.`,
    ];
  }
  // Of characters it is known which look like others.
  if (pairs.length > 0 && classNames.every((name) => /^.$/u.test(name))) return [];
  return [`${what} ${does}: leave it out if classes differ by that (${where}).`];
}

/** As `6 and 9`. */
const exchangedBy = (meaning: Meaning, classNames: readonly string[]): string[] =>
  meaningFacts(meaning)
    .pairs.filter((pair) => pair.every((word) => classNames.some((name) => has(name, word))))
    .map((pair) => pair.join(" and "));

/** Whether a class's name has that word: `left arrow` has left; a single character stands as it is written. */
function has(className: string, word: string): boolean {
  const words = className.split(/[^\p{L}\p{N}]+/u);
  return words.includes(word) || (word.length > 1 && words.some((each) => each.toLowerCase() === word));
}
