import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type FamilySpec, loadFamily } from "../src/index.ts";

const page = readFileSync("docs/families.md", "utf8");

/** The code block that begins with this line. */
function block(language: string, beginning: string): string {
  const blocks = [...page.matchAll(/```(\w+)\n(.*?)```/gs)];
  return blocks.find(([, kind, text]) => kind === language && text.startsWith(beginning))![2];
}

test("every specification in docs/families.md makes a family, with the page's own module", async () => {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-families-"));
  writeFileSync(join(folder, "my-family.mjs"), block("js", "// my-family.mjs"));
  const specs = parse(block("yaml", "- rotation")) as FamilySpec[];
  const families = await Promise.all(specs.map((spec) => loadFamily(spec, folder)));
  rmSync(folder, { recursive: true });
  expect(families.map(({ members }) => members.length)).toEqual([5, 3, 3, 3, 2, 6, 6, 3]);
  expect(families.at(-1)!.members.map(({ name }) => name)).toEqual(["identity", "times 0.25", "times 0.5"]);
  const image = { data: Float32Array.of(1, 0.5), shape: [1, 1, 1, 2] as const };
  expect(families.at(-1)!.members[2].apply(image)).toEqual(Float32Array.of(0.5, 0.25));
});
