import { describe, expect, test } from "vitest";
import { ShapeError, float32, int64, numbersOf, tensor } from "../tensor/index.ts";
import { type Attributes, float } from "./attribute.ts";
import { GraphBuilder } from "./builder.ts";
import { ModelError, UnsupportedOpError } from "./errors.ts";
import type { Graph } from "./graph.ts";
import { inlineGraph } from "./inline.ts";
import { upgradeGraph } from "./upgrade.ts";

const builder = () => {
  const g = new GraphBuilder();
  return { g, x: g.input("x", "float32", [2, 3]) };
};

describe("building", () => {
  test("what no output needs is left out", () => {
    const { g, x } = builder();
    const used = g.add(x, g.constant(float32([3], [1, 2, 3])));
    g.exp(g.mul(x, g.constant(float32([3], [4, 5, 6]))));
    const graph = g.build("test", { y: used });
    expect(graph.nodes.map((n) => n.opType)).toEqual(["Add"]);
    expect(graph.initializers.size).toBe(1);
    expect(graph.nodes[0].outputs).toEqual(["y"]);
  });

  test("an input, a constant or a value that is an output already is copied under its new name", () => {
    const { g, x } = builder();
    const y = g.neg(x);
    const graph = g.build("test", { first: y, second: y, same: x, two: g.scalar(2) });
    expect(graph.outputs.map((o) => o.name)).toEqual(["first", "second", "same", "two"]);
    expect(graph.nodes.map((n) => `${n.opType} ${n.outputs.join()}`).sort()).toEqual([
      "Identity same",
      "Identity second",
      "Identity two",
      "Neg first",
    ]);
  });

  test("equal small constants are one initializer; 0 and −0 are not equal, nor are other types and shapes", () => {
    const g = new GraphBuilder();
    const names = [
      g.scalar(0),
      g.scalar(0),
      g.scalar(-0),
      g.constant(float32([1], [0])),
      g.constant(tensor("float64", [], Float64Array.of(0))),
      g.constant(int64([0], [])),
    ].map((value) => value.name);
    expect(new Set(names).size).toBe(5);
    expect(names[0]).toBe(names[1]);
  });

  test("a name can be used once", () => {
    const { g, x } = builder();
    g.op1("Relu", [x], {}, { outputs: ["h"] });
    expect(() => g.op1("Relu", [x], {}, { outputs: ["h"] })).toThrow(/two values named "h"/);
    expect(() => g.input("x", "float32", [])).toThrow(ModelError);
  });

  test("names made during inlining stay apart from those that the graph brings along", () => {
    const { g, x } = builder();
    const graph = g.build("source", [g.neg(g.exp(g.exp(x)))]);
    const target = new GraphBuilder();
    const bound = new Map([["x", target.input("x", "float32", [2, 3])]]);
    const values = inlineGraph(target, graph, bound, {
      rewrite: (b, node, inputs) => (node.outputs[0] === "Exp_1" ? [b.exp(b.exp(inputs[0]!))] : null),
    });
    const nodes = target.build("target", { y: values.get(graph.outputs[0].name)! }).nodes;
    expect(nodes.map((n) => n.opType)).toEqual(["Exp", "Exp", "Exp", "Neg"]);
    expect(new Set(nodes.flatMap((n) => n.outputs)).size).toBe(4);
  });

  test("domains that are used are imported", () => {
    const { g, x } = builder();
    const y = g.op1("FusedMatMul", [x, x], { transB: 1 }, { domain: "com.microsoft" });
    expect([...g.build("test", [y]).opsets.keys()]).toEqual(["", "com.microsoft"]);
  });
});

describe("errors name the node, the values and what to do", () => {
  const images = (g: GraphBuilder) => g.input("images", "float32", [2, 3, 8, 8]);
  test.each<[string, (g: GraphBuilder) => unknown, new (...a: never[]) => Error, RegExp]>([
    [
      "an unknown operator",
      (g) => g.op("NonMaxSuppression", [images(g)], {}, { name: "boxes" }),
      UnsupportedOpError,
      /NonMaxSuppression \(NonMaxSuppression node "boxes"\) is not supported here\. Supported: .*Conv/,
    ],
    [
      "an unknown domain",
      (g) => g.op("Conv", [images(g)], {}, { domain: "acme" }),
      UnsupportedOpError,
      /acme\.Conv/,
    ],
    [
      "shapes that do not broadcast",
      (g) => g.op("Add", [images(g), g.constant(float32([5]))], {}, { name: "residual" }),
      ShapeError,
      /Add node "residual": Shapes \[2,3,8,8\] and \[5\] do not broadcast/,
    ],
    [
      "a weight of the wrong number of channels",
      (g) => g.op("Conv", [images(g), g.constant(float32([4, 2, 3, 3]))], {}, { name: "conv1" }),
      ShapeError,
      /Conv node "conv1": input \[2,3,8,8\] and weight \[4,2,3,3\] with group 1/,
    ],
    [
      "a bias of the wrong length",
      (g) => g.op("Conv", [images(g), g.constant(float32([4, 3, 3, 3])), g.constant(float32([3]))]),
      ShapeError,
      /bias \[3\] must be \[4\]/,
    ],
    [
      "a window larger than the image",
      (g) => g.op("MaxPool", [images(g)], { kernel_shape: [9, 9] }, { name: "pool" }),
      ShapeError,
      /MaxPool node "pool": a window of 9 does not fit spatial axis 0 of length 8/,
    ],
    [
      "strides for another rank",
      (g) => g.op("MaxPool", [images(g)], { kernel_shape: [2, 2], strides: [2] }),
      ShapeError,
      /strides \[2\]; 2 spatial axes/,
    ],
    [
      "pads for another rank",
      (g) => g.op("MaxPool", [images(g)], { kernel_shape: [2, 2], pads: [1, 1] }),
      ShapeError,
      /pads \[1,1\]; 2 spatial axes need 4/,
    ],
    [
      "a stride of 0",
      (g) => g.op("MaxPool", [images(g)], { kernel_shape: [2, 2], strides: [0, 1] }),
      ShapeError,
      /at least 1/,
    ],
    [
      "an attribute of the wrong kind",
      (g) => g.op("Flatten", [images(g)], { axis: float(1) }, { name: "flat" }),
      ModelError,
      /Attribute "axis" of Flatten node "flat" is missing or is not an integer/,
    ],
    [
      "a missing attribute",
      (g) => g.op("MaxPool", [images(g)], {}, { name: "pool" }),
      ModelError,
      /"kernel_shape" of MaxPool node "pool".*list of integers/,
    ],
    ["a missing input", (g) => g.op("Add", [images(g)]), ModelError, /Add.*lacks its input 1/],
    ["no input at all", (g) => g.op("Concat", [], { axis: 0 }), ModelError, /Concat.*lacks its input 0/],
    [
      "mixed element types",
      (g) => g.add(images(g), g.ints([1])),
      ShapeError,
      /mixes element types: float32, int64\. Add a Cast/,
    ],
    [
      "a shape that depends on data",
      (g) => g.op("Reshape", [images(g), g.input("shape", "int64", [2])], {}, { name: "view" }),
      ModelError,
      /Reshape node "view" takes its shape from "shape", whose contents depend on the data/,
    ],
    [
      "a reshape that loses elements",
      (g) => g.reshape(images(g), [7, -1]),
      ShapeError,
      /cannot turn shape \[2,3,8,8\] \(384 elements\) into \[7,-1\]/,
    ],
    [
      "an axis out of range",
      (g) => g.op("Softmax", [g.op1("Squeeze", [images(g), g.ints([9])])]),
      ShapeError,
      /Squeeze.*Axis 9 is out of range for rank 4/,
    ],
    [
      "inner lengths that differ",
      (g) => g.matMul(images(g), g.constant(float32([5, 2]))),
      ShapeError,
      /inner lengths of \[2,3,8,8\] and \[5,2\] differ/,
    ],
    [
      "too many outputs",
      (g) => g.op("Relu", [images(g)], {}, { outputs: 2 }),
      ModelError,
      /has 1 outputs, not 2/,
    ],
    [
      "a slice with too few ends",
      (g) => g.op("Slice", [images(g), g.ints([0, 0]), g.ints([1])]),
      ShapeError,
      /2 starts, 1 ends/,
    ],
    [
      "a constant index out of range",
      (g) => g.gather(g.op1("Shape", [images(g)]), g.ints([4])),
      ShapeError,
      /Gather.*index 4 of an axis of length 4/,
    ],
    [
      "computing in half precision",
      (g) => g.full([2], 1, "float16"),
      ModelError,
      /half precision.*Export in float32/,
    ],
  ])("%s", (_, make, kind, message) => {
    expect(() => make(new GraphBuilder())).toThrow(kind);
    expect(() => make(new GraphBuilder())).toThrow(message);
  });
});

describe("folding", () => {
  test("PyTorch's shape arithmetic before a Reshape leaves nothing but the Reshape", () => {
    // x.view(x.size(0), -1), as torch.onnx exports it, with a symbolic batch
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [5, 3, 2, 2]);
    const size = g.op1("Shape", [x]);
    const batch = g.gather(size, g.constant(int64([0], [])));
    const target = g.concat([g.op1("Unsqueeze", [batch, g.ints([0])]), g.ints([-1])], 0);
    const y = g.op1("Reshape", [x, target]);
    expect(y.shape).toEqual([5, 12]);
    const graph = g.build("view", { y });
    expect(graph.nodes.map((n) => n.opType)).toEqual(["Reshape"]);
    expect([...graph.initializers.values()]).toEqual([int64([5, -1])]);
  });

  test("shapes: slices of Shape, arithmetic, casts, comparisons and Where", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [5, 3, 8, 6]);
    const folded = (value: { constant?: Parameters<typeof numbersOf>[0] }) => numbersOf(value.constant!);
    const shape = g.op1("Shape", [x]);
    expect(folded(g.op1("Shape", [x], { start: -2 }))).toEqual([8, 6]);
    expect(folded(g.op1("Shape", [x], { start: 1, end: 3 }))).toEqual([3, 8]);
    expect(folded(g.op1("Size", [x]))).toEqual([720]);
    expect(folded(g.slice(shape, [{ axis: 0, start: -1, end: -5, step: -2 }]))).toEqual([6, 3]);
    expect(folded(g.div(shape, g.ints([2])))).toEqual([2, 1, 4, 3]);
    expect(folded(g.div(g.ints([-7]), g.ints([2])))).toEqual([-3]);
    expect(folded(g.where(g.equal(shape, g.ints([3])), g.ints([-1]), shape))).toEqual([5, -1, 8, 6]);
    expect(folded(g.cast(g.op1("Floor", [g.scale(g.cast(shape, "float32"), 0.3)]), "int64"))).toEqual([
      1, 0, 2, 1,
    ]);
    expect(folded(g.cast(g.constant(float32([3], [0, -0.5, 2])), "bool"))).toEqual([0, 1, 1]);
    expect(folded(g.transpose(g.constant(float32([2, 3], [1, 2, 3, 4, 5, 6])), [1, 0]))).toEqual([
      1, 4, 2, 5, 3, 6,
    ]);
    expect(folded(g.op1("ConstantOfShape", [g.ints([3])], { value: int64([7]) }))).toEqual([7, 7, 7]);
  });

  test("the largest int64, which exporters write for 'to the end', does not wrap round", () => {
    const g = new GraphBuilder();
    const end = g.constant(tensor("int64", [1], BigInt64Array.of(2n ** 63n - 1n)));
    const joined = g.concat([end, g.ints([1])], 0).constant!;
    expect(joined.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, 1n));
    expect(g.op1("Identity", [g.op1("Cast", [end], { to: 7 })]).constant!.data[0]).toBe(2n ** 63n - 1n);
    expect(g.op1("Cast", [g.constant(float32([1], [1e30]))], { to: 7 }).constant!.data[0]).toBe(
      2n ** 63n - 1n,
    );
    expect(g.add(end, g.ints([0])).constant!.data[0]).toBe(2n ** 63n - 1n);
  });

  test("parameters, data and large results are not folded", () => {
    const g = new GraphBuilder();
    const w = g.initializer("w", float32([2], [1, 2]));
    expect(g.add(w, g.scalar(1)).constant).toBeUndefined();
    expect(g.full([5000], 1).constant).toBeUndefined();
    expect(g.full([4096], 1).constant).toBeDefined();
  });

  test("half precision is moved, but not computed with", () => {
    const g = new GraphBuilder();
    const half = g.constant(tensor("float16", [2], Uint16Array.of(0x3c00, 0x4000)));
    expect(g.reshape(half, [2, 1]).constant!.data).toEqual(Uint16Array.of(0x3c00, 0x4000));
    expect(g.concat([half, half], 0).constant).toBeDefined();
    expect(g.add(half, half).constant).toBeUndefined();
    expect(g.op1("Cast", [half], { to: 1 }).constant).toBeUndefined();
  });
});

describe("upgrading", () => {
  const graphAt = (opset: number): Graph => ({
    name: "old",
    inputs: [],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets: new Map([["", opset]]),
  });

  test.each([8, 27])("opset %i is refused with the range that is supported", (opset) => {
    expect(() => upgradeGraph(graphAt(opset))).toThrow(ModelError);
    expect(() => upgradeGraph(graphAt(opset))).toThrow(
      new RegExp(`"old" is at opset ${opset}; supported are 9 to 26. Export it again`),
    );
  });

  test("an operator newer than the file's opset is an error that says what to ask for", () => {
    const attend = {
      opType: "Attention",
      domain: "",
      name: "attend",
      inputs: ["x"],
      outputs: ["y"],
      attributes: {},
    };
    expect(() => upgradeGraph({ ...graphAt(18), nodes: [attend] })).toThrow(
      /at opset 18, and holds Attention node "attend", an operator of opset 23.*older opset_version/,
    );
  });

  const oldForms: {
    op: string;
    opset: number;
    attributes: Graph["nodes"][number]["attributes"];
    outputs?: number;
    expected: string;
  }[] = [
    { op: "Squeeze", opset: 11, attributes: { axes: [1] }, expected: "[2,4,6]" },
    { op: "Unsqueeze", opset: 12, attributes: { axes: [0, -1] }, expected: "[1,2,1,4,6,1]" },
    { op: "ReduceSum", opset: 12, attributes: { axes: [0], keepdims: 0 }, expected: "[1,4,6]" },
    { op: "ReduceMax", opset: 17, attributes: { axes: [-1] }, expected: "[2,1,4,1]" },
    {
      op: "Split",
      opset: 12,
      attributes: { axis: 3, split: [2, 4] },
      outputs: 2,
      expected: "[2,1,4,2] [2,1,4,4]",
    },
    {
      op: "Split",
      opset: 13,
      attributes: { axis: 3 },
      outputs: 3,
      expected: "[2,1,4,2] [2,1,4,2] [2,1,4,2]",
    },
    { op: "Softmax", opset: 12, attributes: {}, expected: "[2,1,4,6]" },
    { op: "Dropout", opset: 11, attributes: { ratio: float(0.3) }, expected: "[2,1,4,6]" },
    { op: "Clip", opset: 10, attributes: { max: float(6) }, expected: "[2,1,4,6]" },
    {
      op: "Pad",
      opset: 10,
      attributes: { pads: [0, 0, 1, 1, 0, 0, 2, 2], value: float(1) },
      expected: "[2,1,7,9]",
    },
    {
      op: "Slice",
      opset: 9,
      attributes: { axes: [2, 3], starts: [1, -2], ends: [2 ** 63, 2 ** 63] },
      expected: "[2,1,3,2]",
    },
  ];

  test.each(oldForms)("$op of opset $opset", ({ op, opset, attributes, outputs = 1, expected }) => {
    const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
    const info = { name: "x", dtype: "float32" as const, shape: [2, 1, 4, 6] };
    const node = { opType: op, domain: "", name: "old", inputs: ["x"], outputs: names, attributes };
    const graph = upgradeGraph({ ...graphAt(opset), inputs: [info], nodes: [node] });
    const g = new GraphBuilder();
    const values = inlineGraph(g, graph, new Map([["x", g.input("x", "float32", info.shape)]]));
    expect(names.map((name) => `[${values.get(name)!.shape}]`).join(" ")).toBe(expected);
    for (const { attributes: kept } of graph.nodes) {
      for (const key of ["axes", "split", "ratio", "max", "pads", "value", "starts"]) {
        expect(kept).not.toHaveProperty(key);
      }
    }
  });

  test("nodes that stand in for one have names of their own, with or without a name to start from", () => {
    const softmax = (name: string, x: string, y: string) =>
      ({ opType: "Softmax", domain: "", name, inputs: [x], outputs: [y], attributes: {} }) as const;
    const nodes = [softmax("", "x", "y"), softmax("", "y", "z"), softmax("last", "z", "w")];
    const names = upgradeGraph({ ...graphAt(12), nodes }).nodes.flatMap(({ name }) => (name ? [name] : []));
    expect(names.length).toBe(10);
    expect(new Set(names).size).toBe(names.length);
  });

  test("GridSample's modes have the names of opset 20, RoiAlign the regions of its own opset", () => {
    const upgraded = (opType: string, opset: number, attributes: Attributes) =>
      upgradeGraph({
        ...graphAt(opset),
        nodes: [{ opType, domain: "", name: "n", inputs: ["x", "r"], outputs: ["y"], attributes }],
      }).nodes[0].attributes;
    expect(upgraded("GridSample", 16, { mode: "bilinear", align_corners: 1 })).toEqual({
      mode: "linear",
      align_corners: 1,
    });
    expect(upgraded("GridSample", 16, {})).toEqual({ mode: "linear" });
    expect(upgraded("GridSample", 16, { mode: "bicubic" })).toEqual({ mode: "cubic" });
    expect(upgraded("GridSample", 16, { mode: "nearest" })).toEqual({ mode: "nearest" });
    expect(upgraded("GridSample", 20, { mode: "cubic" })).toEqual({ mode: "cubic" });
    expect(upgraded("RoiAlign", 10, {})).toEqual({ coordinate_transformation_mode: "output_half_pixel" });
    expect(upgraded("RoiAlign", 16, {})).toEqual({});
  });

  test("BatchNormalization's five outputs of training become training mode", () => {
    const node = { opType: "BatchNormalization", domain: "", name: "bn", inputs: [], attributes: {} };
    const upgraded = (outputs: string[]) =>
      upgradeGraph({ ...graphAt(9), nodes: [{ ...node, outputs }] }).nodes[0];
    expect(upgraded(["y", "m", "v", "sm", "sv"])).toMatchObject({
      outputs: ["y", "m", "v"],
      attributes: { training_mode: 1 },
    });
    expect(upgraded(["y"])).toMatchObject({ outputs: ["y"], attributes: {} });
  });
});
