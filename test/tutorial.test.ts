/** The tutorial's lines before they are run: scripts/check-tutorial.ts does that, with the packed packages. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { missingOutput, stepsOf } from "../scripts/page-steps.ts";
import { buildProgram } from "../src/cli/program.ts";

const steps = stepsOf(readFileSync("docs/tutorial.md", "utf8"));

test("begins with the install, and runs no file that it has not shown", () => {
  const [first] = steps;
  expect(first.kind === "command" && first.line).toMatch(/^npm install .* alignreg /);
  const shown = new Set<string>();
  for (const step of steps) {
    if (step.kind === "file") shown.add(step.name);
    const started = step.kind === "command" && /^node (\S+)/.exec(step.line)?.[1];
    if (started) expect(shown).toContain(started);
  }
  expect(shown).toContain("server.mjs");
});

/** Runs nothing: every command is parsed, with its options' checks, and that is all. */
async function parses(line: string): Promise<void> {
  const program = buildProgram(() => undefined);
  const idle = (command: Command): void => {
    command.configureOutput({ writeErr: () => undefined });
    command.action(() => undefined);
    command.commands.forEach(idle);
  };
  program.commands.forEach(idle);
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c);
  await program.parseAsync(words, { from: "user" });
}

const pages = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const lines = pages.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, text]) => text.replaceAll(/ \\\n\s*/g, " ").split("\n"))
    .flatMap((line) => /^(?:npx )?alignreg ((?!COMMAND)[^|>]+)/.exec(line.replace(/\s+#.*$/, ""))?.[1] ?? [])
    .map((line) => [page, line.trim()] as const),
);

test("the command lines of the docs are ones that the program takes", async () => {
  expect(lines.length).toBeGreaterThan(60);
  const refused: string[] = [];
  for (const [page, line] of lines)
    await parses(line).catch((error: Error) => refused.push(`${page}: alignreg ${line}: ${error.message}`));
  // Files of the reader's are not there.
  expect(refused.filter((message) => !message.includes("there is none at this one"))).toEqual([]);
});

describe("what a page shows of an output", () => {
  const printed =
    "note: 40 images\n│ clean accuracy │ 87.5 │ [73.9, 94.5] │\n│ robust accuracy │ 80.0 │ [65.2, 89.5] │\nPage: a.html\n";
  test.each([
    ["is a part of it, in its order", "note: 40 images\n…\n│ robust   accuracy │ 80.0 │  [65.2, 89.5] │", []],
    ["may differ by rounding", "│ clean accuracy │ 85.0 │ [70.9, 92.9] │", []],
    ["may have parts of lines left out", "│ clean accuracy │ … │", []],
    [
      "must be as large",
      "│ clean accuracy │ 57.5 │ [73.9, 94.5] │",
      ["│ clean accuracy │ 57.5 │ [73.9, 94.5] │"],
    ],
    ["must be there", "Page: b.html", ["Page: b.html"]],
    ["must be in its order", "Page: a.html\nnote: 40 images", ["note: 40 images"]],
  ])("%s", (_, shown, missing) => expect(missingOutput(shown, printed)).toEqual(missing));
});
