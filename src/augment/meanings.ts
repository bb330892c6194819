/**
 * What tells classes apart in some data and a transform may change: label safety. A shift is one to be robust to only where it
 * keeps the label, and that is a fact of the data at hand: a half turn keeps a flower and makes a 9 of a 6.
 */

interface MeaningFacts {
  /** What it does, behind the members' names: `rotation 180° turns upside down`. */
  readonly does: string;
  /** Where that matters. */
  readonly where: string;
  /** Names of classes that it may exchange: characters as they are written, words in small letters. */
  readonly pairs: readonly (readonly [string, string])[];
}

export const meanings = {
  "half turns": {
    does: "turns upside down",
    where: "6 and 9, letters, arrows",
    pairs: [
      ["6", "9"],
      ["six", "nine"],
      ["M", "W"],
      ["n", "u"],
      ["b", "q"],
      ["d", "p"],
      ["up", "down"],
      ["left", "right"],
    ],
  },
  "quarter turns": {
    does: "turns by about a quarter",
    where: "letters such as N and Z, arrows, lines",
    pairs: [
      ["N", "Z"],
      ["C", "U"],
      ["E", "W"],
      ["left", "up"],
      ["left", "down"],
      ["right", "up"],
      ["right", "down"],
      ["horizontal", "vertical"],
    ],
  },
  "left and right": {
    does: "exchanges left and right",
    where: "letters such as b and d, arrows, text",
    pairs: [
      ["b", "d"],
      ["p", "q"],
      ["2", "5"],
      ["left", "right"],
    ],
  },
  "light and dark": {
    does: "exchanges light and dark",
    where: "black and white pieces, day and night, X-rays",
    pairs: [
      ["black", "white"],
      ["dark", "light"],
      ["night", "day"],
    ],
  },
  colours: {
    does: "changes colours",
    where: "signal lights, ripeness, kinds that differ by colour",
    pairs: [
      ["red", "green"],
      ["red", "yellow"],
      ["yellow", "green"],
      ["blue", "green"],
      ["blue", "red"],
      ["ripe", "unripe"],
    ],
  },
  "the object itself": {
    does: "may hide or lose what the image is of",
    where: "small objects, objects away from the middle",
    pairs: [],
  },
} satisfies Readonly<Record<string, MeaningFacts>>;

/** One of the usual kinds, or one's own in a few words, as "the order of the stripes". */
export type Meaning = keyof typeof meanings | (string & {});

/** What is known of a meaning; of one's own its words. */
export const meaningFacts = (meaning: Meaning): MeaningFacts =>
  Object.hasOwn(meanings, meaning)
    ? meanings[meaning as keyof typeof meanings]
    : { does: `may change ${meaning}`, where: meaning, pairs: [] };

/**
 * Of a turn by so many degrees. Up to 75° letters and digits are still told apart as they are drawn; from there on one reads as
 * another, and from 135° on top and bottom are exchanged. The bounds are a rule of thumb, not a measurement.
 */
export function meaningsOfTurn(degrees: number): readonly Meaning[] {
  const turn = Math.abs(((((degrees + 180) % 360) + 360) % 360) - 180);
  if (turn >= 135) return ["half turns"];
  return turn >= 75 ? ["quarter turns"] : [];
}
