import { htmlText } from "../text/index.ts";

/** Markup that is safe to insert as it is. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = string | number | Html | readonly Html[];

/**
 * A template tag for markup: whatever is inserted is escaped, unless it is itself `Html`.
 *
 *     html`<p title="${name}">${items.map((item) => html`<b>${item}</b>`)}</p>`
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((out, text, i) => out + markupOf(parts[i - 1]) + text));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === "object") return part.map(({ markup }) => markup).join("");
  return htmlText(String(part));
}
