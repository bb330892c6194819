/**
 * Characters that nobody sees, or that do something, as text that everybody sees. Names of tensors, layers, files and
 * classes come from files of others: an escape sequence in one would clear a terminal or set its title, a line feed would
 * forge a line of ours, and a change of direction (Trojan Source, CVE-2021-42574) would show another name than there is.
 *
 * Umlauts, ideographs and emoji stay as they are, and so does an invisible character where its script needs it: the joiners
 * of Persian and Hindi, those inside of an emoji (family, flag, skin), the variant of an ideograph.
 */

/** Control characters, formats (directions, joiners, tags), lone surrogates, line and paragraph separators, fillers. */
const hidden = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]`;

const picture = String.raw`\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?`;

const joinedScripts = String.raw`[${[
  ..."Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam".split(
    " ",
  ),
  ..."Sinhala Khmer Myanmar Tibetan".split(" "),
]
  .map((script) => `\\p{Script=${script}}`)
  .join("")}]`;

/** Where hidden characters belong; found first, and left alone. */
const belonging = [
  String.raw`${picture}(?:\u200D${picture})+`,
  String.raw`[\p{Extended_Pictographic}0-9#*][\uFE0E\uFE0F]`,
  // The flags of England, Scotland and Wales.
  String.raw`\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{2,6}\u{E007F}`,
  String.raw`\p{Script=Han}[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=${joinedScripts})[\u200C\u200D](?=${joinedScripts})`,
];

const found = new RegExp(`(${belonging.join("|")})|${hidden}`, "gu");

/** Leaves out most texts at the cost of one look. */
const anyHidden = new RegExp(hidden, "u");

/**
 * `text` with each hidden character written as in a string of JavaScript: `\n`, `\x1b`, `\u202e`.
 *
 * @param kept  characters to leave as they are, e.g. "\n" where lines are our own
 * @param form  another way to write a character
 */
export function visible(text: string, kept = "", form: (character: string) => string = escaped): string {
  if (!anyHidden.test(text)) return text;
  return text.replace(found, (match, belongs: string | undefined) =>
    belongs !== undefined || kept.includes(match) ? match : form(match),
  );
}

const short = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return short.get(character) ?? `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
