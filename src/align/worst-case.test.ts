import { beforeAll, describe, expect, test } from "vitest";
import { type Net, planOf, readNet, runStep } from "../../test/objective-case.ts";
import { semanticInference } from "../autodiff/index.ts";
import { lower } from "../lower/index.ts";
import { GraphBuilder, type Value, inlineGraph, upgradeGraph } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Tensor, float32, numbersOf } from "../tensor/index.ts";
import { layoutOf } from "../train/index.ts";
import type { Objective } from "./index.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

/** Runs a graph of constants. */
async function evaluateGraph(build: (g: GraphBuilder) => Record<string, Value>) {
  const g = new GraphBuilder({ extension: semanticInference });
  const session = await createSession(lower(g.build("test", build(g))), { threads: 1 });
  try {
    return await session.run({});
  } finally {
    await session.release();
  }
}

// An initializer, so that the choice is made by ONNX Runtime and not folded away.
const chosen = async (losses: Tensor, selection: Selection) => {
  const { member } = await evaluateGraph((g) => ({
    member: worstMember(g, g.initializer("losses", losses), selection),
  }));
  return numbersOf(member);
};

describe("worstMember", () => {
  // member-major: rows are the identity and two transforms
  const losses = float32([3, 4], [1, 5, 2, 2, 4, 5, 2, 1, 3, 1, 2, 7]);

  test("takes each sample's largest loss; the identity wins ties, then the earlier transform", async () => {
    expect(await chosen(losses, "sample")).toEqual([1, 0, 0, 2]);
  });

  test("takes the member of largest mean loss for the whole batch", async () => {
    expect(await chosen(losses, "batch")).toEqual([2, 2, 2, 2]);
  });

  test("gives the identity a tie of means", async () => {
    expect(await chosen(float32([3, 2], [1, 3, 3, 1, 0, 4]), "batch")).toEqual([0, 0]);
  });
});

test("cleanAndChosenRows lists the clean rows, then each sample's chosen view", async () => {
  const { rows } = await evaluateGraph((g) => {
    const member = g.initializer("member", {
      dtype: "int64",
      shape: [3],
      data: BigInt64Array.of(0n, 2n, 1n),
    });
    return { rows: cleanAndChosenRows(g, [member]) };
  });
  expect(numbersOf(rows)).toEqual([0, 1, 2, 0, 7, 5]);
});

interface Variant {
  readonly name: string;
  readonly objective: Partial<Objective>;
}

const variants: readonly Variant[] = [
  { name: "rwa-sample", objective: { selection: "sample" } },
  { name: "rwa-batch", objective: { selection: "batch" } },
  { name: "alignreg-1.0", objective: { selection: "batch", terms: "alignreg-1.0" } },
];

describe.each(["worst-case-mlp", "worst-case-lenet"])("a step of %s agrees with PyTorch:", (name) => {
  let net: Net;
  let feed: { images: Tensor; labels: Tensor; alignmentWeight: number };
  beforeAll(() => {
    net = readNet(`objective/${name}`);
    feed = {
      images: net.stored("input:views"),
      labels: net.stored("labels"),
      alignmentWeight: Number(net.metadata.alignmentWeight),
    };
  });

  test("the loss of every view, and the choice among them", async () => {
    const graph = upgradeGraph(net.classifier.graph);
    const expected = net.stored("expected:losses");
    const [members, samples] = expected.shape;
    const { losses, ...members_ } = await evaluateGraph((g) => {
      const flat = float32(
        [members * samples, ...feed.images.shape.slice(2)],
        [...(feed.images.data as Float32Array)],
      );
      const values = inlineGraph(g, graph, new Map([["x", g.initializer("views", flat)]]));
      const repeated = g.expand(g.initializer("labels", feed.labels), [members, samples]);
      const perRow = crossEntropy(g, values.get("logits")!, g.reshape(repeated, [members * samples]));
      const losses = g.reshape(perRow, [members, samples]);
      return { losses, sample: worstMember(g, losses, "sample"), batch: worstMember(g, losses, "batch") };
    });
    expect(losses.data as Float32Array).toBeAllClose(expected.data as Float32Array, {
      rtol: 1e-5,
      atol: 1e-6,
    });
    expect(numbersOf(members_.sample)).toEqual(numbersOf(net.stored("rwa-sample/expected:selected")));
    expect(numbersOf(members_.batch)).toEqual(numbersOf(net.stored("rwa-batch/expected:selected")));
  });

  describe.each(variants)("$name,", ({ name: variant, objective }) => {
    test.each(["disabled", "extended"] as const)("optimization %s", async (optimization) => {
      const { measures, parameters } = await runStep(
        planOf(net.classifier, { objective }),
        feed,
        optimization,
      );
      const scalar = (key: string) => numbersOf(net.stored(`${variant}/expected:${key}`));
      expect([measures.loss]).toBeAllClose(scalar("loss"), { rtol: 1e-5 });
      expect([measures.cleanLoss]).toBeAllClose(scalar("clean-loss"), { rtol: 1e-5 });
      expect([measures.viewLoss]).toBeAllClose(scalar("worst-loss"), { rtol: 1e-5 });
      expect(parameters.size).toBeGreaterThan(0);
      for (const [weight, { data }] of parameters) {
        const expected = net.stored(`${variant}/grad:${weight}`).data as Float32Array;
        // float32 sums of some hundred terms: 1e-5 of the largest entry
        const scale = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        expect(data as Float32Array, weight).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 * scale });
      }
    });
  });

  test("one vector for all parameters, or one for each, give the same gradients", async () => {
    const plan = planOf(net.classifier);
    const apart = plan.layout.slots[0].parameters.flatMap((p) => layoutOf([p]).slots);
    expect(apart.length).toBeGreaterThan(2);
    const [together, separately] = await Promise.all([
      runStep(plan, feed),
      runStep({ ...plan, layout: { slots: apart } }, feed),
    ]);
    expect(separately.measures).toEqual(together.measures);
    expect(separately.parameters).toEqual(together.parameters);
  });
});
