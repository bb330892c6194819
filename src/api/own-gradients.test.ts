/** A user's gradient rules: of an operator that only the runtime knows, and in the place of one of ours. */
import { expect, test } from "vitest";
import { data, options } from "../../test/small-run.ts";
import { defineGradient } from "../autodiff/index.ts";
import { type Classifier, buildClassifier } from "../models/index.ts";
import type { GraphBuilder, GraphNode, Value } from "../onnx/index.ts";
import { float32, random } from "../tensor/index.ts";
import { UntrainableModelError } from "../train/index.ts";
import { type FitOptions, fit } from "./index.ts";

const rng = random(0, "own gradients");
const weight = (rows: number, columns: number) =>
  float32(
    [rows, columns],
    Float32Array.from({ length: rows * columns }, () => 0.3 * rng.normal()),
  );
const [body, head] = [weight(64, 6), weight(6, 3)];

const net = (activation: (g: GraphBuilder, x: Value) => Value): Classifier =>
  buildClassifier("two products", [1, 8, 8], (g, pixels) => {
    const hidden = g.matMul(g.reshape(pixels, [-1, 64]), g.initializer("body.weight", body));
    return g.matMul(activation(g, hidden), g.initializer("head.weight", head));
  });

/** The activation as one operator of the runtime's own: x·σ(αx). */
function withQuickGelu({ graph, ...rest }: Classifier): Classifier {
  const relu = graph.nodes.find(({ opType }) => opType === "Relu")!;
  const quick: GraphNode = {
    ...relu,
    opType: "QuickGelu",
    domain: "com.microsoft",
    attributes: { alpha: { float: 1.702 } },
  };
  const nodes = graph.nodes.map((node) => (node === relu ? quick : node));
  return { ...rest, graph: { ...graph, nodes, opsets: new Map([...graph.opsets, ["com.microsoft", 1]]) } };
}

const quickGelu = defineGradient({
  domain: "com.microsoft",
  operator: "QuickGelu",
  rule(g, { inputs: [x] }, [dy]) {
    const s = g.op1("Sigmoid", [g.scale(x, 1.702)]);
    const slope = g.add(s, g.mul(g.scale(x, 1.702), g.mul(s, g.sub(g.scalar(1), s))));
    return [g.mul(dy, slope)];
  },
});

const run: FitOptions = { ...options, epochs: 2, learningRate: 0.02, onNote: () => undefined };
const weightOf = ({ graph }: Classifier, name: string) => graph.initializers.get(name)!.data as Float32Array;

test("an operator that only the runtime knows trains by its rule as by operators that we know", async () => {
  const unknown = withQuickGelu(net((g, x) => g.op1("Relu", [x])));
  await expect(fit(unknown, data, run)).rejects.toThrow(UntrainableModelError);
  const known = net((g, x) => g.mul(x, g.op1("Sigmoid", [g.scale(x, 1.702)])));
  const expected = (await fit(known, data, run)).model;
  const { model, manifest } = await fit(unknown, data, { ...run, gradients: [quickGelu] });
  for (const name of ["body.weight", "head.weight"]) {
    expect(weightOf(model, name)).toBeAllClose(weightOf(expected, name), { rtol: 1e-4, atol: 1e-5 });
  }
  expect(manifest.config.gradients).toMatchObject([{ name: "com.microsoft.QuickGelu" }]);
});

test("a rule in the place of ours: what lies before a Round trains straight through, and a note says so", async () => {
  const rounded = net((g, x) => g.op1("Round", [x]));
  const flat = await fit(rounded, data, run);
  expect(weightOf(flat.model, "body.weight")).toEqual(body.data);
  const straight = defineGradient({ operator: "Round", rule: (_g, _node, [dy]) => [dy] });
  const { model, notes } = await fit(rounded, data, { ...run, gradients: [straight] });
  expect(weightOf(model, "body.weight")).not.toEqual(body.data);
  expect(notes).toContain("Gradients of Round go by the rules that were given, not by ours.");
  const twice = fit(rounded, data, { ...run, gradients: [straight, straight] });
  await expect(twice).rejects.toThrow(/gradients has two rules for Round/);
  await expect(fit(rounded, data, { ...run, gradients: straight as never })).rejects.toThrow(
    /gradients must be a list of what defineGradient makes.*Put it in a list: \[rule\]/,
  );
  expect(() => defineGradient({ operator: "Round" } as never)).toThrow(/has no rule/);
});
