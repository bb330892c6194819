import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { expect, test } from "vitest";
import { float32 } from "../tensor/index.ts";
import { GraphBuilder } from "./builder.ts";
import { externalLocations } from "./external-locations.ts";
import { modelOf, readModel, writeModel } from "./model-file.ts";

type Graph = NonNullable<ReturnType<typeof proto>["graph"]>;

function proto() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1, 2]);
  const y = g.op1("Mul", [x, g.initializer("w", float32([2], [1, 2]))]);
  return fromBinary(ModelProtoSchema, writeModel(modelOf(g.build("g", { logits: y }))));
}

const changed = (change: (graph: Graph) => void): Uint8Array => {
  const model = proto();
  change(model.graph!);
  return toBinary(ModelProtoSchema, model);
};

const node = (opType: string, input: string[], output: string[], attribute: object[] = []) =>
  create(NodeProtoSchema, { opType, input, output, attribute: attribute as never });

const output = (name: string, value: object) =>
  create(ValueInfoProtoSchema, { name, type: { value: value as never } });

const strings = create(TensorProtoSchema, {
  name: "names",
  dataType: TensorProto_DataType.STRING,
  dims: [2n],
  stringData: [new TextEncoder().encode("a"), new TextEncoder().encode("b")],
});

test("a second output of strings, and the table behind it, are left out and named", () => {
  const bytes = changed((graph) => {
    graph.initializer.push(strings);
    graph.node.push(node("ArgMax", ["logits"], ["index"]), node("Gather", ["names", "index"], ["label"]));
    graph.output.unshift(
      output("label", { case: "tensorType", value: { elemType: TensorProto_DataType.STRING } }),
    );
  });
  const { graph, leftOut } = readModel(bytes);
  expect(leftOut).toEqual(["label"]);
  expect(graph.outputs.map(({ name }) => name)).toEqual(["logits"]);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Mul", "ArgMax"]);
  expect([...graph.initializers.keys()]).toEqual(["w"]);
});

test("so are a sequence and a map", () => {
  const bytes = changed((graph) => {
    graph.node.push(node("SequenceConstruct", ["logits"], ["list"]));
    graph.output.push(output("list", { case: "sequenceType", value: {} }));
    graph.output.push(output("table", { case: "mapType", value: {} }));
    graph.node.push(node("ZipMap", ["logits"], ["table"]));
  });
  const { graph, leftOut } = readModel(bytes);
  expect(leftOut).toEqual(["list", "table"]);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Mul"]);
});

test("constants of types that cannot be read do no harm beside the logits, in initializers, nodes and other files", () => {
  const half = create(TensorProtoSchema, {
    name: "half",
    dataType: TensorProto_DataType.BFLOAT16,
    dims: [2n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: "location", value: "half.bin" }],
  });
  const attribute = { name: "value", type: AttributeProto_AttributeType.TENSOR, t: strings };
  const bytes = changed((graph) => {
    graph.initializer.push(half);
    graph.node.push(node("Constant", [], ["strings"], [attribute]), node("Cast", ["half"], ["other"]));
  });
  expect(externalLocations(bytes)).toEqual([]);
  const { graph, leftOut } = readModel(bytes);
  expect(leftOut).toBeUndefined();
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Mul"]);
});

test("what the logits need is read, or said to be unreadable", () => {
  const external = {
    dataType: TensorProto_DataType.FLOAT,
    dims: [2n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: "location", value: "c.bin" }],
  };
  const withConstant = (t: object) =>
    changed((graph) => {
      const attribute = {
        name: "value",
        type: AttributeProto_AttributeType.TENSOR,
        t: create(TensorProtoSchema, t),
      };
      graph.node.unshift(node("Constant", [], ["c"], [attribute]));
      graph.node[1].input[1] = "c";
    });
  expect(externalLocations(withConstant(external))).toEqual(["c.bin"]);
  const file = new Uint8Array(Float32Array.of(3, 4).buffer);
  const { graph } = readModel(withConstant(external), "m", new Map([["c.bin", file]]));
  expect(graph.nodes[0].attributes.value).toMatchObject({ data: Float32Array.of(3, 4) });
  expect(() => readModel(withConstant({ ...external, dataType: TensorProto_DataType.BFLOAT16 }))).toThrow(
    /element type BFLOAT16/,
  );
  const onlyStrings = changed((graph) => {
    graph.output[0] = output("logits", {
      case: "tensorType",
      value: { elemType: TensorProto_DataType.STRING },
    });
  });
  expect(() => readModel(onlyStrings)).toThrow(/STRING/);
});
