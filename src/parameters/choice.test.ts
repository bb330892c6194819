import { expect, test } from "vitest";
import { pytorchCase } from "../../test/pytorch-case.ts";
import { loadClassifier } from "../api/index.ts";
import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { bufferNames, chosenNames, exportNotes, frozenStatistics, separateParameters } from "./index.ts";

const graphOf = async (name: string): Promise<Graph> =>
  separateParameters((await loadClassifier(pytorchCase(name).model)).graph);

const transformer = await graphOf("vision-transformer-training-opset17-dynamic");
const resnet = await graphOf("resnet18-training-opset17-dynamic");

test("all: class token, position embedding and a block's scale train too", () => {
  const names = chosenNames(transformer, "all");
  expect(names).toEqual([...transformer.initializers.keys()]);
  expect(names).toEqual(expect.arrayContaining(["cls_token", "pos_embed", "blocks.0.scale"]));
});

test("the last layers, counted from the logits; a bias goes with its product", () => {
  expect(chosenNames(transformer, { last: 1 })).toEqual(["head.weight", "head.bias"]);
  expect(chosenNames(transformer, { last: 4 })).toEqual([
    "blocks.1.scale",
    "blocks.1.mlp.2.weight",
    "blocks.1.mlp.2.bias",
    "norm.weight",
    "norm.bias",
    "head.weight",
    "head.bias",
  ]);
  expect(chosenNames(transformer, { last: 1000 })).toEqual(chosenNames(transformer, "all"));
});

test("names and patterns, in the file's order", () => {
  expect(chosenNames(resnet, ["linear.*", "layer4.1.bn2.weight"])).toEqual([
    "layer4.1.bn2.weight",
    "linear.weight",
    "linear.bias",
  ]);
  // Running statistics move by themselves.
  expect(chosenNames(resnet, ["*"])).toEqual(chosenNames(resnet, "all"));
});

test.each([
  [["layer9.*"], /no float32 initializer of the model is called "layer9\.\*".*conv1\.weight, bn1\.weight/],
  [["bn1.running_*"], /"bn1\.running_mean" is a running statistic, which moves by itself/],
  [[], /no pattern is given/],
  [{ last: 0 }, /the last 0 layers cannot train/],
])("%j is refused", (choice, message) => {
  expect(() => chosenNames(resnet, choice)).toThrow(UsageError);
  expect(() => chosenNames(resnet, choice)).toThrow(message);
});

test("a BatchNormalization whose scale and bias are frozen keeps its statistics, others move theirs", () => {
  expect(frozenStatistics(resnet, chosenNames(resnet, "all"))).toEqual(new Set());
  const frozen = frozenStatistics(resnet, ["layer4.1.bn2.bias", "linear.weight"]);
  expect(frozen.size).toBe(19);
  expect(frozen).not.toContain("layer4.1.bn2.running_var");
  expect(bufferNames(resnet, frozen)).toEqual(["layer4.1.bn2.running_mean", "layer4.1.bn2.running_var"]);
});

test("folded exports are told of, those under the module's names are not", async () => {
  expect(exportNotes(resnet)).toEqual([]);
  expect(exportNotes(transformer)).toEqual([
    expect.stringMatching(
      /^3 tensors train that may be no parameter.*: pos_embed, blocks\.\*\.scale \(2×\)\. If/,
    ),
  ]);
  expect(exportNotes(transformer, {}, false)).toEqual([]);
  const [note] = exportNotes(await graphOf("resnet18-folded-opset13-batch4"));
  expect(note).toMatch(/folded into 20 layers \(onnx::Conv_\* \(20×\)\).*TrainingMode\.PRESERVE/);
  // The newer exporter keeps the weight's name and names the new bias after the input.
  const convolution = { opType: "Conv", domain: "", name: "", outputs: ["y"], attributes: {} };
  const renamed = {
    ...resnet,
    nodes: [{ ...convolution, inputs: ["images", "conv1.weight", "images_bias"] }],
  };
  expect(exportNotes(renamed)[0]).toMatch(/folded into 1 layer \(conv1\.weight\)/);
  const transposed = {
    ...resnet,
    nodes: [{ ...convolution, opType: "MatMul", inputs: ["x", "onnx::MatMul_7"] }],
  };
  const weights = new Map([["onnx::MatMul_7", resnet.initializers.get("linear.weight")!]]);
  expect(exportNotes({ ...transposed, initializers: weights }, { logits: "y" })[0]).toMatch(
    /1 parameter was computed/,
  );
});
