import { visible } from "./visible.ts";

const entities = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/**
 * Text as it may stand between tags and inside quoted attributes of HTML, SVG and XML. Control
 * characters, which XML forbids even as entities, and changes of direction become visible.
 */
export const htmlText = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => entities.get(character)!);
