import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runWithGradients } from "../../../test/run-graph.ts";
import { float32, int64 } from "../../tensor/index.ts";
import { classificationLosses } from "../classification-loss.ts";
import { defineLoss } from "../define-loss.ts";
import { type LossName, type LossOptions, lossOf, losses } from "./index.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/objective/losses.json", import.meta.url), "utf8"),
) as {
  logits: number[][];
  labels: number[];
  cases: { name: LossName; options: LossOptions; perSample: number[]; gradient: number[][] }[];
};
const [samples, classes] = [fixture.labels.length, fixture.logits[0].length];
const logits = float32([samples, classes], fixture.logits.flat());
const labels = int64(fixture.labels, [samples]);

test("the fixture has every loss", () => {
  expect([...new Set(fixture.cases.map(({ name }) => name))].sort()).toEqual(Object.keys(losses).sort());
});

test.each(fixture.cases)("$name $options: losses and gradient are PyTorch's", async (c) => {
  const loss = lossOf(c.name, c.options);
  for (const [k, expected] of c.perSample.entries()) {
    const { value } = await runWithGradients({ logits }, (g, inputs) =>
      g.reshape(
        g.slice(loss.perSample(g, inputs.logits, g.constant(labels)), [{ axis: 0, start: k, end: k + 1 }]),
        [],
      ),
    );
    expect([Number(value.data[0])]).toBeAllClose([expected], { rtol: 1e-5, atol: 1e-6 });
  }
  const all = await runWithGradients({ logits }, (g, inputs) =>
    g.mean(loss.perSample(g, inputs.logits, g.constant(labels)), [0]),
  );
  expect(all["grad:logits"].data as Float32Array).toBeAllClose(c.gradient.flat(), { rtol: 1e-4, atol: 1e-6 });
});

test("class weights multiply a loss by its label's; one number for each sample is needed", async () => {
  const weighted = (classWeights: number[] | null) =>
    runWithGradients({ logits }, (g, inputs) =>
      g.sum(
        classificationLosses(g, inputs.logits, g.constant(labels), {
          labelSmoothing: 0,
          classWeights,
          own: losses.sigmoid(),
        }),
        [0],
      ),
    );
  const { perSample } = fixture.cases.at(-1)!;
  const expected = perSample.reduce((sum, loss, i) => sum + loss * [1, 2, 3, 4][fixture.labels[i]], 0);
  expect([Number((await weighted([1, 2, 3, 4])).value.data[0])]).toBeAllClose([expected], { rtol: 1e-5 });
  const total = defineLoss({ name: "total", perSample: (g, z) => g.sum(z, [0, 1]) });
  const wrong = runWithGradients({ logits }, (g, inputs) =>
    classificationLosses(g, inputs.logits, g.constant(labels), {
      labelSmoothing: 0,
      classWeights: null,
      own: total,
    }),
  );
  await expect(wrong).rejects.toThrow(/The loss "total" gives \[\] for 6 samples/);
});

test("names and options that are none are told", () => {
  expect(() => lossOf("focus")).toThrow(/Unknown loss "focus"\. Choose one of: crossEntropy, focal, sigmoid/);
  expect(() => lossOf("sigmoid", { gamma: 1 })).toThrow(/The loss "sigmoid" takes no "gamma"/);
  expect(() => lossOf("focal", { gamma: NaN })).toThrow(/gamma must be a number of at least 0, not NaN/);
  expect(() => lossOf({ name: "mine" } as never)).toThrow(/has no perSample/);
});
