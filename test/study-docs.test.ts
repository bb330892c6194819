import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { criteria } from "../src/study/choose.ts";
import { parseStudy } from "../src/study/index.ts";
import { settingsAt } from "../src/study/schema.ts";

const page = readFileSync("docs/study.md", "utf8");

test("the example of the page is a study", () => {
  const [, example] = /```yaml\n([^]*?)```/.exec(page)!;
  expect(parseStudy(example, "example").seeds).toEqual([0, 1, 2]);
});

describe("the page names", () => {
  const nested = ["data", "model", "optimizer", "schedule", "lambda"];
  const top = settingsAt([]).filter((key) => !nested.includes(key));
  const inner = nested.flatMap((key) => settingsAt([key]).map((setting) => [key, setting]));

  test.each(top)("the setting %s", (setting) => {
    expect(page).toMatch(new RegExp(`^\\|.*\`${setting}\`.*\\|`, "m"));
  });

  test.each(inner)("the setting %s.%s", (key, setting) => {
    const rows = page.split("\n").filter((line) => line.startsWith(`| \`${key}.`));
    // Further ones of a row leave the mapping's name out.
    expect(rows.join("\n")).toMatch(new RegExp(`\`(${key})?\\.${setting}\``));
  });

  test.each(Object.keys(criteria))("the criterion %s", (name) => {
    expect(page).toContain(`| \`${name}\``);
  });
});
