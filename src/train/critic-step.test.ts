import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { discriminator } from "../align/regularizers/discriminator.ts";
import { wasserstein } from "../align/regularizers/wasserstein.ts";
import { backward, semanticInference, stopGradient } from "../autodiff/index.ts";
import { lower } from "../lower/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Tensor, float32 } from "../tensor/index.ts";
import { addCritic } from "./critic-step.ts";
import { adam } from "./optimizers/adam.ts";
import { stepNames } from "./step-names.ts";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

type Outcome = Record<"criticAfter" | "perSample" | "gradLogits" | "gradViewLogits", Stored> & {
  readonly criticLosses: number[];
};

const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/objective/critics.json", import.meta.url), "utf8"),
) as Record<"logits" | "viewLogits" | "critic", Stored> & {
  readonly settings: { hidden: number; learningRate: number; clip: number; penalty: number };
  readonly mixes: Stored[];
  readonly cases: Record<string, Outcome>;
};

const read = ({ shape, data }: Stored): Tensor => float32(shape, data);
const numbers = ({ data }: Tensor) => data as Float32Array;
const { hidden, learningRate, clip, penalty } = fixture.settings;
const steps = fixture.mixes.length;
const common = { steps, learningRate, hidden };

const regularizers = {
  "wasserstein, penalty": wasserstein({ ...common, penalty }),
  "wasserstein, clipping": wasserstein({ ...common, lipschitz: "clipping", clip }),
  discriminator: discriminator(common),
};

describe.each(Object.entries(regularizers))("the critic of %s", (name, regularizer) => {
  const { critic } = regularizer;
  const expected = fixture.cases[name];
  const [samples, features] = fixture.logits.shape;

  /** Two updates of the critic, then the regularizer and what it tells the model. */
  async function run(): Promise<Record<string, Tensor>> {
    const optimizer = adam({ beta1: critic!.beta1, beta2: critic!.beta2 });
    const plan = {
      critic: critic!,
      optimizer,
      shapes: critic!.parameters(features).map((p) => p.shape),
      initial: Float32Array.from(fixture.critic.data),
    };
    const feeds: Record<string, Tensor> = {
      z: read(fixture.logits),
      zView: read(fixture.viewLogits),
      [stepNames.critic]: read(fixture.critic),
      [stepNames.criticState(0)]: float32([plan.initial.length]),
      [stepNames.criticState(1)]: float32([plan.initial.length]),
    };
    fixture.mixes.forEach((mix, update) => {
      feeds[stepNames.criticMix(update)] = read(mix);
      for (const [key, value] of Object.entries(optimizer.scalars(update + 1, learningRate)))
        feeds[stepNames.criticScalar(update, key)] = float32([], [value]);
    });
    const g = new GraphBuilder({ extension: semanticInference });
    const [z, zView] = ["z", "zView"].map((key) => g.input(key, "float32", [samples, features]));
    const { inputs, outputs } = addCritic(g, plan, samples);
    const perSample = regularizer.distance(
      g,
      z,
      zView,
      inputs.train(stopGradient(g, z), stopGradient(g, zView)),
    );
    const [gradLogits, gradViewLogits] = backward(g, g.mean(perSample, [0]), [z, zView]);
    const results = { perSample, gradLogits, gradViewLogits, ...outputs() };
    const session = await createSession(lower(g.build("critic", results)), { threads: 1 });
    try {
      return await session.run(feeds);
    } finally {
      await session.release();
    }
  }

  test("learns as in PyTorch, and tells the model what it does there", async () => {
    const result = await run();
    expect(numbers(result[stepNames.next(stepNames.critic)])).toBeAllClose(expected.criticAfter.data, {
      rtol: 1e-4,
      atol: 1e-5,
    });
    expect(numbers(result.criticLoss)).toBeAllClose([expected.criticLosses[steps - 1]], { rtol: 1e-4 });
    for (const key of ["perSample", "gradLogits", "gradViewLogits"] as const) {
      expect(numbers(result[key])).toBeAllClose(expected[key].data, { rtol: 1e-4, atol: 1e-5 });
    }
  });
});
