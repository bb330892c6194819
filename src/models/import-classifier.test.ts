import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TrainingInfoProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { type GraphBuilder, type Model, type Value, modelOf, readModel, writeModel } from "../onnx/index.ts";
import { UsageError, float32 } from "../tensor/index.ts";
import { buildClassifier, cardMetadata, importClassifier } from "./index.ts";

const modelWith = (
  end: (g: GraphBuilder, logits: Value) => Value,
  metadata: Record<string, string> = {},
): Model => {
  const { graph } = buildClassifier("small", [2, 3, 3], (g, images) => {
    const flat = g.op1("Flatten", [images], { axis: 1 });
    const weight = g.initializer("w", float32([18, 4], new Float32Array(72).fill(0.1)));
    const [logits] = g.op("MatMul", [flat, weight], {}, { outputs: ["z"] });
    return end(g, logits);
  });
  return modelOf(graph, metadata);
};

const modelOfNothing = buildClassifier("nothing", [2, 3, 3], (g, x) => g.op1("Flatten", [x]));

test("images are the one input, logits the first output", () => {
  const { input, logits, normalization } = importClassifier(modelWith((g, z) => g.neg(z)));
  expect({ input, logits, normalization }).toEqual({
    input: "images",
    logits: "logits",
    normalization: undefined,
  });
});

test.each(["Softmax", "LogSoftmax"])("the logits are what goes into a final %s", (opType) => {
  const model = modelWith((g, z) => g.op1("Identity", [g.op1(opType, [z], { axis: 1 })]));
  expect(importClassifier(model).logits).toBe("z");
  expect(importClassifier(model, { output: "logits" }).logits).toBe("logits");
});

test("the normalisation is the stated one, or what the file says", () => {
  const recorded = { mean: [0.5, 0.25], std: [0.1, 0.2] };
  const model = modelWith(
    (_, z) => z,
    cardMetadata({ ...modelOfNothing, metadata: { author: "me" }, normalization: recorded }),
  );
  expect(importClassifier(model)).toMatchObject({ normalization: recorded, metadata: { author: "me" } });
  const stated = { mean: [0, 0], std: [1, 1] };
  expect(importClassifier(model, { normalization: stated }).normalization).toEqual(stated);
  const damaged = modelWith((_, z) => z, { "alignreg.mean": "half", "alignreg.std": "[1]" });
  expect(() => importClassifier(damaged)).toThrow(
    /metadata give "half" for alignreg.mean; a list of numbers is needed/,
  );
});

test("what takes no single batch of float32 images is refused", () => {
  const { graph, ...rest } = modelWith((_, z) => z);
  const [images] = graph.inputs;
  const refusal = (inputs: typeof graph.inputs) => () =>
    importClassifier({ ...rest, graph: { ...graph, inputs } }, { source: "m.onnx" });
  expect(refusal([images, { ...images, name: "mask" }])).toThrow(/m\.onnx has 2 inputs \(images: .*, mask: /);
  const labels = { name: "labels", dtype: "int64", shape: ["N"] } as const;
  const weight = { name: "fc.weight", dtype: "float32", shape: [4, 18] } as const;
  expect(refusal([images, labels, weight])).toThrow(
    /is what ONNX Runtime Training made .* export_model_for_inferencing/,
  );
  expect(refusal([{ ...images, shape: ["N", 18] }])).toThrow(/takes images: float32 \[N,18\]/);
  expect(refusal([{ ...images, dtype: "uint8" }])).toThrow(UsageError);
});

test("of what is left out is said what it was", () => {
  const model = modelWith((_, z) => z);
  const notes = (more: Partial<Model>) => importClassifier({ ...model, ...more }).notes;
  expect(notes({})).toEqual([]);
  expect(notes({ leftOut: ["label"] })).toEqual([
    `The file's outputs "label" are no tensors of numbers, and are left out.`,
  ]);
  const proto = fromBinary(ModelProtoSchema, writeModel(model));
  proto.trainingInfo.push(create(TrainingInfoProtoSchema, {}));
  expect(notes(readModel(toBinary(ModelProtoSchema, proto)))).toEqual([
    "The file's training info (ONNX's training_info) is not read, and is left out.",
  ]);
});
