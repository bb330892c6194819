import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fit, inspectTensors, loadClassifier } from "../api/index.ts";
import { datasetFromArrays } from "../data/index.ts";
import { LimitError } from "../options/index.ts";
import { innerValues } from "../runtime/index.ts";
import { float32, halfToNumber, numbersOf } from "../tensor/index.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/half");
const pathOf = (name: string) => join(FIXTURES, `${name}.onnx`);
const numbers = JSON.parse(readFileSync(join(FIXTURES, "numbers.json"), "utf8")) as {
  images: number[];
  probabilities: Record<string, number[]>;
};
const images = float32([3, 3, 8, 8], numbers.images);

afterEach(() => vi.unstubAllEnvs());

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x0001, 2 ** -24],
  [0x83ff, -1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
  [0x8000, -0],
])("the bits %s are %s", (bits, value) => expect(halfToNumber(bits)).toBe(value));

// What is only stored in half precision is computed alike; what computes in it rounds to 2⁻¹¹ at each node.
const forms = [
  ["stored", 1e-6],
  ["inside", 2e-3],
  ["whole", 2e-3],
  ["blocked", 2e-3],
] as const;

describe.each(forms)("%s half precision", (name, atol) => {
  test("gives ONNX Runtime's numbers", async () => {
    const { graph } = await loadClassifier(pathOf(name));
    const run = await innerValues(graph, ["probabilities"], { images });
    expect(numbersOf(run.probabilities)).toBeAllClose(numbers.probabilities[name], { atol });
  });

  test("is float32 all over, under the same names, and trains", async () => {
    const model = await loadClassifier(pathOf(name));
    expect([...model.graph.initializers.values()].map(({ dtype }) => dtype)).not.toContain("float16");
    const noted = (model.notes ?? []).filter((note) => note.includes("half precision"));
    expect(noted).toHaveLength(name === "stored" ? 0 : 1);
    const parameters = ["conv.weight", "conv.bias", "bn.weight", "bn.bias", "fc.weight", "fc.bias"];
    const { tensors } = inspectTensors(model, { shape: [3, 8, 8] });
    const trains = tensors.filter(({ trains }) => trains).map((tensor) => tensor.name);
    expect(trains.toSorted()).toEqual(parameters.toSorted());
    const photographs = datasetFromArrays({
      name: "noise",
      shape: [3, 8, 8],
      pixels: numbers.images.map((x) => Math.floor(255 * x)),
      labels: [0, 1, 2],
      classNames: ["a", "b", "c", "d"],
    });
    const { model: after } = await fit(model, photographs, { method: "base", epochs: 1, onNote: () => {} });
    for (const parameter of parameters)
      expect(after.graph.initializers.get(parameter)!.data, parameter).not.toEqual(
        model.graph.initializers.get(parameter)!.data,
      );
  });
});

test("what it takes in float32 is bounded", async () => {
  vi.stubEnv("ALIGNREG_MAX_TENSOR_BYTES", "700");
  const asked = loadClassifier(pathOf("stored"));
  await expect(asked).rejects.toThrow(LimitError);
  await expect(asked).rejects.toThrow(/its half precision as float32, asks for/);
});
