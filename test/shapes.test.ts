import { expect, test } from "vitest";
import { GraphBuilder, inlineGraph } from "../src/onnx/index.ts";
import { gradientCaseNames, gradientGraph, readGradientCase, runOnce } from "./gradient-case.ts";

/** Every value of the forward and backward pass of every fixture, as inferred and as ONNX Runtime returns it. */
test.each(gradientCaseNames())(
  "%s: inferred types and shapes are what ONNX Runtime returns",
  async (name) => {
    const c = readGradientCase(name);
    const graph = gradientGraph(c);
    const g = new GraphBuilder();
    const bindings = new Map(
      Object.entries(c.inputs).map(([key, { dtype, shape }]) => [key, g.input(key, dtype, shape)]),
    );
    const values = inlineGraph(g, graph, bindings);
    const made = [...values.values()].filter((value) => !bindings.has(value.name) && !value.constant);
    if (made.length === 0) return;
    const results = await runOnce(g.build(name, made), c.inputs, "disabled");
    const typeOf = ({ dtype, shape }: { dtype: string; shape: readonly number[] }) => `${dtype} [${shape}]`;
    const inferred = Object.fromEntries(made.map((value) => [value.name, typeOf(value)]));
    const returned = Object.fromEntries(made.map((value) => [value.name, typeOf(results[value.name])]));
    expect(returned).toEqual(inferred);
  },
);
