import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { evaluateTable, fitTable, predictTable } from "../src/api/index.ts";
import { resolveFitOptions } from "../src/api/resolve-fit-options.ts";
import { type FamilyName, families, familyOptions } from "../src/augment/index.ts";
import { addEvaluateCommand } from "../src/cli/evaluate.ts";
import { addPredictCommand } from "../src/cli/predict.ts";
import { addTrainCommand } from "../src/cli/train.ts";
import type { AnyTable } from "../src/options/index.ts";
import { takes } from "../src/options/index.ts";
import { parseStudy } from "../src/study/index.ts";
import { OPTIONS_PAGE, optionsPage } from "../tools/options.ts";

test("docs/options.md is what the tables say (npm run options writes it)", () => {
  expect(readFileSync(OPTIONS_PAGE, "utf8")).toBe(optionsPage());
});

/** The options of a command by their flags' long names. */
function flagsOf(add: (program: Command) => void): Map<string, unknown> {
  const program = new Command();
  add(program);
  return new Map(
    program.commands[0].options.map(({ long, defaultValue }) => [long!, defaultValue as unknown]),
  );
}

/** Rows with a flag, those of nested options included. */
function rowsOf(table: AnyTable): AnyTable[string][] {
  const rows = Object.values(table).flatMap((row) => [row, ...Object.values(row.members ?? {})]);
  return rows.filter(({ flag }) => flag !== undefined);
}

describe.each([
  ["train", addTrainCommand, fitTable],
  ["evaluate", addEvaluateCommand, evaluateTable],
  ["predict", addPredictCommand, predictTable],
] as const)("alignreg %s", (command, add, table) => {
  const flags = flagsOf(add);

  test.each(rowsOf(table).map((row) => [row.flag!.split(" ")[0], row] as const))(
    "%s is there, with the function's default or none",
    (flag, row) => {
      expect([...flags.keys()]).toContain(flag);
      // A specification on the command line, a family in the function.
      if (flag === "--transforms")
        return expect(flags.get(flag)).toBe(command === "predict" ? undefined : "rotation");
      if (flags.get(flag) !== undefined) expect(flags.get(flag)).toEqual(row.default);
    },
  );
});

test("fit fills in what its table says", () => {
  const settings = resolveFitOptions({}) as Readonly<Record<string, unknown>>;
  for (const [name, row] of Object.entries(fitTable as AnyTable)) {
    if (row.default !== undefined && name in settings) expect(settings[name], name).toEqual(row.default);
  }
  expect(settings.epochs).toBe(2);
});

test("a study trains as fit does, but for what its docs say", () => {
  const study = parseStudy("name: s\ndata: { name: mnist }\nfamilies: [rotation]\n", "s.yaml");
  const { epochs, batchSize, optimizer, selection } = study;
  expect({ epochs, batchSize, selection }).toEqual({
    // Not by the number of images, as fit's.
    epochs: 2,
    batchSize: 128,
    selection: "sample",
  });
  expect(optimizer).toEqual({
    name: fitTable.optimizer.default,
    learningRate: fitTable.learningRate.default,
  });
});

test("every default is a value that its option takes", () => {
  const all = [fitTable, evaluateTable, ...Object.values(familyOptions)] as AnyTable[];
  for (const row of all.flatMap((table) => Object.values(table))) {
    if (row.default !== undefined) expect(takes(row, row.default), row.description).toBe(true);
  }
});

test.each(Object.keys(familyOptions) as FamilyName[])("%s is by default what its table says", (name) => {
  const defaults = Object.fromEntries(
    Object.entries(familyOptions[name]).map(([option, row]) => [option, row.default]),
  );
  const made = families[name](defaults);
  expect(made.members.map((member) => member.name)).toEqual(
    families[name]().members.map((member) => member.name),
  );
});

/** The docstring above each option says its default too: for those who read the types. */
test.each([
  ["src/api/fit-options.ts", fitTable],
  ["src/api/evaluate-options.ts", evaluateTable],
  ["src/api/prediction-options.ts", predictTable],
] as const)("%s: defaults in docstrings are the table's", (file, table) => {
  const text = readFileSync(file, "utf8");
  for (const [name, row] of Object.entries(table as AnyTable)) {
    const [, doc] = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:readonly )?${name}\\?:`).exec(text) ?? [];
    const [, said] = /[Dd]efault ("[^"]*"|[\d.]+(?:e-?\d+)?)(?=[,.:;)\s])/.exec(doc ?? "") ?? [];
    if (said === undefined) continue;
    expect(Number.isNaN(Number(said)) ? said : Number(said), name).toEqual(
      typeof row.default === "string" ? JSON.stringify(row.default) : row.default,
    );
  }
});
