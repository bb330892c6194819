/** `open-page.ts PROGRAM MILLISECONDS`: opens a page in a Chromium, and prints what it makes of 6 · 7. */
import { launch } from "./launch-chromium.ts";
import { tellingLine } from "./probe.ts";

const [, , program, milliseconds] = process.argv;
// Playwright ends the browser when this process ends by itself: it is in a group of its own, and would stay.
const late = setTimeout(() => {
  console.error(`it opened no page in ${Number(milliseconds) / 1000} s`);
  process.exit(1);
}, Number(milliseconds));

try {
  const browser = await launch(program);
  const page = await browser.newPage();
  console.log(await page.evaluate("6 * 7"));
  await browser.close();
  clearTimeout(late);
} catch (error) {
  console.error(cause((error as Error).message));
  process.exit(1);
}

/** What the browser wrote, out of a message that has its whole command line; the first line where it wrote nothing. */
function cause(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const written = lines.flatMap((line) => /\[(?:err|out)\] (.+)/.exec(line)?.[1] ?? []);
  const ends = lines.flatMap((line) => /<process did exit: (.+)>/.exec(line)?.[1] ?? []);
  return [...ends.slice(0, 1), tellingLine(written) ?? lines[0]].join(", ");
}
