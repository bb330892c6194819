import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Graph, GraphBuilder, inlineGraph, readModel, upgradeGraph } from "../src/onnx/index.ts";
import { type Tensor } from "../src/tensor/index.ts";
import { relativeError, runOnce } from "./gradient-case.ts";

const FIXTURES = join(import.meta.dirname, "fixtures", "shape-chains");
const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".onnx"));

/** Operators whose result is known with the shapes. */
const SHAPE_ONLY = new Set(["Shape", "Size", "Range", "ConstantOfShape", "Constant"]);

/** The graph as exported, without the stored numbers, and the numbers. */
function readChain(file: string) {
  const { graph } = readModel(readFileSync(join(FIXTURES, file)), file);
  const isStored = (name: string) => /^(input|expected):/.test(name);
  const own = [...graph.initializers].filter(([name]) => !isStored(name));
  return { graph: upgradeGraph({ ...graph, initializers: new Map(own) }), stored: graph.initializers };
}

/** The graph for an input of known shape, and the names of its data: the input and the module's parameters. */
function inlined(graph: Graph, x: Tensor) {
  const g = new GraphBuilder();
  const data = new Map([["x", g.input("x", x.dtype, x.shape)]]);
  for (const [name, value] of graph.initializers) {
    // What the exporter made has names such as "onnx::MatMul_12"; parameters have their own.
    if (/^[a-z]+$/.test(name)) data.set(name, g.initializer(name, value));
  }
  const values = inlineGraph(g, graph, data);
  return { folded: g.build(graph.name, { y: values.get("y")! }), data: [...data.keys()] };
}

test("there are exports of three opsets, with shape arithmetic in them", () => {
  expect(files.length).toBeGreaterThan(80);
  const operators = new Set(files.flatMap((file) => readChain(file).graph.nodes.map(({ opType }) => opType)));
  for (const opType of ["Shape", "Cast", "Div", "Mod", "Range", "ConstantOfShape", "Where", "ScatterND"]) {
    expect(operators).toContain(opType);
  }
});

test.each(files)(
  "%s: nothing of its shape arithmetic is left, and the numbers are PyTorch's",
  async (file) => {
    const { graph, stored } = readChain(file);
    for (const size of [0, 1]) {
      const x = stored.get(`input:${size}`)!;
      const { folded, data } = inlined(graph, x);
      // What is left works on data.
      const fromData = new Set(data);
      for (const { opType, inputs, outputs } of folded.nodes) {
        const read = inputs.filter((name) => name !== "");
        expect(
          read.some((name) => fromData.has(name)),
          `${opType} of ${read.join()}`,
        ).toBe(true);
        for (const output of outputs) fromData.add(output);
      }
      const shapeOnly = folded.nodes.map(({ opType }) => opType).filter((opType) => SHAPE_ONLY.has(opType));
      expect(shapeOnly).toEqual([]);
      const { y } = await runOnce(folded, { x }, "disabled");
      expect(relativeError(y, stored.get(`expected:${size}`)!)).toBeLessThanOrEqual(1e-5);
    }
  },
);
