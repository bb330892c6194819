import { checkString, isRecord, kindOf, refuse } from "../options/index.ts";
import { type Graph, GraphBuilder, ModelError, inlineGraph, upgradeGraph } from "../onnx/index.ts";
import type { Shape } from "../tensor/index.ts";
import { backward } from "./backward.ts";
import { semanticInference } from "./semantic-ops.ts";

/**
 * The gradient of a graph, as a graph.
 *
 * @param graph       with a scalar output `loss`; inputs of symbolic shape need `inputShapes`
 * @param loss        the name of a scalar value in it
 * @param parameters  names of floating-point initializers or inputs to differentiate by
 * @returns a graph with the same inputs; its outputs are `loss` and, for each parameter p, `grad:p`. It holds
 *          operators of the domain "alignreg": lower it before it runs.
 * @throws ModelError for names that are not there, UnsupportedOpError for an operator without a rule
 */
export function gradient(
  graph: Graph,
  loss: string,
  parameters: readonly string[],
  { inputShapes = {} }: { inputShapes?: Readonly<Record<string, Shape>> } = {},
): Graph {
  checkArguments(graph, loss, parameters);
  const g = new GraphBuilder({ extension: semanticInference });
  const bindings = new Map(
    graph.inputs.map(({ name, dtype, shape }) => {
      const fixed = inputShapes[name] ?? shape;
      if (!fixed?.every((dim) => typeof dim === "number")) {
        const stated = shape ? `[${shape.map((d) => d ?? "?")}]` : "no shape";
        throw new ModelError(`Input "${name}" has ${stated}. Give its lengths in inputShapes.`);
      }
      return [name, g.input(name, dtype, fixed)] as const;
    }),
  );
  const trained = new Set(parameters);
  for (const [name, value] of graph.initializers) {
    bindings.set(name, g.initializer(name, value, { constant: !trained.has(name) }));
  }
  const values = inlineGraph(g, upgradeGraph(graph), bindings);
  const named = (name: string) => {
    const value = values.get(name);
    if (!value) throw new ModelError(`The graph "${graph.name}" has no value named "${name}".`);
    return value;
  };
  const lossValue = named(loss);
  if (lossValue.shape.some((length) => length !== 1)) {
    throw new ModelError(
      `The loss "${loss}" has shape [${lossValue.shape}]; only a scalar can be differentiated.`,
    );
  }
  const wrt = parameters.map(named);
  const gradients = backward(g, lossValue, wrt);
  return g.build(`gradient of ${graph.name}`, {
    [loss]: lossValue,
    ...Object.fromEntries(parameters.map((name, i) => [`grad:${name}`, gradients[i]])),
  });
}

function checkArguments(graph: unknown, loss: unknown, parameters: unknown): void {
  if (!isRecord(graph) || !Array.isArray(graph.nodes) || kindOf(graph.initializers) !== "Map") {
    const advice = isRecord(graph) && isRecord(graph.graph) ? "Give its member graph." : "";
    refuse("gradient", "graph", graph, "a graph", advice);
  }
  checkString("gradient", "loss", loss, "the name of a value");
  if (!Array.isArray(parameters)) refuse("gradient", "parameters", parameters, "a list of names");
}
