import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/pytorch.md", "utf8");
const python = [...page.matchAll(/```py\n(.*?)```/gs)].map((match) => match[1]);

test("docs/pytorch.md loads weights by the very lines that are run against PyTorch", () => {
  expect(python[1]).toBe(readFileSync("examples/pytorch/load_weights.py", "utf8"));
});

test("docs/pytorch.md exports by the arguments of the example", () => {
  const example = readFileSync("examples/pytorch/export.py", "utf8");
  const given = python[0].split("\n").filter((line) => /^ {4}\w+=/.test(line) && !line.includes("dynamo"));
  expect(given.length).toBeGreaterThan(5);
  for (const line of given) expect(example).toContain(line);
});
