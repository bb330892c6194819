import { beforeAll, describe, expect, test } from "vitest";
import { type Net, planOf, readNet, runStep } from "../../test/objective-case.ts";
import { runGraph } from "../../test/run-graph.ts";
import { methods } from "../align/index.ts";
import { type Classifier, buildClassifier } from "../models/index.ts";
import { inlineGraph, upgradeGraph } from "../onnx/index.ts";
import { type Tensor, float32, numbersOf, random, sizeOf } from "../tensor/index.ts";
import { buildStepGraph } from "./step-graph.ts";
import { stepNames } from "./step-names.ts";

const close = (actual: Tensor, expected: Tensor, what: string) => {
  const values = expected.data as Float32Array;
  const scale = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(actual.data as Float32Array, what).toBeAllClose(values, { rtol: 1e-4, atol: 1e-5 * scale });
};

describe("a step of a net with batch normalization", () => {
  let net: Net;
  let images: Tensor;
  let labels: Tensor;
  beforeAll(() => {
    net = readNet("nets/batchnorm-cnn");
    images = net.stored("input:x");
    labels = net.stored("labels");
  });

  test.each(["disabled", "extended"] as const)(
    "gives PyTorch's loss, gradients and running statistics in training mode (optimization %s)",
    async (optimization) => {
      const plan = planOf(net.classifier, { objective: { method: methods.base }, viewsPerSample: 1 });
      const { measures, parameters, outputs } = await runStep(plan, { images, labels }, optimization);
      expect([measures.loss]).toBeAllClose(numbersOf(net.stored("expected:loss")), { rtol: 1e-5 });
      for (const [name, gradient] of parameters) close(gradient, net.stored(`grad:${name}`), name);
      expect(plan.buffers.length).toBeGreaterThan(4);
      for (const { name } of plan.buffers) {
        close(outputs[stepNames.next(stepNames.buffer(name))], net.stored(`running:${name}`), name);
      }
    },
  );

  test("selects by running statistics, then takes the loss by those of clean and chosen images together", async () => {
    const [n, ...imageShape] = images.shape;
    const rng = random(3, "views");
    const clean = images.data as Float32Array;
    const views = [clean, ...[1, 2].map(() => clean.map((v) => Math.max(0, v + 0.7 * rng.normal())))];
    const all = float32([3 * n, ...imageShape], Float32Array.from(views.flatMap((v) => [...v])));
    const y = numbersOf(labels);

    // The choice, from the net as it is in evaluation mode.
    const graph = upgradeGraph(net.classifier.graph);
    const { z } = await runGraph({ x: all }, (g, { x }) => ({
      z: inlineGraph(g, graph, new Map([["x", x]])).get("logits")!,
    }));
    const logits = numbersOf(z);
    const classes = z.shape[1];
    const loss = (row: number, label: number) => {
      const values = logits.slice(row * classes, (row + 1) * classes);
      return Math.log(values.reduce((s, v) => s + Math.exp(v), 0)) - values[label];
    };
    const chosen = y.map((label, i) => {
      const losses = views.map((_, m) => loss(m * n + i, label));
      return losses.indexOf(Math.max(...losses));
    });
    expect(new Set(chosen).size).toBeGreaterThan(1);

    const size = sizeOf(imageShape);
    const given = [...clean, ...chosen.flatMap((m, i) => [...views[m].subarray(i * size, (i + 1) * size)])];
    const worst = planOf(net.classifier, { viewsPerSample: 3 });
    const handed = planOf(net.classifier, { viewsPerSample: 2, objective: { method: methods.rva } });
    const [a, b] = await Promise.all([
      runStep(worst, { images: all, labels }),
      runStep(handed, { images: float32([2 * n, ...imageShape], given), labels }),
    ]);
    expect(a.measures).toEqual(b.measures);
    expect(a.parameters).toEqual(b.parameters);
    expect(Object.keys(a.outputs).some((name) => name.includes("buffer:"))).toBe(true);
    expect(a.outputs).toEqual(b.outputs);

    // With other running statistics the choice is another, so it does depend on them.
    const initializers = new Map(net.classifier.graph.initializers);
    for (const { name, shape } of worst.buffers) {
      if (name.includes("var"))
        initializers.set(name, float32(shape, new Float32Array(sizeOf(shape)).fill(9)));
    }
    const moved = { ...net.classifier, graph: { ...net.classifier.graph, initializers } };
    const c = await runStep(planOf(moved, { viewsPerSample: 3 }), { images: all, labels });
    expect(c.measures.cleanLoss).not.toBe(a.measures.cleanLoss);
  });
});

describe("dropout", () => {
  const classifier: Classifier = buildClassifier("dropout", [1, 1, 4], (g, images) => {
    const flat = g.op1("Flatten", [images], { axis: 1 });
    const kept = g.op1("Dropout", [flat, g.scalar(0.75)]);
    return g.matMul(kept, g.initializer("weight", float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8])));
  });

  test("asks for one mask of the activation's shape, which training applies and selection does not", async () => {
    const plan = planOf(classifier, { viewsPerSample: 2, objective: { method: methods.vwa } });
    const { masks } = buildStepGraph(plan, 3);
    expect(masks).toEqual([{ name: "dropout:0", shape: [6, 4], ratio: 0.75 }]);

    const images = float32([2, 1, 1, 4], [1, 1, 1, 1, 0, 0, 0, 4]);
    const labels: Tensor = { dtype: "int64", shape: [1], data: BigInt64Array.of(0n) };
    const ce = (a: number, b: number) => Math.log(Math.exp(a) + Math.exp(b)) - a;
    // Without dropout: identity has logits (16, 20), view (28, 32); both have loss ce(0, 4), so the identity is chosen.
    const mask = float32([2, 4], [4, 0, 0, 0, 0, 0, 4, 0]);
    const { measures } = await runStep(plan, { images, labels, masks: { "dropout:0": mask } });
    expect([measures.cleanLoss, measures.viewLoss]).toBeAllClose([ce(4, 8), ce(20, 24)], { rtol: 1e-5 });
  });
});
