import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { layersOf } from "../src/keras/index.ts";

test("docs/tensorflow.md lists the layers that are converted, all and only", () => {
  const page = readFileSync("docs/tensorflow.md", "utf8");
  const section = page.slice(page.indexOf("## Layers"), page.indexOf("Activations:"));
  const listed = [...section.matchAll(/`(\w+)`/g)].map((match) => match[1]);
  expect(listed.sort()).toEqual(layersOf("tfjs").sort());
});
