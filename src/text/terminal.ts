/** Texts on a terminal. */
import { shortened } from "./shortened.ts";
import { visible } from "./visible.ts";

/** Characters of a word that a message shows, and of the message. Paths are longer seldom; what is cut is cut in the middle. */
const longestWord = 400;
const longestLine = 8000;

/** One line: whatever `text` holds, no line ends in it, and no terminal does anything but show it. */
export const terminalLine = (text: string): string => visible(text);

/** A text whose line feeds are our own. Foreign parts with line feeds went through {@link terminalLine}. */
export const terminalText = (text: string): string => visible(text, "\n");

/** A sentence as one line, with words as long as nobody reads shortened in the middle. */
export const terminalMessage = (text: string): string => terminalLine(shortWords(text));

/** Sentences in lines of our own, shortened likewise. */
export const terminalMessageLines = (text: string): string =>
  terminalText(text.split("\n").map(shortWords).join("\n"));

/** JSON of the same value that is harmless to look at: `"\u009b"`, `"\u202e"`. */
export const terminalJson = (json: string): string => visible(json, "\n", jsonEscape);

/** Both halves of a pair. */
const jsonEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");

const shortWords = (text: string): string =>
  text.length <= longestWord
    ? text
    : shortened(
        shortened(text, 10 * longestLine).replace(/\S+/g, (word) => shortened(word, longestWord)),
        longestLine,
      );
