/** A step in parts is the step: the same measures and gradients, whatever the method, the regularizer and the parts. */
import { expect, test } from "vitest";
import { pytorchCase } from "../../../test/pytorch-case.ts";
import { gradientItself, planOf, readNet } from "../../../test/objective-case.ts";
import { type Objective, criticOf, methods, regularizerByName } from "../../align/index.ts";
import { random, sizeOf } from "../../tensor/index.ts";
import { loadClassifier } from "../../api/index.ts";
import { criticPlan } from "../critic-plan.ts";
import { planMemory } from "../memory/plan-memory.ts";
import { RunState } from "../run-state.ts";
import type { StepPlan } from "../step-plan.ts";
import { StepRunner } from "../step-runner.ts";
import { PartsRunner } from "./parts-runner.ts";

const BATCH = 6;

const cases: Readonly<Record<string, Partial<Objective>>> = {
  base: { method: methods.base },
  va: { method: methods.va },
  "rva, l1": { method: methods.rva, regularizer: regularizerByName("l1") },
  vwa: { method: methods.vwa },
  rwa: {},
  "rwa, mmd": { regularizer: regularizerByName("mmd") },
  "rwa, Wasserstein's critic": { regularizer: regularizerByName("wasserstein") },
  "rwa, DAIR": { regularizer: regularizerByName("dair") },
  "rwa, DAIR, the view by distance": { regularizer: regularizerByName("dair"), alignSelectBy: "distance" },
  "rwa, VICReg: its term is the whole batch's": { regularizer: regularizerByName("vicreg") },
  "rva, Barlow Twins": { method: methods.rva, regularizer: regularizerByName("barlow") },
  augmix: { method: methods.augmix },
  "rwa, the hardest third": { hardest: 1 / 3 },
  "rwa, discriminator": { regularizer: regularizerByName("discriminator") },
  "rwa, one view for the batch": { selection: "batch" },
  "rwa, two views": { alignSelectBy: "distance" },
  "rwa, clean logits held": { stopGradient: "clean" },
  "rwa, softmax": { align: "softmax" },
  "the package's objective": { terms: "alignreg-1.0", selection: "batch" },
};

const net = readNet("objective/worst-case-lenet").classifier;
const { graph } = net;
const [, hidden] = graph.nodes.filter(({ opType }) => opType === "Relu");

/** The same net with dropout of one half behind its second ReLU. */
const dropped = {
  ...net,
  graph: {
    ...graph,
    initializers: new Map([
      ...graph.initializers,
      ["ratio", { dtype: "float32", shape: [], data: new Float32Array([0.5]) } as const],
      ["isTraining", { dtype: "bool", shape: [], data: new Uint8Array([1]) } as const],
    ]),
    nodes: graph.nodes.flatMap((node) => {
      if (node !== hidden) return [node];
      const [output] = node.outputs;
      const dropout = {
        opType: "Dropout",
        domain: "",
        name: "drop",
        inputs: ["kept", "ratio", "isTraining"],
        outputs: [output],
        attributes: {},
      };
      return [{ ...node, outputs: ["kept"] }, dropout];
    }),
  },
};

test.each(Object.entries(cases))(
  "%s: measures and gradients are those of the whole step",
  async (_, objective) => {
    await expectSame(planOf(net, { objective }));
  },
);

test("an aligned tensor of the model goes beside the logits", async () => {
  await expectSame(planOf(net, { objective: { align: hidden.outputs[0] } }));
});

test.each(["rwa", "va", "base"] as const)("dropout's masks are the whole batch's, in %s", async (method) => {
  await expectSame(planOf(dropped, { objective: { method: methods[method] } }));
});

test("the package's objective has clean images in training mode, and the rest in evaluation mode", async () => {
  await expectSame(planOf(dropped, { objective: { terms: "alignreg-1.0", selection: "batch" } }));
});

test("a transformer's images are apart", async () => {
  const { model, data } = pytorchCase("vision-transformer-training-opset17-dynamic");
  const transformer = await loadClassifier(model);
  const plan = planOf(transformer, { imageShape: data.shape });
  expect(planMemory(plan, 64, 2 ** 20)).toMatchObject({ refusal: null });
  await expectSame(plan);
});

test("gradients are clipped, and weights penalised, once for all parts", async () => {
  const penalties = [{ weight: [...graph.initializers.keys()][0], l1: 0.01, l2: 0.02 }];
  await expectSame(planOf({ ...net, penalties }, { clipNorm: 0.5 }));
});

async function expectSame(given: StepPlan): Promise<void> {
  const { method, regularizer } = given.objective;
  const viewsPerSample = { none: 1, random: 2, "worst-case": 5, mixes: 3 }[method.views];
  const base = { ...given, viewsPerSample, optimizer: gradientItself };
  const plan = {
    ...base,
    critic: method.isRegularized && criticOf(regularizer) ? criticPlan(base, 0) : null,
  };
  const rng = random(0, "parts");
  const size = BATCH * viewsPerSample * sizeOf(plan.imageShape);
  const inputs = {
    images: Float32Array.from({ length: size }, () => rng.uniform()),
    labels: BigInt64Array.from({ length: BATCH }, (_, i) => BigInt(i % 3)),
    alignmentWeight: 0.5,
    scalars: plan.optimizer.scalars(1, 0.1),
    seed: 3,
  };
  const runners = [
    new StepRunner(plan, { threads: 1 }),
    // Neither divides the rows.
    new PartsRunner(plan, { selection: 7, gradient: 5 }, { threads: 1 }),
  ] as const;
  try {
    // Masks and a critic's mixes are drawn anew in the second.
    for (const step of [2, 3]) {
      const [whole, parts] = [RunState.initial(plan), RunState.initial(plan)];
      const expected = await runners[0].run(whole, { ...inputs, step });
      const actual = await runners[1].run(parts, { ...inputs, step });
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, value] of Object.entries(expected)) {
        expect([actual[name as keyof typeof actual]!], name).toBeAllClose([value], {
          rtol: 1e-4,
          atol: 1e-5,
        });
      }
      for (const [name, { data }] of whole.tensors) {
        const found = parts.tensors.get(name)!.data as Float32Array;
        expect(found, name).toBeAllClose(data as Float32Array, { rtol: 1e-4, atol: 1e-6 });
      }
    }
  } finally {
    for (const runner of runners) await runner.release();
  }
}
