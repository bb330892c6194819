/** What has a row in a table is in the docs too, and families are exports: whoever adds one and forgets that is told. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { losses, methods, regularizers } from "../src/align/index.ts";
import { families } from "../src/augment/index.ts";
import * as browser from "../src/browser.ts";
import { buildProgram } from "../src/cli/program.ts";
import * as alignreg from "../src/index.ts";
import { optimizers } from "../src/train/index.ts";

test.each([
  ["families", families, "docs/families.md"],
  ["regularizers", regularizers, "docs/regularizers.md"],
  ["losses", losses, "docs/objective.md"],
  ["methods", methods, "docs/objective.md"],
  ["methods", methods, "docs/cli.md"],
  ["optimizers", optimizers, "docs/cli.md"],
])("all %s are in their page", (what, table, page) => {
  const text = readFileSync(page, "utf8");
  const absent = Object.keys(table).filter((name) => !text.includes(`\`${name}\``));
  expect(absent, `${what} that ${page} does not name in \`code\``).toEqual([]);
});

test("all commands have a section of docs/cli.md", () => {
  const text = readFileSync("docs/cli.md", "utf8");
  const names = buildProgram().commands.map((command) => command.name());
  expect(names.filter((name) => !text.includes(`\n## ${name}\n`))).toEqual([]);
});

test("all flags of all commands are in docs/cli.md", () => {
  const page = readFileSync("docs/cli.md", "utf8");
  const sections = page.split(/^## /m);
  const { commands } = buildProgram();
  const isNamed = (flag: string, command: string) => {
    const section = sections.find((each) => each.startsWith(`${command}\n`)) ?? "";
    return new RegExp(`${flag}(?![-\\w])`).test(section);
  };
  // What a command has from train is described there.
  const trains = commands.find((command) => command.name() === "train")!.options.map(({ long }) => long);
  const missing = commands.flatMap((command) =>
    [command, ...command.commands].flatMap(({ options }) =>
      options
        .flatMap(({ long }) => long ?? [])
        .filter((flag) => flag !== "--verbose" && !isNamed(flag, command.name()))
        .filter((flag) => !trains.includes(flag) || !isNamed(flag, "train"))
        .map((flag) => `${command.name()} ${flag}`),
    ),
  );
  expect(page).toContain("--verbose");
  expect(missing).toEqual([]);
});

test.each([
  ["src/index.ts", alignreg],
  ["src/browser.ts", browser],
])("%s exports every family", (entry, exports) => {
  const exported = new Set<unknown>(Object.values(exports));
  // A page builds the Python package's objective nowhere.
  const wanted = Object.entries(families).filter(
    ([name]) => entry !== "src/browser.ts" || !name.startsWith("package-"),
  );
  const absent = wanted.filter(([, make]) => !exported.has(make)).map(([name]) => name);
  expect(absent, `families that ${entry} does not export`).toEqual([]);
});
