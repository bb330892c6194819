/** Every recipe, not only the one that would be chosen, against PyTorch's gradients. */
import { describe, expect, test } from "vitest";
import {
  type GradientCase,
  gradientCaseNames,
  readGradientCase,
  relativeError,
  runOnce,
} from "../../test/gradient-case.ts";
import { type RuleNode, gradientRules, semanticInference } from "../autodiff/index.ts";
import { GraphBuilder, type TypedNode, type Value, intsAttribute } from "../onnx/index.ts";
import { convGradInputRecipes, applicableRecipes as inputRecipes } from "./conv-grad-input.ts";
import { convGradWeightRecipes, applicableRecipes as weightRecipes } from "./conv-grad-weight/index.ts";
import { convWindow } from "./conv-window.ts";
import { inputsOf, maxPoolGradRecipes, applicableRecipes as poolRecipes } from "./max-pool-grad.ts";
import type { SemanticNode } from "./recipe.ts";

/** The semantic nodes that a fixture's single node differentiates into, in a builder whose inputs are its tensors. */
function semanticNodes(c: GradientCase): { g: GraphBuilder; nodes: Map<string, SemanticNode> } {
  const g = new GraphBuilder({ extension: semanticInference });
  const [node] = c.graph.nodes;
  const fed = { ...c.inputs, y: c.expected.y, dy: c.upstream.y };
  const values = new Map<string, Value>(
    Object.entries(fed).map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]),
  );
  const inputs = node.inputs.map((name) => values.get(name)!);
  const ruleNode: RuleNode = { ...node, inputs, outputs: [values.get("y")!], outputCount: 1 };
  gradientRules.get(node.opType)!.rule(g, ruleNode, [values.get("dy")!]);
  const semantic = g.nodes.filter(({ domain }) => domain === "alignreg");
  return { g, nodes: new Map(semantic.map((n) => [n.opType, asSemantic(n)])) };
}

const asSemantic = (node: TypedNode): SemanticNode => ({
  ...node,
  inputs: node.inputs.map((input) => input!),
  outputCount: node.outputs.length,
});

async function checkAll(
  c: GradientCase,
  g: GraphBuilder,
  recipes: Readonly<Record<string, Value>>,
  gradient: string,
): Promise<void> {
  const feeds = { ...c.inputs, y: c.expected.y, dy: c.upstream.y };
  const results = await runOnce(g.build(c.name, recipes), feeds, "disabled");
  for (const recipe of Object.keys(recipes)) {
    expect(relativeError(results[recipe], c.gradients[gradient]), recipe).toBeLessThan(1e-5);
  }
}

/** Fixtures of one operator that are this operator and nothing else. */
const fixtures = (op: string): string[] =>
  gradientCaseNames().filter((name) => {
    if (!name.startsWith(`${op}/`)) return false;
    const { graph } = readGradientCase(name);
    return graph.nodes.length === 1 && graph.nodes[0].opType === op;
  });

/** How often each recipe was tried: one that no fixture reaches is not tested. */
const tried = new Map<string, number>();
const count = (recipes: readonly string[]) => {
  for (const recipe of recipes) tried.set(recipe, (tried.get(recipe) ?? 0) + 1);
};

describe("Conv", () => {
  test.each(fixtures("Conv"))("%s: all recipes of dW and dX", async (name) => {
    const c = readGradientCase(name);
    const { g, nodes } = semanticNodes(c);

    const weight = nodes.get("ConvGradWeight")!;
    const [x, dy] = weight.inputs;
    const forWeight = { x, dy, window: convWindow(weight) };
    const weightNames = weightRecipes(forWeight);
    const dW = weightNames.map((recipe) => [recipe, convGradWeightRecipes[recipe](g, forWeight)] as const);
    await checkAll(c, g, Object.fromEntries(dW), "w");

    const input = nodes.get("ConvGradInput")!;
    const spatial = intsAttribute(input, "spatial");
    const forInput = { dy: input.inputs[0], w: input.inputs[1], window: convWindow(input), spatial };
    const inputNames = inputRecipes(forInput);
    const dX = inputNames.map((recipe) => [recipe, convGradInputRecipes[recipe](g, forInput)] as const);
    await checkAll(c, g, Object.fromEntries(dX), "x");
    count([...weightNames, ...inputNames]);
  });
});

describe("MaxPool", () => {
  test.each(fixtures("MaxPool"))("%s: all recipes of dX", async (name) => {
    const c = readGradientCase(name);
    const { g, nodes } = semanticNodes(c);
    const node = nodes.get("MaxPoolGrad")!;
    const names = poolRecipes(node);
    const dX = names.map((recipe) => [recipe, maxPoolGradRecipes[recipe](g, inputsOf(node))] as const);
    await checkAll(c, g, Object.fromEntries(dX), "x");
    count(names);
  });
});

test("every recipe is reached by at least three fixtures", () => {
  const all = [convGradWeightRecipes, convGradInputRecipes, maxPoolGradRecipes].flatMap((r) =>
    Object.keys(r),
  );
  expect(all.filter((recipe) => (tried.get(recipe) ?? 0) < 3)).toEqual([]);
});
