import { create, toBinary } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType as Kind, ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { createSession } from "../runtime/index.ts";
import { float32 } from "../tensor/index.ts";
import { modelOf, readModel, writeModel } from "./model-file.ts";

const type = {
  value: {
    case: "tensorType" as const,
    value: { elemType: 1, shape: { dim: [{ value: { case: "dimValue" as const, value: 3n } }] } },
  },
};

/** y = scaled(x, factor) twice, where scaled calls leaky (a LeakyRelu of an attribute) and multiplies by it. */
const model = ({ opset = 18n, inner = "leaky" } = {}) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 10n,
      opsetImport: [
        { domain: "", version: 18n },
        { domain: "local", version: 1n },
      ],
      functions: [
        {
          domain: "local",
          name: "leaky",
          input: ["x"],
          output: ["y"],
          attribute: ["slope"],
          opsetImport: [{ domain: "", version: opset }],
          node: [
            {
              opType: "LeakyRelu",
              input: ["x"],
              output: ["y"],
              attribute: [{ name: "alpha", type: Kind.FLOAT, refAttrName: "slope" }],
            },
          ],
        },
        {
          domain: "local",
          name: "scaled",
          input: ["x"],
          output: ["y"],
          attributeProto: [{ name: "slope", type: Kind.FLOAT, f: 0.5 }],
          opsetImport: [
            { domain: "", version: opset },
            { domain: "local", version: 1n },
          ],
          node: [
            {
              opType: inner,
              domain: "local",
              input: ["x"],
              output: ["h"],
              attribute: [{ name: "slope", type: Kind.FLOAT, refAttrName: "slope" }],
            },
            { opType: "Add", input: ["h", "h"], output: ["y"] },
          ],
        },
      ],
      graph: {
        name: "g",
        input: [{ name: "x", type }],
        output: [{ name: "y", type }],
        node: [
          { opType: "scaled", domain: "local", name: "first", input: ["x"], output: ["h"] },
          {
            opType: "scaled",
            domain: "local",
            name: "second",
            input: ["h"],
            output: ["y"],
            attribute: [{ name: "slope", type: Kind.FLOAT, f: 0.25 }],
          },
        ],
      },
    }),
  );

test("functions that call functions are written out, with the caller's attributes or the defaults", async () => {
  const { graph } = readModel(model());
  expect(graph.nodes.map((node) => node.opType)).toEqual(["LeakyRelu", "Add", "LeakyRelu", "Add"]);
  const feeds = { x: float32([3], [-4, 0, 3]) };
  const outputs = [];
  // ONNX Runtime expands the functions by itself: the reference.
  for (const bytes of [writeModel(modelOf(graph)), model()]) {
    const session = await createSession(bytes, { threads: 1 });
    outputs.push(Array.from((await session.run(feeds)).y.data as Float32Array));
    await session.release();
  }
  expect(outputs[0]).toEqual([-2, 0, 12]);
  expect(outputs[0]).toEqual(outputs[1]);
});

test("a function that calls itself, or of another opset, is an error", () => {
  expect(() => readModel(model({ inner: "scaled" }), "m.onnx")).toThrow(
    /m.onnx: the function scaled calls itself/,
  );
  expect(() => readModel(model({ opset: 17n }), "m.onnx")).toThrow(
    /at opset 18, and its function leaky at opset 17/,
  );
});
