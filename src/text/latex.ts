/** What has a meaning in LaTeX, and what pdfTeX's standard fonts know only as a command. */
const commands = new Map([
  ["\\", "\\textbackslash{}"],
  ["{", "\\{"],
  ["}", "\\}"],
  ["$", "\\$"],
  ["&", "\\&"],
  ["#", "\\#"],
  ["%", "\\%"],
  ["_", "\\_"],
  ["^", "\\textasciicircum{}"],
  ["~", "\\textasciitilde{}"],
  ["<", "\\textless{}"],
  [">", "\\textgreater{}"],
  ["|", "\\textbar{}"],
  // Braced: a [ after \\ would be read as its optional argument.
  ["[", "{[}"],
  ["]", "{]}"],
  // Two of them would be a ligature: ?` is ¿, '' is ”, -- is –.
  ["`", "\\textasciigrave{}"],
  ["–", "--"],
  ["−", "$-$"],
  ["±", "$\\pm$"],
  ["†", "\\textdagger{}"],
  ["λ", "$\\lambda$"],
  ["°", "$^\\circ$"],
]);

/** Plain text in LaTeX. Other characters than ASCII and accented letters become their code point, so that any compiles. */
export const latexText = (text: string): string =>
  text.replace(
    /[^\x20-\x7eÀ-ÏÑ-ÖØ-Ýß-ïñ-öø-ýÿ]|[\\{}$&#%_^~<>|[\]`]/gu,
    (character) => commands.get(character) ?? codePoint(character),
  );

const codePoint = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
