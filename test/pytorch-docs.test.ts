import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/pytorch.md", "utf8");
const python = [...page.matchAll(/```py\n(.*?)```/gs)].map((match) => match[1]);
const tool = readFileSync("python/alignreg_export.py", "utf8");

test("docs/pytorch.md exports by hand with the arguments of alignreg_export.py", () => {
  const byHand = python.filter((block) => block.startsWith("torch.onnx.export("));
  expect(byHand).toHaveLength(2);
  for (const block of byHand) {
    const given = [...block.matchAll(/^ {4}(\w+=.*),$/gm)].map((match) => match[1]);
    expect(given.length).toBeGreaterThan(4);
    // Whose weights are large decides there.
    for (const argument of given.filter((text) => !text.startsWith("external_data")))
      expect(tool).toContain(argument);
  }
});

test("the Python file stays one that can be copied: under 80 lines, torch and Python's own modules", () => {
  expect(tool.split("\n").length - 1).toBeLessThan(80);
  expect([...tool.matchAll(/^(?:import|from) (.*)$/gm)].map((match) => match[1])).toEqual([
    "functools, inspect, json, pathlib, torch, warnings",
  ]);
});

test("it is a part of the package", () => {
  const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] };
  expect(files).toContain("python");
});
