/** What is wrapped around an exported network's output, and how its batch is cut, changes no score. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type EvaluationResult, evaluate } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { type GraphNode, type Model, opsetOf, writeModel } from "../src/onnx/index.ts";
import { int64 } from "../src/tensor/index.ts";
import { readOnnx } from "../src/api/classifier-from.ts";
import { normalization, pytorchCase } from "./pytorch-case.ts";

const cases = [
  "lenet-folded-opset11-dynamic",
  "mobilenet-functions-opset18-dynamic",
  "resnet18-training-opset17-dynamic",
  "inception-training-opset11-dynamic",
  "densenet-training-opset15-batch4",
  "vision-transformer-training-opset17-dynamic",
  "squeeze-excitation-training-opset16-dynamic",
];

type Wrap = (last: string, opset: number) => readonly GraphNode[];

const node = (
  opType: string,
  inputs: string[],
  output: string,
  attributes: GraphNode["attributes"] = {},
) => ({
  opType,
  domain: "",
  name: `wrapped ${output}`,
  inputs,
  outputs: [output],
  attributes,
});

const wraps: Record<string, Wrap> = {
  Identity: (z) => [node("Identity", [z], "w1")],
  "Softmax, Reshape": (z) => [
    node("Softmax", [z], "w1", { axis: 1 }),
    node("Reshape", ["w1", "rows of 10"], "w2"),
  ],
  "LogSoftmax, Cast, Cast": (z) => [
    node("LogSoftmax", [z], "w1", { axis: 1 }),
    node("Cast", ["w1"], "w2", { to: 11 }),
    node("Cast", ["w2"], "w3", { to: 1 }),
  ],
  "Sigmoid, Flatten": (z) => [node("Sigmoid", [z], "w1"), node("Flatten", ["w1"], "w2", { axis: 1 })],
  "[N, 1, C]": (z) => [node("Reshape", [z, "rows of 1×10"], "w1")],
};

function wrapped(model: Model, wrap: Wrap): Uint8Array {
  const { graph } = model;
  const [output] = graph.outputs;
  const nodes = wrap(output.name, opsetOf(graph));
  const initializers = new Map([
    ...graph.initializers,
    ["rows of 10", int64([-1, 10])] as const,
    ["rows of 1×10", int64([-1, 1, 10])] as const,
  ]);
  const outputs = [{ ...output, name: nodes.at(-1)!.outputs[0], shape: null }];
  return writeModel({
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, ...nodes], outputs, initializers },
  });
}

const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const metadata = { "alignreg.classNames": JSON.stringify(names) };
const numbers = ({ cleanAccuracy, robustAccuracy, alignmentGap }: EvaluationResult) =>
  [cleanAccuracy, robustAccuracy, alignmentGap.mean].map(({ value }) => value);

test.each(cases)("%s", async (name) => {
  const { model: path, data: given } = pytorchCase(name);
  const model = { ...(await readOnnx({ kind: "onnx", bytes: readFileSync(path), path })), metadata };
  const data = datasetFromArrays({ ...given, classNames: names });
  const shape = data.shape[0] === 1 ? { mean: [0.5], std: [0.25] } : normalization;
  const options = { ...shape, transforms: rotation({ degrees: [30] }), threads: 1, onNote: () => undefined };
  const expected = numbers(await evaluate(writeModel(model), data, options));
  for (const [title, wrap] of Object.entries(wraps)) {
    const scores = numbers(await evaluate(wrapped(model, wrap), data, options));
    scores.forEach((score, i) => expect(score, title).toBeCloseTo(expected[i], 4));
  }
  // Folders in another order, and another batch size.
  const turned = datasetFromArrays({
    ...data,
    labels: data.labels.map((label) => 9 - label),
    classNames: names.toReversed(),
  });
  const again = numbers(await evaluate(writeModel(model), turned, { ...options, batchSize: 2 }));
  again.forEach((score, i) => expect(score).toBeCloseTo(expected[i], 4));
});
