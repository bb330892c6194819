import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { csvText, htmlText, latexText, markdownText, shellWord, shortened, terminalJson } from "./index.ts";
import { terminalLine, terminalMessage, terminalText } from "./index.ts";

const ESC = "\u001b";

describe("a line for a terminal shows what would do something", () => {
  test.each([
    [`a${ESC}]0;owned\u0007b${ESC}[2J`, "a\\x1b]0;owned\\x07b\\x1b[2J"],
    ["first\nsecond\r\tthird", "first\\nsecond\\r\\tthird"],
    ["\u0000\u0008\u007f\u0085\u009b31m", "\\x00\\x08\\x7f\\x85\\x9b31m"],
    ["\u202egnp.exe\u202c \u2066x\u2069 \u200f", "\\u202egnp.exe\\u202c \\u2066x\\u2069 \\u200f"],
    [
      "a\u200bb\u200dc\u2060d\ufeffe\u00adf\u034f\u3164",
      "a\\u200bb\\u200dc\\u2060d\\ufeffe\\xadf\\u034f\\u3164",
    ],
    ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["\ud800x\udfff", "\\ud800x\\udfff"],
    ["\u{e0041}\u{e0101}\ufff9\uffff", "\\u{e0041}\\u{e0101}\\ufff9\\uffff"],
    // A variant of an emoji, then bytes smuggled behind it.
    ["✔\ufe0f\ufe01\ufe02", "✔\ufe0f\\ufe01\\ufe02"],
  ])("%j", (text, shown) => expect(terminalLine(text)).toBe(shown));

  test.each([
    "Größe ÅÉñ Ελλάς Привет العربية עברית 日本語 한국어 ไทย",
    "👨‍👩‍👧 🏳️‍🌈 👩🏽‍🚀 ❤️ 1️⃣ 🇩🇪 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "می‌خواهم क्‍ष 葛\u{e0100}",
    "C:\\new\\table",
  ])("and leaves %s", (text) => expect(terminalLine(text)).toBe(text));
});

test("lines of our own stay lines", () => {
  expect(terminalText("a\nb\tc")).toBe("a\nb\\tc");
});

test("a long word is shown by its ends, without half a character", () => {
  expect(shortened("encoder/layers/0/attention", 13)).toBe("encoder…ention".replace("r…", "…"));
  expect(shortened("short", 13)).toBe("short");
  expect(terminalLine(shortened("🐈".repeat(20), 10))).toBe("🐈🐈…🐈🐈");
  const shown = terminalMessage(`The tensor "${"x".repeat(1e6)}" is too long.`);
  expect(shown).toMatch(/^The tensor "x+…x+" is too long\.$/);
  expect(shown.length).toBeLessThan(500);
  expect(terminalMessage("y ".repeat(1e6)).length).toBeLessThan(9000);
});

test("JSON of the same value", () => {
  const value = { "a\u202e\u009b": ["\u007f\u{e0041}", "Größe\n"] };
  const json = terminalJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toMatch(/^[\x20-\x7eöß\n]*$/);
});

test("HTML and SVG", () => {
  expect(htmlText(`<b a="1" c='2'>&\u0000${ESC}\u202e\n`)).toBe(
    "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;\\x00\\x1b\\u202e\\n",
  );
});

test("Markdown", () => {
  expect(markdownText("a|b`c`\n<script>[x](http://e.org) ![i](j) www.e.org $x$ **b** &amp; \\")).toBe(
    "a\\|b\\`c\\`\\\\n&lt;script>\\[x\\](http&#58;//e.org) !\\[i\\](j) www&#46;e.org \\$x\\$ \\*\\*b\\*\\* &amp;amp; \\\\",
  );
});

test("LaTeX", () => {
  expect(latexText(`\\input{x}${ESC}\n\u202e?\``)).toBe(
    "\\textbackslash{}input\\{x\\}U+001BU+000AU+202E?\\textasciigrave{}",
  );
});

test.each([
  ["=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"],
  ["+1", "'+1"],
  [" -2", "' -2"],
  ["@SUM(1)", "'@SUM(1)"],
  ["＝1", "'＝1"],
  ["\t=1", "\\t=1"],
  ["rotation:-15", "rotation:-15"],
])("a spreadsheet takes %j for text", (text, cell) => expect(csvText(text)).toBe(cell));

test("bash reads every word back", () => {
  const words = [
    "plain-1.0",
    "two words",
    "it's",
    "",
    '$(id) `id` $HOME * ? [a] {b,c} ~ # ! ; & | < > \\ "',
    "~",
    "=ls",
    "Größe 🐈",
    `a${ESC}[2J'\\n\u202e1\n2\t"`,
  ];
  const typed = words.map(shellWord).join(" ");
  expect(typed).toBe(terminalLine(typed));
  const read = execFileSync("bash", ["--norc", "-c", `printf '%s\\0' ${typed}`], { env: { LC_ALL: "C" } });
  expect(read.toString().split("\0")).toEqual([...words, ""]);
});
