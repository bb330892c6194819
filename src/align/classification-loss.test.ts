import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runGraph, runWithGradients } from "../../test/run-graph.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { float32, int64 } from "../tensor/index.ts";
import { type ClassificationLoss, classificationLosses, classificationMean } from "./classification-loss.ts";
import { methodByName } from "./methods/index.ts";
import { buildObjective } from "./objective.ts";
import { regularizerByName } from "./regularizers/index.ts";
import type { Selection } from "./worst-case.ts";

interface Result {
  readonly loss: number;
  readonly gradient: number[];
}

interface Case extends ClassificationLoss, Result, Readonly<Record<Selection, Result>> {
  readonly losses: number[];
}

const { alignmentWeight, logits, labels, cases } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/objective/classification-loss.json", import.meta.url), "utf8"),
) as {
  alignmentWeight: number;
  logits: { shape: [number, number, number]; data: number[] };
  labels: number[];
  cases: Case[];
};
const [members, samples, classes] = logits.shape;
/** float32 against PyTorch's float64. */
const near = { rtol: 1e-6, atol: 1e-6 };
const first = float32([samples, classes], logits.data.slice(0, samples * classes));
const y = (g: GraphBuilder) => g.constant(int64(labels));

describe.each(cases)("smoothing $labelSmoothing, weights $classWeights", (c) => {
  test("agrees with torch.nn.functional.cross_entropy for each sample and for the batch", async () => {
    const { losses } = await runGraph({ z: first }, (g, { z }) => ({
      losses: classificationLosses(g, z, y(g), c),
    }));
    expect(losses.data as Float32Array).toBeAllClose(c.losses, near);
    const made = await runWithGradients({ z: first }, (g, { z }) =>
      classificationMean(g, classificationLosses(g, z, y(g), c), y(g), c, classes),
    );
    expect(made.value.data as Float32Array).toBeAllClose([c.loss], near);
    expect(made["grad:z"].data as Float32Array).toBeAllClose(c.gradient, near);
  });

  test.each(["sample", "batch"] as const)(
    "is the loss of both terms, and what the worst view is chosen by, per %s; the distance is unweighted",
    async (selection) => {
      const views = float32([members * samples, classes], logits.data);
      const pass = (z: Value) => ({ logits: z, named: () => undefined });
      const made = await runWithGradients({ z: views }, (g, { z }) => {
        const objective = {
          method: methodByName("rwa"),
          regularizer: regularizerByName("squaredL2"),
          selection,
          selectBy: "loss",
          alignSelectBy: "loss",
          align: "logits",
          stopGradient: "none",
          terms: "mean",
          classification: c,
        } as const;
        const inputs = {
          images: z,
          labels: y(g),
          alignmentWeight: g.scalar(alignmentWeight),
          train: pass,
          evaluate: pass,
          modesDiffer: false,
          critic: null,
        };
        return buildObjective(g, objective, inputs).loss;
      });
      expect(made.value.data as Float32Array).toBeAllClose([c[selection].loss], near);
      expect(made["grad:z"].data as Float32Array).toBeAllClose(c[selection].gradient, near);
    },
  );
});

test("logits beyond the list of weights have the weight 1", async () => {
  const some = { labelSmoothing: 0.2, classWeights: [0.25, 3] };
  const all = { labelSmoothing: 0.2, classWeights: [0.25, 3, 1, 1, 1] };
  const lossOf = async (form: ClassificationLoss) => {
    const { loss } = await runGraph({ z: first }, (g, { z }) => ({
      loss: classificationMean(g, classificationLosses(g, z, y(g), form), y(g), form, classes),
    }));
    return loss.data[0];
  };
  expect(await lossOf(some)).toBe(await lossOf(all));
});
