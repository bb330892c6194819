import { expect, test } from "vitest";
import { runGraph } from "../../test/run-graph.ts";
import { buildClassifier } from "../models/index.ts";
import { type Graph, type GraphBuilder, type Value, inlineGraph, upgradeGraph } from "../onnx/index.ts";
import { float32, numbersOf } from "../tensor/index.ts";
import { bufferNames, trainableNames } from "./index.ts";
import { separateParameters } from "./separate-parameters.ts";

const full = (length: number, value: number) => float32([length], new Float32Array(length).fill(value));

/** Two normalized layers whose four tensors each are merged into one of zeros and one of ones. */
const merged = buildClassifier("merged", [2, 2, 2], (g: GraphBuilder, images: Value) => {
  const zeros = g.initializer("zeros", full(2, 0));
  const ones = g.initializer("ones", full(2, 1));
  const again = g.op("Identity", [zeros], {}, { outputs: ["bn2.bias"] })[0];
  let x = g.op1("BatchNormalization", [images, ones, zeros, zeros, ones]);
  x = g.op1("BatchNormalization", [x, ones, again, again, ones]);
  return g.op1("Flatten", [g.op1("GlobalAveragePool", [x])], { axis: 1 });
}).graph;

const roles = (graph: Graph) =>
  graph.nodes.flatMap((n) => (n.opType === "BatchNormalization" ? [n.inputs.slice(1)] : []));

test("each layer gets running statistics of its own, which no weight shares", () => {
  const graph = separateParameters(merged);
  const [first, second] = roles(graph);
  const statistics = [...first.slice(2), ...second.slice(2)];
  expect(new Set(statistics).size).toBe(4);
  expect(bufferNames(graph).sort()).toEqual([...statistics].sort());
  expect(trainableNames(graph).filter((name) => statistics.includes(name))).toEqual([]);
  for (const name of statistics) expect(graph.initializers.has(name), name).toBe(true);
});

test("an Identity of a parameter becomes a parameter of its own; one that is shared by name stays shared", () => {
  const graph = separateParameters(merged);
  expect(graph.nodes.map((node) => node.opType)).not.toContain("Identity");
  const [first, second] = roles(graph);
  expect(second[1]).toBe("bn2.bias");
  expect(first[1]).toBe("zeros");
  expect(second[0]).toBe(first[0]);
});

test("a parameter that is used by way of an Identity without a name keeps its own, and stays shared", () => {
  const { graph } = buildClassifier("passed on", [1, 2, 2], (g, images) => {
    const weight = g.initializer("fc.weight", float32([4, 4], new Float32Array(16).fill(0.5)));
    const copy = g.op("Identity", [weight], {}, { outputs: ["/fc/Identity_output_0"] })[0];
    return g.matMul(g.matMul(g.op1("Flatten", [images], { axis: 1 }), copy), weight);
  });
  expect(separateParameters(graph)).toEqual(graph);
  expect(trainableNames(graph)).toEqual(["fc.weight"]);
});

test("what the graph computes stays the same, and a graph without merged tensors is as it was", async () => {
  const feeds = {
    x: float32(
      [3, 2, 2, 2],
      Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    ),
  };
  const run = async (graph: Graph) => {
    const { y } = await runGraph(feeds, (g, { x }) => ({
      y: inlineGraph(g, upgradeGraph(graph), new Map([["images", x]])).get("logits")!,
    }));
    return numbersOf(y);
  };
  const graph = separateParameters(merged);
  expect(await run(graph)).toEqual(await run(merged));
  expect(separateParameters(graph)).toEqual(graph);
});

test("a clone of a parameter in the module's code is no parameter of its own, where the file lists what the module has", () => {
  const { graph } = buildClassifier("cloned", [1, 2, 2], (g, images) => {
    const bias = g.initializer("fc.bias", float32([4], [1, 2, 3, 4]));
    const copy = g.op("Identity", [bias], {}, { outputs: ["clone_2"] })[0];
    return g.add(g.op1("Flatten", [images], { axis: 1 }), copy);
  });
  const signature = "p_fc_bias: PARAMETER target='fc.bias'";
  const listed = { ...graph, metadata: { "pkg.torch.export.ExportedProgram.graph_signature": signature } };
  expect(separateParameters(listed)).toEqual(listed);
  expect(trainableNames(listed)).toEqual(["fc.bias"]);
});
