import { expect, test } from "vitest";
import { planOf, readNet, runStep } from "../../test/objective-case.ts";
import { float32 } from "../tensor/index.ts";
import { buildStepGraph } from "./step-graph.ts";

test("the reused step has fewer nodes and the same gradients as one that goes forward twice", async () => {
  const { classifier, stored } = readNet("objective/worst-case-lenet");
  const plan = planOf(classifier);
  // Dropout of ratio 0 changes nothing, but is no row-independent operator.
  const { graph } = classifier;
  const [first, ...rest] = graph.nodes;
  const blocked = {
    ...classifier,
    graph: {
      ...graph,
      initializers: new Map([...graph.initializers, ["ratio", float32([], [0])] as const]),
      nodes: [
        { opType: "Dropout", domain: "", name: "", inputs: ["x", "ratio"], outputs: ["x0"], attributes: {} },
        { ...first, inputs: ["x0", ...first.inputs.slice(1)] },
        ...rest,
      ],
    },
  };
  const twice = planOf(blocked);
  const convolutions = (p: typeof plan) =>
    buildStepGraph(p, 8).graph.nodes.filter((node) => node.name.endsWith("Conv_conv1")).length;
  expect([convolutions(plan), convolutions(twice)]).toEqual([1, 2]);

  const feed = { images: stored("input:views"), labels: stored("labels") };
  const [reused, again] = await Promise.all([runStep(plan, feed), runStep(twice, feed)]);
  expect([reused.measures.loss]).toBeAllClose([again.measures.loss], { rtol: 1e-6 });
  for (const [name, { data }] of reused.parameters) {
    const expected = again.parameters.get(name)!.data as Float32Array;
    expect(data as Float32Array, name).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-6 });
  }
});
