import { visible } from "./visible.ts";

/**
 * Text of a CSV cell, before it is quoted. Excel, LibreOffice and Google Sheets take a text that begins with =, +, -, @ (also
 * at full width) for a formula, which may call out: it gets an apostrophe before it, as OWASP advises ("CSV injection").
 * Numbers go around this function: they may be negative.
 */
export const csvText = (text: string): string => {
  const shown = visible(text);
  return /^\s*[=+\-@＝＋－＠]/.test(shown) ? `'${shown}` : shown;
};
