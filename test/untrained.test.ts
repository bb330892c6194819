/** Nets as they are made, whose equal scales and biases the newer exporter merges or leaves out (tools/zoo). */
import { describe, expect, test } from "vitest";
import { weightsFile } from "../src/api/index.ts";
import { numbersOf } from "../src/tensor/index.ts";
import { type ZooRow, referenceOf, tensorErrors, threeSteps, zooRows } from "./zoo-case.ts";
import { refusedForms } from "./zoo-refused.ts";

const untrained = zooRows().filter(({ net }) => net.net.startsWith("untrained-"));
const named = (row: ZooRow) => [row.form.file.replace(/\.onnx$/, ""), row] as const;
const trainable = untrained.filter(({ form }) => !refusedForms.has(form.file));
const isFolded = ({ net }: ZooRow) => net.net.endsWith("resnet");

test("of torchvision and timm, by two opsets", () => {
  expect(trainable.filter((row) => row.form.kind === "dynamo" && !isFolded(row)).length).toBeGreaterThan(6);
});

describe.each(trainable.filter((row) => !isFolded(row)).map(named))("%s", (_, row) => {
  test("trains every parameter by its own name, none tied to another, without a doubt", async () => {
    const { data, changes } = referenceOf(row);
    const { model, trained, notes } = await threeSteps(row, data);
    const wanted = new Map(row.net.parameters.map(({ name, shape }) => [name, shape.join()]));
    const { initializers } = model.graph;
    expect(new Map(trained.map((name) => [name, initializers.get(name)!.shape.join()]))).toEqual(wanted);
    expect(notes.filter((note) => /parameter|tensor/.test(note))).toEqual([]);
    const errors = tensorErrors(row, changes, { model, trained } as never);
    expect(errors.length).toBeGreaterThanOrEqual(wanted.size);
    expect(errors.filter(({ weight }) => !(weight < 1e-4))).toEqual([]);
    const header = headerOf(weightsFile(model));
    expect(Object.keys(header.__metadata__)).toEqual(["format"]);
    for (const [name, shape] of wanted)
      expect((header[name] as { shape: number[] }).shape.join()).toBe(shape);
  });
});

describe.each(["untrained-tv-vit", "untrained-tv-convnext"])("%s", (net) => {
  const forms = trainable.filter((row) => row.net.net === net);

  test("with the exporter's optimizer and without it trains to the same weights", async () => {
    const plain = forms.find(({ form }) => form.kind === "dynamo-plain")!;
    const { data } = referenceOf(plain);
    const weights = async (row: ZooRow) => {
      const { model, trained } = await threeSteps(row, data);
      return new Map(trained.map((name) => [name, numbersOf(model.graph.initializers.get(name)!)]));
    };
    const want = await weights(plain);
    const got = await weights(forms.find(({ form }) => form.kind === "dynamo")!);
    expect([...got.keys()].sort()).toEqual([...want.keys()].sort());
    for (const [name, values] of want) {
      const error = Math.max(...values.map((value, i) => Math.abs(value - got.get(name)![i])));
      expect(error, name).toBeLessThan(1e-6);
    }
  });
});

test.each(trainable.filter(isFolded).map(named))(
  "%s: every parameter of a folded BatchNormalization is named before the training, with the line that keeps it",
  async (_, row) => {
    const { data } = referenceOf(row);
    const { trained, notes } = await threeSteps(row, data);
    const lost = row.net.parameters.map(({ name }) => name).filter((name) => !trained.includes(name));
    expect(lost.length).toBeGreaterThan(10);
    const [note] = notes.filter((text) => text.startsWith("BatchNormalization was folded into"));
    for (const name of lost) expect(note).toContain(name.replace(/\.\w+$/, ""));
    expect(note).toContain("optimize=False");
    // The bias that a folded layer has in PyTorch, where the exporter left it out.
    expect(trained).toContain("conv1.weight_bias");
  },
);

type Header = Record<string, object> & { readonly __metadata__: Record<string, string> };

function headerOf(bytes: Uint8Array): Header {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
}
