/** AugMix's loss, DAIR, terms over a batch and the hardest share, held against PyTorch: tools/fixtures/mix_losses.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runGraph, runWithGradients } from "../../test/run-graph.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type Tensor, float32, int64 } from "../tensor/index.ts";
import { consistency } from "./consistency.ts";
import { hardestCount } from "./hardest.ts";
import { type Method, methods } from "./index.ts";
import { type Objective, buildObjective } from "./objective.ts";
import { barlow } from "./regularizers/barlow.ts";
import { dair } from "./regularizers/dair.ts";
import { squaredL2 } from "./regularizers/squared-l2.ts";
import { vicreg } from "./regularizers/vicreg.ts";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}
interface Result {
  readonly value: number;
  readonly gradients: Stored[];
}
const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/objective/mix-losses.json", import.meta.url), "utf8"),
) as {
  labels: number[];
  logits: Stored;
  augmix: Result & { alignment: number };
  pair: [Stored, Stored];
  dair: Result & { perSample: Stored };
  terms: Record<string, { z: Stored; zView: Stored; vicreg: Result; barlow: Result }>;
  hardest: Record<string, Result>;
  unlabelled: Record<string, Result & { labels: number[] }>;
};
const read = ({ shape, data }: Stored): Tensor => float32(shape, data);
const values = (t: Tensor) => t.data as Float32Array;
const near = { rtol: 2e-5, atol: 2e-6 };
const { labels } = fixture;
const samples = labels.length;

/** The objective of logits that stand in for the images. */
function objectiveOf(
  g: GraphBuilder,
  z: Value,
  method: Method,
  rest: Partial<Objective>,
  weight: number,
  given = labels,
) {
  const pass = (batch: Value) => ({ logits: batch, named: () => undefined });
  return buildObjective(
    g,
    {
      ...{ method, regularizer: squaredL2, selection: "sample", selectBy: "loss", alignSelectBy: "loss" },
      ...{ align: "logits", stopGradient: "none", terms: "mean" },
      ...rest,
    },
    {
      images: z,
      labels: g.constant(int64(given)),
      alignmentWeight: g.scalar(weight),
      train: pass,
      evaluate: pass,
      modesDiffer: false,
      critic: null,
    },
  );
}

test("augmix: CE(clean) + 12·JS of three, value and gradient, also where the mixture is clamped", async () => {
  const feeds = { z: read(fixture.logits) };
  const made = await runWithGradients(feeds, (g, { z }) => objectiveOf(g, z, methods.augmix, {}, 12).loss);
  expect(values(made.value)).toBeAllClose([fixture.augmix.value], near);
  expect(values(made["grad:z"])).toBeAllClose(fixture.augmix.gradients[0].data, near);
  const { alignment } = await runGraph(feeds, (g, { z }) => ({
    alignment: objectiveOf(g, z, methods.augmix, {}, 12).alignment!,
  }));
  expect(values(alignment)).toBeAllClose([fixture.augmix.alignment], near);
});

test("the consistency is 0 where all agree, log 3 where none does, and finite for logits in the thousands", async () => {
  const rows = (...data: number[]) => float32([1, 3], data);
  const of = async (a: Tensor, b: Tensor, c: Tensor) => {
    const made = await runWithGradients({ a, b, c }, (g, i) => g.mean(consistency(g, [i.a, i.b, i.c]), [0]));
    for (const t of Object.values(made)) expect(values(t).every(Number.isFinite)).toBe(true);
    return values(made.value)[0];
  };
  expect(await of(rows(1, 2, 3), rows(1, 2, 3), rows(1, 2, 3))).toBeCloseTo(0, 6);
  expect(await of(rows(5e3, 0, 0), rows(0, 5e3, 0), rows(0, 0, 5e3))).toBeCloseTo(Math.log(3), 5);
});

describe("dair", () => {
  const [clean, view] = fixture.pair.map(read);
  test("is PyTorch's (√ℓ − √ℓ′)², value and gradient by the logits", async () => {
    const both = float32([2 * samples, clean.shape[1]], [...values(clean), ...values(view)]);
    const made = await runWithGradients({ z: both }, (g, { z }) => {
      const { alignment } = objectiveOf(g, z, methods.rva, { regularizer: dair }, 1);
      return alignment!;
    });
    expect(values(made.value)).toBeAllClose([fixture.dair.value], near);
    const gradients = fixture.dair.gradients.flatMap(({ data }) => data);
    expect(values(made["grad:z"])).toBeAllClose(gradients, near);
  });

  test("has a finite gradient, 0, where a loss is 0 or so small that float32 has none", async () => {
    const feeds = { l: float32([4], [0, 1e-20, 0, 4]), m: float32([4], [0, 0, 4, 4]) };
    const made = await runWithGradients(feeds, (g, { l, m }) => g.sum(dair.distance(g, l, m), [0]));
    expect(values(made.value)).toBeAllClose([4], { rtol: 1e-5 });
    expect(values(made["grad:l"])).toBeAllClose([0, 0, 0, 0], { atol: 1e-9 });
    expect(values(made["grad:m"])).toBeAllClose([0, 0, 1, 0], { rtol: 1e-5 });
  });

  test("leaves the clean side alone with stopGradient clean", async () => {
    const feeds = { z: float32([2 * samples, clean.shape[1]], [...values(clean), ...values(view)]) };
    const made = await runWithGradients(
      feeds,
      (g, { z }) =>
        objectiveOf(g, z, methods.rva, { regularizer: dair, stopGradient: "clean" }, 1).alignment!,
    );
    const [ofClean, ofView] = fixture.dair.gradients.map(({ data }) => data);
    expect(values(made["grad:z"])).toBeAllClose([...ofClean.map(() => 0), ...ofView], near);
  });
});

describe.each(Object.entries(fixture.terms))("terms over a batch, %s", (_, c) => {
  test.each([
    ["vicreg", vicreg],
    ["barlow", barlow],
  ] as const)("%s: value and both gradients as by the authors' formulas", async (name, regularizer) => {
    const made = await runWithGradients({ z: read(c.z), zView: read(c.zView) }, (g, { z, zView }) =>
      regularizer.term(g, z, zView),
    );
    const { value, gradients } = c[name];
    expect(values(made.value)).toBeAllClose([value], near);
    // Of two images a correlation is ±1, and its gradient all but vanishes: the difference of large numbers.
    const scale = Math.max(0.1, ...gradients.flatMap(({ data }) => data.map(Math.abs)));
    for (const [i, side] of (["grad:z", "grad:zView"] as const).entries())
      expect(values(made[side])).toBeAllClose(gradients[i].data, { rtol: 1e-4, atol: 2e-5 * scale });
  });
});

test("of one image a term over the batch is finite: VICReg's invariance; nothing of Barlow Twins", async () => {
  const feeds = { z: float32([1, 3], [1, 2, 3]), zView: float32([1, 3], [1, 2, 5]) };
  for (const [regularizer, value] of [
    [vicreg, (25 * 4) / 3],
    [barlow, 0],
  ] as const) {
    const made = await runWithGradients(feeds, (g, { z, zView }) =>
      g.add(regularizer.term(g, z, zView), g.scale(g.sum(z, [0, 1]), 0)),
    );
    expect(values(made.value)).toBeAllClose([value], { rtol: 1e-5 });
    expect(values(made["grad:z"]).every(Number.isFinite)).toBe(true);
  }
});

test("a term over a batch weighs the whole batch once, by λ", async () => {
  const z = float32([2 * samples, fixture.logits.shape[1]], fixture.logits.data.slice(0, 60));
  const of = async (weight: number) => {
    const { loss, alignment } = await runGraph({ z }, (g, { z: input }) => {
      const terms = objectiveOf(g, input, methods.rva, { regularizer: vicreg }, weight);
      return { loss: terms.loss, alignment: terms.alignment! };
    });
    return [values(loss)[0], values(alignment)[0]];
  };
  const [[plain], [weighed, term]] = [await of(0), await of(0.5)];
  expect(weighed - plain).toBeCloseTo(0.5 * term, 3);
});

describe("images without a label", () => {
  test.each(Object.entries(fixture.unlabelled))(
    "%s of a batch: no cross-entropy, the farthest view, a part in the alignment term",
    async (_, { labels: given, value, gradients }) => {
      const feeds = { z: read(fixture.logits) };
      const rest = { unlabelled: true } as const;
      const made = await runWithGradients(
        feeds,
        (g, { z }) => objectiveOf(g, z, methods.rwa, rest, 0.3, given).loss,
      );
      expect(values(made.value)).toBeAllClose([value], near);
      expect(values(made["grad:z"])).toBeAllClose(gradients[0].data, near);
      const { spread, correct } = await runGraph(feeds, (g, { z }) => {
        const terms = objectiveOf(g, z, methods.rwa, rest, 0.3, given);
        return { spread: terms.spread!, correct: terms.correct };
      });
      const none = given.flatMap((label, i) => (label < 0 ? [i] : []));
      const rows = none.map((i) => fixture.logits.data.slice(5 * i, 5 * i + 5));
      const variances = [0, 1, 2, 3, 4].map((c) => {
        const mean = rows.reduce((sum, row) => sum + row[c], 0) / rows.length;
        return rows.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / rows.length;
      });
      const expected = none.length === 0 ? 0 : Math.sqrt(variances.reduce((a, b) => a + b, 0) / 5);
      expect(values(spread)).toBeAllClose([expected], near);
      if (none.length === samples) expect(values(correct)[0]).toBe(0);
    },
  );

  test("have none in class-weighted means either", async () => {
    const given = [0, -1, 2, -1, -1, 1];
    const classification = { labelSmoothing: 0.1, classWeights: [2, 1, 0.5, 1, 1] };
    const of = (z: Tensor, used: number[], unlabelled: boolean) =>
      runGraph({ z }, (g, i) => ({
        loss: objectiveOf(g, i.z, methods.base, { classification, unlabelled }, 0, used).loss,
      }));
    const all = float32([samples, 5], fixture.logits.data.slice(0, 30));
    const known = [0, 2, 5];
    const some = float32(
      [3, 5],
      known.flatMap((i) => fixture.logits.data.slice(5 * i, 5 * i + 5)),
    );
    const masked = await of(all, given, true);
    const alone = await of(some, [0, 2, 1], false);
    expect(values(masked.loss)).toBeAllClose(values(alone.loss), near);
  });
});

describe("the hardest share of a batch", () => {
  const z = float32([2 * samples, fixture.logits.shape[1]], fixture.logits.data.slice(0, 60));
  test.each(Object.entries(fixture.hardest))(
    "%s of 6: clean loss, view loss and distance are means over the images whose view is hardest",
    async (count, { value, gradients }) => {
      const made = await runWithGradients(
        { z },
        (g, { z: input }) =>
          objectiveOf(g, input, methods.rva, { hardest: Number(count) / samples }, 0.3).loss,
      );
      expect(values(made.value)).toBeAllClose([value], near);
      expect(values(made["grad:z"])).toBeAllClose(gradients[0].data, near);
    },
  );

  test("is rounded, one at least", () => {
    expect([96, 8, 4, 1].map((n) => hardestCount(n, 1 / 3))).toEqual([32, 3, 1, 1]);
    expect(hardestCount(128, 1e-9)).toBe(1);
  });
});
