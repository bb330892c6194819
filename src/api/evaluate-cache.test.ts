import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { greyLevels } from "../../test/small-run.ts";
import { family, rotation } from "../augment/index.ts";
import { predictMembers } from "../evaluate/index.ts";
import { type Classifier, buildClassifier, withNewHead } from "../models/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { Notes, type Shape, float32, random, sizeOf } from "../tensor/index.ts";
import { evaluationForm } from "../train/index.ts";
import { planFeatures } from "./frozen-features.ts";
import { type EvaluateOptions, type EvaluationResult, evaluate, fit } from "./index.ts";
import { planRun } from "./plan-run.ts";
import { resolveFitOptions } from "./resolve-fit-options.ts";

const data = greyLevels(22);
const others = greyLevels(14, 2);

const normal = (shape: Shape, seed: string) => {
  const rng = random(3, seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 0.4 * rng.normal()),
  );
};

/** A convolution, BatchNormalization, Dropout and two linear layers. */
function net(logits: (rows: number) => Shape = (rows) => [rows, 3]): Classifier {
  return buildClassifier("net", [1, 8, 8], (g, images) => {
    let x = g.op1("Conv", [images, g.initializer("conv.weight", normal([6, 1, 3, 3], "conv"))], {
      kernel_shape: [3, 3],
      strides: [2, 2],
    });
    const parts = [1.3, 0.1, 0.2, 0.7].map((value, i) =>
      g.initializer(`bn.${i}`, float32([6], new Float32Array(6).fill(value))),
    );
    x = g.op1("Relu", [g.op1("BatchNormalization", [x, ...parts])]);
    x = g.op1("Dropout", [g.op1("Flatten", [x], { axis: 1 }), g.scalar(0.25)]);
    x = g.op1("Relu", [g.matMul(x, g.initializer("fc.0", normal([54, 5], "fc")))]);
    const classes = logits(1)[1];
    return g.reshape(g.matMul(x, g.initializer("fc.1", normal([5, classes], "last"))), logits(1));
  });
}

/** Without what differs between any two tests. */
const scoresOf = (result: EvaluationResult) => ({ ...result, notes: null, manifest: null });
const options = { transforms: rotation({ degrees: [-30, 30] }), threads: 1, onNote: () => undefined };

/** Numbers of a result in the order of its members. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("a test on kept features gives the scores of one without:", () => {
  const shapes: [string, () => Classifier, EvaluateOptions][] = [
    ["three classes", () => net(), {}],
    ["an embedding behind the cut", () => net(), { embedding: net().graph.nodes.at(-2)!.outputs[0] }],
    ["one image at a time", () => net(), { batchSize: 1 }],
    ["bytes instead of pixels", () => ({ ...net(), inputRange: 255 }), {}],
    ["a new head", () => withNewHead(net(), { classNames: data.classNames, head: 4, seed: 1 }), {}],
  ];
  test.each(shapes)("%s", async (_, make, more) => {
    const plain = await evaluate(make(), data, { ...options, ...more });
    for (const pass of ["filled", "read"]) {
      const kept = await evaluate(make(), data, { ...options, ...more, cache: folder });
      expect(numbersIn(scoresOf(kept)), pass).toBeAllClose(numbersIn(scoresOf(plain)), {
        atol: 1e-5,
        rtol: 1e-5,
      });
      expect(kept.notes.join("\n")).toMatch(/kept for 22 images × 3 views: \d+ numbers each/);
    }
  });
});

/** A family that counts the images that it is asked for, but the probes of one image. */
function counting(degrees: readonly number[]) {
  const { members, unit } = rotation({ degrees });
  let images = 0;
  const counted = family(
    "rotation",
    unit,
    members.slice(1).map((member) => ({
      ...member,
      apply: (batch, out) => {
        if (batch.shape[0] > 1) images += batch.shape[0];
        return member.apply(batch, out);
      },
    })),
  );
  return { counted, images: () => images };
}

test("what one head left another one finds, and what its training left too", async () => {
  const start = withNewHead(net(), { classNames: data.classNames, seed: 1 });
  const { model } = await fit(start, data, { ...options, cache: folder, batchSize: 8 });
  const first = counting([-30, 30]);
  await evaluate(model, data, { ...options, transforms: first.counted, cache: folder });
  // The check that an image's logits are its own predicts no views.
  expect(first.images()).toBe(0);
  const second = counting([-30, 30, 45]);
  await evaluate(start, data, { ...options, transforms: second.counted, cache: folder });
  expect(second.images()).toBeGreaterThan(0);
});

test.each<[string, EvaluateOptions, RegExp]>([
  [
    "a family that draws",
    {
      transforms: family("jitter", "", [
        { name: "jitter", parameters: {}, apply: ({ data: x }) => x.map((value) => value + Math.random()) },
      ]),
    },
    /cache: "jitter" draws anew each time/,
  ],
  ["too little room", { cacheLimit: 1e-9 }, /cache: its features take .* kB, and 1 kB are allowed/],
])("%s is refused, and leaves nothing", async (_, more, message) => {
  await expect(evaluate(net(), data, { ...options, ...more, cache: folder })).rejects.toThrow(message);
  expect(readdirSync(folder)).toEqual([]);
});

test("a function cannot be cut", async () => {
  const predict = () => Promise.resolve(new Float32Array(66));
  await expect(evaluate(predict, { ...data }, { ...options, batchSize: 22, cache: folder })).rejects.toThrow(
    /cache: The function cannot be cut/,
  );
});

test("a run's features of other images are what the whole model makes of their views", async () => {
  const settings = resolveFitOptions({ trainable: ["fc.*"], threads: 1 });
  const { transforms } = options;
  const planned = await planRun(net(), { shape: data.shape, classes: 3 }, settings, transforms, "net");
  const said = new Notes(() => undefined);
  const plan = planFeatures(planned, data, transforms, settings, { cache: folder }, said)!;
  const run = await plan.open();
  const views = (await run.viewsOf(others))!;
  const { classifier } = run.plan;
  const suffix = await openClassifier(evaluationForm(classifier.graph, classifier.input), {
    output: classifier.logits,
  });
  const whole = await openClassifier(evaluationForm(net().graph));
  const kept = await predictMembers((images) => suffix.predict(images), others, transforms, {
    views,
    batchSize: 5,
  });
  const plain = await predictMembers((images) => whole.predict(images), others, transforms);
  kept.logits.forEach((logits, member) =>
    expect(logits).toBeAllClose(plain.logits[member], { atol: 1e-5, rtol: 1e-5 }),
  );
  run.close(true);
  await Promise.all([suffix.release(), whole.release()]);
});
