import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as alignreg from "../src/index.ts";
import { operators } from "../src/graph-model/index.ts";
import { layersOf } from "../src/keras/index.ts";
import { kerasFixture, noisyLevels } from "./keras-case.ts";

test("docs/tensorflow.md lists the layers that are converted, all and only", () => {
  const page = readFileSync("docs/tensorflow.md", "utf8");
  const section = page.slice(page.indexOf("## Layers"), page.indexOf("Of Keras files alone:"));
  const listed = [...section.matchAll(/`(\w+)`/g)].map((match) => match[1]);
  expect(listed.sort()).toEqual(layersOf("tfjs").sort());
});

test("… and those of Keras files alone", () => {
  const page = readFileSync("docs/tensorflow.md", "utf8");
  const section = page.slice(page.indexOf("Of Keras files alone:"), page.indexOf("; and operations between"));
  const listed = [...section.matchAll(/`(\w+)`/g)].map((match) => match[1]);
  const shared = new Set(layersOf("tfjs"));
  expect(listed.sort()).toEqual(
    layersOf("keras")
      .filter((name) => !shared.has(name))
      .sort(),
  );
});

test("docs/tensorflow.md's lines for Keras files run as they stand, on small images", async () => {
  const page = readFileSync("docs/tensorflow.md", "utf8");
  const [, block] = /```ts\n(import \{ evaluate, fit, loadClassifier.*?)```/s.exec(page)!;
  const [, names, body] = /^import \{ (.*) \} from "alignreg";\n(.*)$/s.exec(block)!;
  const images = (seed: number) => noisyLevels([1, 12, 12], 5, 40, seed);
  const given: Record<string, unknown> = {
    ...alignreg,
    mnist: () => Promise.resolve({ train: images(1), test: images(2) }),
  };
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "alignreg-docs-"));
  try {
    copyFileSync(kerasFixture("sequential.keras"), join(folder, "net.keras"));
    process.chdir(folder);
    const listed = names.split(", ");
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own lines
    const run = new Function(
      ...listed,
      `return (async () => {${body}; return [before, after, again];})()`,
    ) as (...args: unknown[]) => Promise<[alignreg.Scores, alignreg.Scores, alignreg.Classifier]>;
    const [before, after, again] = await run(...listed.map((name) => given[name]));
    expect(after).not.toEqual(before);
    const path = "robust.onnx";
    await alignreg.saveClassifier(again, path);
    await alignreg.saveClassifier(
      await alignreg.loadClassifier(path),
      "again.keras",
      {},
      { like: "net.keras" },
    );
    expect(readFileSync("again.keras")).toEqual(readFileSync("robust.keras"));
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
});

test("… and the operators of graph models", () => {
  const page = readFileSync("docs/tensorflow.md", "utf8");
  const section = page.slice(
    page.indexOf("## Graph models"),
    page.indexOf("Everything else is refused by name"),
  );
  const rows = section.slice(section.indexOf("| kind "));
  const listed = [...rows.matchAll(/`(\w+)`/g)].map((match) => match[1]);
  // Not converted by what they are given: the graph's input and its weights.
  expect(listed.sort()).toEqual([...operators.keys(), "Const", "Placeholder"].sort());
});
