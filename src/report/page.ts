import { Html, html } from "./html-template.ts";
import { stylesheet } from "./stylesheet.ts";

/** A page by itself: nothing fetched, no script. @param subtitle  plain text, as `title` is */
export function page(title: string, subtitle: string, body: Html): string {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${new Html(`<style>${stylesheet}</style>`)}
      </head>
      <body>
        <main>
          <header>
            <h1>${title}</h1>
            <p class="subtitle">${subtitle}</p>
          </header>
          ${body}
        </main>
      </body>
    </html> `;
  return whole.markup;
}
