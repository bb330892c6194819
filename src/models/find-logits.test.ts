import { describe, expect, test } from "vitest";
import { type Ends, greyModel } from "../../test/small-classifier.ts";
import { type GraphBuilder, type GraphNode, type Model, type Value, modelOf } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { importClassifier } from "./index.ts";

const softmax = (g: GraphBuilder, z: Value) => g.op1("Softmax", [z], { axis: 1 });
const sigmoid = (g: GraphBuilder, z: Value) => g.op1("Sigmoid", [z]);
const toDouble = (g: GraphBuilder, x: Value) => g.cast(x, "float64");

const ends: Record<string, NonNullable<Ends["end"]>> = {
  Softmax: softmax,
  "Softmax, Identity": (g, z) => g.op1("Identity", [softmax(g, z)]),
  "Softmax, Cast, Cast": (g, z) => g.cast(toDouble(g, softmax(g, z)), "float32"),
  "Softmax, Reshape": (g, z) => g.op1("Reshape", [softmax(g, z), g.ints([-1, 3])]),
  "Softmax, Flatten": (g, z) => g.op1("Flatten", [softmax(g, z)], { axis: 1 }),
  "Softmax of a map, Squeeze": (g, z) => {
    const map = g.op1("Unsqueeze", [z, g.ints([2, 3])]);
    return g.squeeze(g.op1("Softmax", [map], { axis: 1 }), [2, 3]);
  },
  "Softmax, Transpose, Transpose": (g, z) => g.transpose(g.transpose(softmax(g, z), [1, 0]), [1, 0]),
  "Softmax, Dropout": (g, z) => g.op1("Dropout", [softmax(g, z)]),
  LogSoftmax: (g, z) => g.logSoftmax(z, 1),
  "Softmax, Log": (g, z) => g.log(softmax(g, z)),
  "Softmax, Add ε, Log": (g, z) => g.log(g.add(softmax(g, z), g.scalar(1e-7))),
  "Softmax, Clip": (g, z) => g.op1("Clip", [softmax(g, z), g.scalar(1e-7), g.scalar(1)]),
  "Softmax in per cent": (g, z) => g.mul(softmax(g, z), g.scalar(100)),
  "Softmax, Div by a temperature": (g, z) => g.div(softmax(g, z), g.scalar(0.5)),
  "Softmax in [−1, 1]": (g, z) => g.sub(g.mul(g.scalar(2), softmax(g, z)), g.scalar(1)),
  "LogSoftmax, Exp": (g, z) => g.exp(g.logSoftmax(z, 1)),
  Sigmoid: sigmoid,
  "Sigmoid, Cast, Cast": (g, z) => g.cast(toDouble(g, sigmoid(g, z)), "float32"),
  "softmax in parts": (g, z) => {
    const e = g.exp(g.sub(z, g.max(z, [1], { keep: true })));
    return g.div(e, g.sum(e, [1], { keep: true }));
  },
  "log-softmax in parts": (g, z) => g.sub(z, g.log(g.sum(g.exp(z), [1], { keep: true }))),
  "sigmoid in parts": (g, z) => g.div(g.scalar(1), g.add(g.scalar(1), g.exp(g.neg(z)))),
};

const inner = (name: string, original: string) => name === original || name.startsWith("Unsqueeze");

test.each(Object.keys(ends))("the logits are found behind %s", (name) => {
  const { logits } = importClassifier(greyModel({ end: ends[name] }));
  expect(inner(logits, "z"), logits).toBe(true);
  expect(importClassifier(greyModel({ end: ends[name] }), { output: "logits" }).logits).toBe("logits");
});

test("what only changes its shape is the output itself, and so is what is added to or clipped", () => {
  const reshaped = greyModel({ end: (g, z) => g.op1("Reshape", [z, g.ints([-1, 3])]) });
  expect(importClassifier(reshaped).logits).toBe("logits");
  const clipped = greyModel({ end: (g, z) => g.op1("Clip", [z, g.scalar(-5), g.scalar(5)]) });
  expect(importClassifier(clipped).logits).toBe("logits");
  const biased = greyModel({
    end: (g, z) => g.add(softmax(g, z), g.initializer("late bias", float32([3], [1, 2, 3]))),
  });
  expect(importClassifier(biased).logits).toBe("logits");
});

test("what turns the order of probabilities round is not seen through", () => {
  const turned = (end: NonNullable<Ends["end"]>) => importClassifier(greyModel({ end })).logits;
  expect(turned((g, z) => g.mul(softmax(g, z), g.scalar(-1)))).toBe("logits");
  expect(turned((g, z) => g.sub(g.scalar(1), softmax(g, z)))).toBe("logits");
  expect(turned((g, z) => g.div(g.scalar(1), softmax(g, z)))).toBe("logits");
});

test("an output in double precision has its logits before the cast", () => {
  expect(importClassifier(greyModel({ end: toDouble })).logits).toBe("z");
});

test.each([
  ["ArgMax", (g: GraphBuilder, z: Value) => g.op1("ArgMax", [z], { axis: 1, keepdims: 0 })],
  ["ArgMax, Cast", (g: GraphBuilder, z: Value) => g.cast(g.op1("ArgMax", [z], { axis: 1 }), "float32")],
  ["Greater", (g: GraphBuilder, z: Value) => g.cast(g.greater(z, g.scalar(0)), "float32")],
])("labels (%s) are refused, and the tensor behind them named", (_, end) => {
  expect(() => importClassifier(greyModel({ end }), { source: "m.onnx" })).toThrow(
    /output "logits" of m\.onnx holds labels .*\(--output z\)/,
  );
});

test("sigmoids for several classes are noted", () => {
  expect(importClassifier(greyModel({ end: sigmoid })).notes).toEqual([
    expect.stringMatching(/ends in a sigmoid for each class.*cross-entropy of a softmax/),
  ]);
});

test("a softmax over another axis than the classes is noted", () => {
  const over = (axis: number) => greyModel({ end: (g, z) => g.op1("Softmax", [z], { axis }) });
  expect(importClassifier(over(0)).notes).toEqual([expect.stringMatching(/along axis 0 of \[N, 3\], not/)]);
  expect(importClassifier(over(-1)).notes).toEqual([]);
});

describe("of several outputs", () => {
  const node = (opType: string, input: string, output: string, attributes = {}): GraphNode => ({
    opType,
    domain: "",
    name: "",
    inputs: [input],
    outputs: [output],
    attributes,
  });
  const withOutputs = (
    model: Model,
    nodes: readonly GraphNode[],
    names: Record<string, "float32" | "int64">,
  ) => {
    const outputs = Object.entries(names).map(([name, dtype]) => ({ name, dtype, shape: null }));
    const { graph } = model;
    return modelOf({ ...graph, nodes: [...graph.nodes, ...nodes], outputs });
  };
  const base = greyModel({ end: (g, z) => g.op1("Identity", [z]) });
  const pooled = base.graph.nodes.find(({ opType }) => opType === "Flatten")!.outputs[0];

  test("labels and probabilities: the logits of the probabilities", () => {
    const both = [
      node("ArgMax", "z", "label", { axis: 1, keepdims: 0 }),
      node("Softmax", "z", "probabilities"),
    ];
    const { logits, notes } = importClassifier(
      withOutputs(base, both, { label: "int64", probabilities: "float32" }),
    );
    expect({ logits, notes }).toEqual({ logits: "z", notes: [] });
  });

  test("features before logits: the logits, and a note", () => {
    const { logits, notes } = importClassifier(
      withOutputs(base, [], { [pooled]: "float32", logits: "float32" }),
    );
    expect(logits).toBe("logits");
    expect(notes![0]).toContain(`the logits are taken from "logits", not from "${pooled}"`);
  });

  test("logits and their softmax are no choice", () => {
    const { logits, notes } = importClassifier(
      withOutputs(base, [node("Softmax", "z", "p")], { z: "float32", p: "float32" }),
    );
    expect({ logits, notes }).toEqual({ logits: "z", notes: [] });
  });

  test("a confidence or an energy is none", () => {
    const greatest = [
      node("Softmax", "z", "p", { axis: 1 }),
      node("ReduceMax", "p", "confidence", { axes: [1], keepdims: 0 }),
      node("ArgMax", "z", "label", { axis: 1, keepdims: 0 }),
    ];
    const opened = { confidence: "float32", label: "int64" } as const;
    const energy = node("ReduceLogSumExp", "z", "energy", { axes: [1], keepdims: 0 });
    const old = { ...base, graph: { ...base.graph, opsets: new Map([["", 13]]) } };
    expect(() => importClassifier(withOutputs(old, greatest, opened))).toThrow(
      /holds labels or confidences \(ReduceMax .*--output z\)/,
    );
    const both = importClassifier(withOutputs(old, greatest, { ...opened, p: "float32" }));
    expect(both.logits).toBe("z");
    const { logits, notes } = importClassifier(
      withOutputs(old, [energy], { energy: "float32", logits: "float32" }),
    );
    expect(logits).toBe("logits");
    expect(notes).toEqual([expect.stringContaining('not from "energy"')]);
  });

  test("an auxiliary head comes second, and is named", () => {
    const aux = { ...node("MatMul", pooled, "aux"), inputs: [pooled, "w"] };
    const { logits, notes } = importClassifier(
      withOutputs(base, [aux], { logits: "float32", aux: "float32" }),
    );
    expect(logits).toBe("logits");
    expect(notes![0]).toContain('not from "aux"');
  });

  test("a wide embedding beside the logits: what is called so, or has as many as the file names", () => {
    const wide = { ...node("MatMul", pooled, "embedding"), inputs: [pooled, "wide"] };
    const model = withOutputs(base, [wide], { embedding: "float32", logits: "float32" });
    const initializers = new Map([...model.graph.initializers, ["wide", float32([1, 16])] as const]);
    const graph = { ...model.graph, initializers };
    expect(importClassifier({ ...model, graph }).logits).toBe("logits");
    const metadata = { names: "a,b,c" };
    const outputs = graph.outputs.map((o) => (o.name === "logits" ? { ...o, name: "z" } : o));
    expect(importClassifier({ ...model, graph: { ...graph, outputs }, metadata }).logits).toBe("z");
  });
});
