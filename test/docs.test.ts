import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const pages = ["README.md", "CHANGELOG.md"].concat(
  readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
);

test.each(pages)("%s: every link to a file leads to one", (page) => {
  const text = readFileSync(page, "utf8");
  const targets = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((match) => match[1]);
  const broken = targets.filter((t) => !/^[a-z]+:/.test(t) && !existsSync(join(dirname(page), t)));
  expect(broken).toEqual([]);
});

test("the README's commands are scripts of the package", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const named = [...readFileSync("README.md", "utf8").matchAll(/npm (?:run )?(?:--silent )?([a-z:]+)/g)];
  const commands = named.map((match) => match[1]).filter((name) => !["ci", "install"].includes(name));
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
});
