import { beforeAll, describe, expect, test } from "vitest";
import { type Net, planOf, readNet, runStep } from "../../test/objective-case.ts";
import type { Classifier } from "../models/index.ts";
import { type Tensor, numbersOf } from "../tensor/index.ts";
import { buildStepGraph } from "../train/step-graph.ts";
import { stepNames } from "../train/step-names.ts";

let net: Net;
let classifier: Classifier;
let feed: { images: Tensor; labels: Tensor; alignmentWeight: number };

beforeAll(() => {
  net = readNet("objective/package-batch-norm");
  const penalties = Object.entries(net.metadata).flatMap(([key, text]) => {
    const [, weight] = key.split("penalty:");
    const [l1, l2] = text.split(" ").map(Number);
    return weight ? [{ weight, l1, l2 }] : [];
  });
  classifier = { ...net.classifier, penalties };
  feed = {
    images: net.stored("input:views"),
    labels: net.stored("labels"),
    alignmentWeight: Number(net.metadata.alignmentWeight),
  };
});

const objective = { selection: "batch", terms: "alignreg-1.0" } as const;
const number = (name: string) => numbersOf(net.stored(name))[0];
const run = (model: Classifier, optimization?: "disabled" | "extended") => {
  const plan = planOf(model, { objective });
  const [{ name }] = buildStepGraph(plan, feed.labels.shape[0]).masks;
  return runStep(plan, { ...feed, masks: { [name]: net.stored("input:mask") } }, optimization);
};

const close = (actual: Tensor, expected: Tensor, what: string) => {
  const values = expected.data as Float32Array;
  const scale = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(actual.data as Float32Array, what).toBeAllClose(values, { rtol: 1e-4, atol: 1e-5 * scale });
};

describe("the Python package's step, with batch statistics, dropout and penalties, agrees with PyTorch:", () => {
  test.each(["disabled", "extended"] as const)("optimization %s", async (optimization) => {
    expect(classifier.penalties).toHaveLength(3);
    const { measures, parameters, outputs } = await run(classifier, optimization);
    expect([measures.loss]).toBeAllClose([number("expected:loss")], { rtol: 1e-5 });
    expect([measures.cleanLoss]).toBeAllClose([number("expected:clean-loss")], { rtol: 1e-5 });
    expect([measures.viewLoss]).toBeAllClose([number("expected:worst-loss")], { rtol: 1e-5 });
    expect([measures.alignment]).toBeAllClose([number("expected:alignment")], { rtol: 1e-5 });
    expect(parameters.size).toBe(10);
    for (const [name, gradient] of parameters) close(gradient, net.stored(`grad:${name}`), name);
    for (const name of ["bn1.running_mean", "bn1.running_var", "bn2.running_mean", "bn2.running_var"]) {
      close(outputs[stepNames.next(stepNames.buffer(name))], net.stored(`running:${name}`), name);
    }
  });

  test("penalties are part of the loss of any method, and of nothing else", async () => {
    const [with_, without] = await Promise.all([run(classifier), run(net.classifier)]);
    expect([with_.measures.loss - without.measures.loss]).toBeAllClose([number("expected:penalty")], {
      rtol: 1e-4,
    });
    expect({ ...with_.measures, loss: 0 }).toEqual({ ...without.measures, loss: 0 });
  });
});

test("without batch statistics and dropout one pass through the model serves all terms", () => {
  const plain = readNet("objective/worst-case-mlp").classifier;
  const { graph } = buildStepGraph(planOf(plain, { objective }), 8);
  const passes = new Set(graph.nodes.flatMap((n) => /^(select|train|terms)\//.exec(n.outputs[0])?.[1] ?? []));
  expect([...passes].sort()).toEqual(["select", "terms"]);
});
