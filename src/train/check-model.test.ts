import { expect, test } from "vitest";
import { type Graph, type GraphNode, readModel, upgradeGraph } from "../onnx/index.ts";
import { lenet } from "../models/index.ts";
import { tensor } from "../tensor/index.ts";
import { readFileSync } from "node:fs";
import { pytorchCase } from "../../test/pytorch-case.ts";
import { trainableNames } from "../parameters/index.ts";
import { UntrainableModelError, checkModel } from "./index.ts";

const good = upgradeGraph(lenet().graph);

const node = (opType: string, inputs: string[], output: string, domain = ""): GraphNode => ({
  opType,
  domain,
  name: `the ${opType}`,
  inputs,
  outputs: [output],
  attributes: {},
});

/** LeNet with one more node behind a layer, through which the logits go. */
const withNode = (opType: string, domain = ""): Graph => {
  const nodes = good.nodes.map((n) => (n.outputs[0] === "logits" ? { ...n, outputs: ["before"] } : n));
  return { ...good, nodes: [...nodes, node(opType, ["before"], "logits", domain)] };
};

const findingsOf = (graph: Graph, trained = trainableNames(graph), logits = "logits"): readonly string[] => {
  try {
    checkModel(graph, trained, logits, "m.onnx");
    return [];
  } catch (error) {
    if (!(error instanceof UntrainableModelError)) throw error;
    expect(error.message).toMatch(/^m\.onnx cannot be trained/);
    return error.findings;
  }
};

test("what can be trained passes", () => {
  expect(findingsOf(good)).toEqual([]);
  const { model } = pytorchCase("densenet-training-opset15-batch4");
  expect(findingsOf(upgradeGraph(readModel(readFileSync(model)).graph))).toEqual([]);
});

test.each([
  ["QLinearConv", "", /It is quantized \(QLinearConv 1×: "the QLinearConv"\)\. Train the float32 model/],
  ["DequantizeLinear", "", /It is quantized/],
  [
    "FusedConv",
    "com.microsoft",
    /optimized for inference \(com\.microsoft\.FusedConv 1×.*BatchNormalization.*lost/,
  ],
  ["Conv", "com.microsoft.nchwc", /optimized for inference/],
  ["Loop", "", /branches or loops on data/],
  ["ATen", "org.pytorch.aten", /operators of PyTorch that are not ONNX/],
  [
    "FancyPool",
    "",
    /operators that are not supported \(FancyPool 1×: "the FancyPool"\).*docs\/operators\.md/,
  ],
])("%s of the domain %j is named, with what to do", (opType, domain, message) => {
  const findings = findingsOf(withNode(opType, domain));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatch(message);
});

test("an operator without a gradient rule matters only between trained parameters and the logits", () => {
  const graph = withNode("MaxUnpool");
  expect(findingsOf(graph)[0]).toMatch(/without a gradient rule.*MaxUnpool 1×.*\(trainable\)/);
  expect(findingsOf(graph, trainableNames(graph), "before")).toEqual([]);
  expect(findingsOf(graph, [])).toEqual([]);
});

test("half precision and a missing tensor are named; several findings come together", () => {
  const halves = new Map([...good.initializers, ["half", tensor("float16", [1])] as const]);
  const findings = findingsOf({ ...good, initializers: halves }, [], "nothing");
  expect(findings).toHaveLength(2);
  expect(findings[0]).toMatch(/1 tensors in half precision \(half\).*float32/);
  expect(findings[1]).toMatch(/no tensor "nothing" for the logits\. The last of its tensors are: .*logits/);
  expect(() => checkModel({ ...good, initializers: halves }, [], "nothing", "m")).toThrow(
    /m cannot be trained, for 2 reasons\.\n- It holds/,
  );
});

test("BatchNormalization whose statistics are computed in the graph is named", () => {
  const batchNormalization = node("BatchNormalization", ["before", "scale", "bias", "mean", "var"], "logits");
  const nodes = withNode("Relu").nodes.map((n) => (n.outputs[0] === "logits" ? batchNormalization : n));
  expect(findingsOf({ ...good, nodes }, [])[0]).toMatch(/running statistics.*do_constant_folding=False/);
});
