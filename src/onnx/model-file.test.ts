import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { AlignregError, type Tensor, float32, int64, random, tensor } from "../tensor/index.ts";
import { float } from "./attribute.ts";
import { GraphBuilder } from "./builder.ts";
import { ModelError } from "./errors.ts";
import { externalLocations } from "./external-locations.ts";
import type { Graph, GraphNode, Model } from "./graph.ts";
import { inlineGraph } from "./inline.ts";
import { modelOf, readModel, writeModel } from "./model-file.ts";
import { prunedGraph } from "./prune.ts";
import { upgradeGraph } from "./upgrade.ts";

const folder = join(import.meta.dirname, "..", "..", "test", "fixtures");
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(folder, file)));
const fixtures = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (f) => f.endsWith(".onnx") && externalLocations(bytesOf(f)).length === 0,
);

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  more: Partial<GraphNode> = {},
): GraphNode => ({
  opType,
  domain: "",
  name: `${opType}_${outputs[0]}`,
  inputs,
  outputs,
  attributes: {},
  ...more,
});

const info = (name: string) => ({ name, dtype: "float32" as const, shape: [2, 3] });

const graphOf = (nodes: GraphNode[], more: Partial<Graph> = {}): Graph => ({
  name: "test",
  inputs: [info("x")],
  outputs: [info("y")],
  nodes,
  initializers: new Map(),
  opsets: new Map([["", 17]]),
  ...more,
});

const reread = (model: Model) => readModel(writeModel(model), "test.onnx");

test("there are hundreds of fixtures", () => expect(fixtures.length).toBeGreaterThan(500));

test("writing what was read from any fixture and reading it again changes nothing", () => {
  for (const file of fixtures) {
    const model = readModel(bytesOf(file), file);
    const again = writeModel(model);
    // Node's comparison, as Vitest's takes seconds for arrays of this length.
    expect(isDeepStrictEqual(readModel(again, file), model), file).toBe(true);
    expect(isDeepStrictEqual(writeModel(model), again), file).toBe(true);
  }
});

test("what is said of nodes and values survives, and is neither lost by an upgrade nor by pruning", () => {
  const metadata = { "pkg.torch.onnx.fx_node": "%relu : call", __proto__x: "é" };
  const said = new Map<string, Record<string, string>>([
    ["x", { kind: "USER_INPUT" }],
    ["w", { kind: "PARAMETER", name: "p_w" }],
    ["y", { kind: "USER_OUTPUT" }],
  ]);
  const graph = graphOf(
    [
      node("Softmax", ["x"], ["s"], { metadata }),
      node("Mul", ["s", "w"], ["y"], { metadata }),
      node("Relu", ["x"], ["unused"]),
    ],
    {
      initializers: new Map([["w", float32([3], [1, 2, 3])]]),
      valueMetadata: said,
      opsets: new Map([["", 11]]),
    },
  );
  const read = reread(modelOf(graph)).graph;
  expect(read.valueMetadata).toEqual(said);
  expect(read.nodes.map((n) => n.metadata)).toEqual([metadata, metadata, undefined]);
  const upgraded = upgradeGraph(prunedGraph(read, ["y"]));
  expect(upgraded.valueMetadata).toEqual(said);
  expect(upgraded.nodes.length).toBeGreaterThan(2);
  expect(upgraded.nodes.map((n) => n.metadata)).toEqual(upgraded.nodes.map(() => metadata));
});

test("every kind of value survives: attributes, element types, symbolic and unknown dimensions, metadata", () => {
  const initializers = new Map<string, Tensor>([
    ["f", float32([2], [1.5, -0])],
    ["d", tensor("float64", [1], Float64Array.of(Math.PI))],
    ["h", tensor("float16", [2], Uint16Array.of(0x3c00, 0xc000))],
    ["i", int64([2 ** 53 - 1, -5])],
    ["u", tensor("uint8", [3], Uint8Array.of(0, 128, 255))],
    ["b", tensor("bool", [2], Uint8Array.of(1, 0))],
    ["none", float32([0, 3], [])],
    ["scalar", tensor("int32", [], Int32Array.of(-7))],
  ]);
  const attributes = {
    int: -3,
    ints: [1, 2, 3],
    float: float(0.5),
    floats: { floats: [0.25, -1] },
    string: "ünï",
    strings: ["a", ""],
    tensor: float32([1], [2]),
    largest: 2 ** 63,
  };
  const graph = graphOf([node("Custom", ["x", "", "f"], ["y", ""], { domain: "my.domain", attributes })], {
    inputs: [
      { name: "x", dtype: "float32", shape: ["batch", 3, null] },
      { name: "z", dtype: "int64", shape: null },
      { name: "s", dtype: "bool", shape: [] },
    ],
    initializers,
    opsets: new Map([
      ["", 17],
      ["my.domain", 2],
    ]),
  });
  const model = modelOf(graph, { author: "someone", empty: "" });
  expect(reread(model)).toEqual(model);
});

test("nodes in any order come out so that each follows what it reads", () => {
  const graph = graphOf([node("Relu", ["h"], ["y"]), node("Neg", ["x"], ["h"])]);
  expect(reread(modelOf(graph)).graph.nodes.map((n) => n.opType)).toEqual(["Neg", "Relu"]);
});

test("initializers that old exporters list among the inputs are no inputs", () => {
  const graph = graphOf([node("Add", ["x", "w"], ["y"])], {
    inputs: [info("x"), info("w")],
    initializers: new Map([["w", float32([2, 3], [1, 2, 3, 4, 5, 6])]]),
  });
  expect(reread(modelOf(graph)).graph.inputs.map((i) => i.name)).toEqual(["x"]);
});

describe("damaged files", () => {
  const source = "conv.onnx";
  const whole = bytesOf("gradients/Conv/groups2.onnx");

  test("cut off anywhere, a file is refused by a ModelError that says so", () => {
    for (let length = 0; length < whole.length; length += Math.max(1, Math.floor(length / 50))) {
      expect(() => readModel(whole.slice(0, length), source), `${length} bytes`).toThrow(ModelError);
    }
    expect(() => readModel(whole.slice(0, whole.length - 30), source)).toThrow(
      /conv\.onnx is not an ONNX file, or it is cut off \(\d+ bytes/,
    );
  });

  test("an empty file holds no graph", () => {
    expect(() => readModel(new Uint8Array(), source)).toThrow(/conv\.onnx holds no ONNX graph.*\.onnx file/);
  });

  test("text, images and random bytes are refused", () => {
    const garbage = [
      new TextEncoder().encode("<!doctype html><title>404</title>"),
      new TextEncoder().encode('{"model": true}'),
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
    ];
    const rng = random(5, "garbage");
    for (let i = 0; i < 50; i++) garbage.push(Uint8Array.from({ length: 200 }, () => rng.integer(256)));
    for (const bytes of garbage) expect(() => readModel(bytes, source)).toThrow(ModelError);
  });

  test("any changed byte gives a graph or a named error, never another exception", () => {
    const rng = random(7, "flip");
    for (let i = 0; i < 2000; i++) {
      const bytes = whole.slice();
      for (let k = 0; k < 3; k++) bytes[rng.integer(bytes.length)] = rng.integer(256);
      try {
        const graph = upgradeGraph(readModel(bytes, source).graph);
        const g = new GraphBuilder();
        const inputs = graph.inputs.map(
          ({ name }) => [name, g.input(name, "float32", [2, 4, 6, 5])] as const,
        );
        inlineGraph(g, graph, new Map(inputs));
      } catch (error) {
        expect(error, `trial ${i}`).toBeInstanceOf(AlignregError);
      }
    }
  });
});

describe("tensors", () => {
  const proto = (initializer: object) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { irVersion: 8n, graph: { name: "g", initializer: [initializer] } }),
    );
  const FLOAT = TensorProto_DataType.FLOAT;

  test.each([
    [
      "too few raw bytes",
      { rawData: new Uint8Array(20), dims: [2n, 3n] },
      /"w": shape \[2,3\].*24 bytes.*has 20/,
    ],
    ["too few elements", { floatData: [1, 2], dims: [3n] }, /"w": shape \[3\].*3 elements.*has 2/],
    ["a negative length", { floatData: [], dims: [-2n, -3n] }, /"w": shape \[-2,-3\].*negative/],
    ["an enormous length", { rawData: new Uint8Array(4), dims: [2n ** 62n] }, /bytes, the file has 4/],
    [
      "an external file",
      {
        dims: [1n],
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: [{ key: "location", value: "w.bin" }],
      },
      /"w" is stored in the external file "w.bin", which was not given.*save the model with its data inside/,
    ],
    [
      "strings",
      { dims: [1n], dataType: TensorProto_DataType.STRING },
      /"w" has element type STRING.*not supported.*float32/,
    ],
  ])("%s", (_, fields, message) => {
    const bytes = proto({ name: "w", dataType: FLOAT, ...fields });
    expect(() => readModel(bytes, "t.onnx")).toThrow(ModelError);
    expect(() => readModel(bytes, "t.onnx")).toThrow(message);
  });

  test("values are read from the typed fields too", () => {
    const bytes = proto({
      name: "w",
      dataType: TensorProto_DataType.INT64,
      dims: [2n],
      int64Data: [5n, -6n],
    });
    expect(readModel(bytes).graph.initializers.get("w")).toEqual(int64([5, -6]));
    const flags = proto({ name: "w", dataType: TensorProto_DataType.BOOL, dims: [2n], int32Data: [1, 0] });
    expect(readModel(flags).graph.initializers.get("w")).toEqual(tensor("bool", [2], Uint8Array.of(1, 0)));
  });
});

describe("malformed graphs", () => {
  test.each<[string, Graph, RegExp]>([
    [
      "a cycle",
      graphOf([node("Add", ["x", "b"], ["a"]), node("Neg", ["a"], ["b"]), node("Relu", ["a"], ["y"])]),
      /cycle: Add node "Add_a" <- Neg node "Neg_b" <- Add node "Add_a"/,
    ],
    [
      "a dangling input",
      graphOf([node("Relu", ["nowhere"], ["y"])]),
      /Relu node "Relu_y" reads "nowhere", which is no graph input, initializer or node output/,
    ],
    [
      "a value made twice",
      graphOf([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])]),
      /"y" is made twice: by Relu node "Relu_y" and by Neg node "Neg_y"/,
    ],
    [
      "a node that makes an initializer",
      graphOf([node("Relu", ["x"], ["y"])], { initializers: new Map([["y", float32([2, 3])]]) }),
      /"y" is made twice: by an input or initializer and by Relu node/,
    ],
    [
      "two inputs of one name",
      graphOf([node("Relu", ["x"], ["y"])], { inputs: [info("x"), info("x")] }),
      /two inputs named "x"/,
    ],
    [
      "an output that nothing makes",
      graphOf([node("Relu", ["x"], ["z"])]),
      /nothing makes the graph output "y"/,
    ],
  ])("%s", (_, graph, message) => {
    expect(() => reread(modelOf(graph))).toThrow(ModelError);
    expect(() => reread(modelOf(graph))).toThrow(message);
  });

  test("two initializers of one name and sparse weights are refused", () => {
    const make = (graph: object) =>
      toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { name: "g", ...graph } }));
    const w = { name: "w", dataType: 1, dims: [1n], floatData: [1] };
    expect(() => readModel(make({ initializer: [w, w] }), "m")).toThrow(/m has two initializers named "w"/);
    const sparse = make({ initializer: [w], sparseInitializer: [{ dims: [3n] }] });
    expect(() => readModel(sparse, "m")).toThrow(/sparse.*dense/);
    const sequence = make({
      initializer: [w],
      input: [{ name: "s", type: { value: { case: "sequenceType", value: {} } } }],
    });
    expect(() => readModel(sequence, "m")).toThrow(/value "s" is no tensor \(sequenceType\)/);
  });

  test("a chain of 100 000 nodes does not overflow the stack", () => {
    const length = 100_000;
    const chain = Array.from({ length }, (_, i) =>
      node("Relu", [i === 0 ? "x" : `h${i}`], [i === length - 1 ? "y" : `h${i + 1}`]),
    );
    expect(reread(modelOf(graphOf(chain.reverse()))).graph.nodes[0].inputs).toEqual(["x"]);
  });
});
