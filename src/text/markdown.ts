import { visible } from "./visible.ts";

/**
 * A line of plain text as itself in GitHub-flavoured Markdown, in a table's cell as elsewhere: no markup, no HTML, no
 * mathematics, and no link, not even of an address that stands there bare.
 */
export const markdownText = (text: string): string =>
  visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_|~[\]#$]/g, "\\$&")
    .replace(/:(?=\/\/)/g, "&#58;")
    .replace(/(?<=www)\./gi, "&#46;");
