import { beforeAll, describe, expect, test } from "vitest";
import { type Net, type StepFeed, planOf, readNet, runStep } from "../../test/objective-case.ts";
import { runGraph } from "../../test/run-graph.ts";
import { ModelError, inlineGraph, upgradeGraph } from "../onnx/index.ts";
import { type Tensor, UsageError, float32, numbersOf } from "../tensor/index.ts";
import { type Method, type MethodName, type Objective, methodByName, methods } from "./index.ts";
import { squaredL2 } from "./regularizers/squared-l2.ts";

const MEMBERS = 5;
const WEIGHT = 0.3;

let net: Net;
let labels: number[];
/** Logits of every view, [MEMBERS][N][classes]. */
let logits: number[][][];

beforeAll(async () => {
  net = readNet("objective/worst-case-mlp");
  labels = numbersOf(net.stored("labels"));
  const views = net.stored("input:views");
  const flat = float32([MEMBERS * labels.length, ...views.shape.slice(2)], [...(views.data as Float32Array)]);
  const graph = upgradeGraph(net.classifier.graph);
  const { z } = await runGraph({ x: flat }, (g, { x }) => ({
    z: inlineGraph(g, graph, new Map([["x", x]])).get("logits")!,
  }));
  const rows = chunks(numbersOf(z), z.shape[1]);
  logits = chunks(rows, labels.length);
});

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const indexOfMax = (values: readonly number[]) => values.indexOf(Math.max(...values));

const logSumExp = (z: readonly number[]) => Math.log(sum(z.map(Math.exp)));
const ce = (z: readonly number[], label: number) => logSumExp(z) - z[label];
const softmax = (z: readonly number[]) => z.map((v) => Math.exp(v - logSumExp(z)));
const squaredDistance = (a: readonly number[], b: readonly number[]) => sum(a.map((v, k) => (v - b[k]) ** 2));

/** Losses of one view of each sample, by the definition; the view is drawn, worst, or absent. */
function losses(member: number[] | null) {
  const clean = logits[0];
  const view = member?.map((m, i) => logits[m][i]);
  return {
    cleanLoss: mean(clean.map((z, i) => ce(z, labels[i]))),
    correct: clean.filter((z, i) => indexOfMax(z) === labels[i]).length,
    viewLoss: view && mean(view.map((z, i) => ce(z, labels[i]))),
    alignment: view && mean(view.map((z, i) => squaredDistance(z, clean[i]))),
  };
}

const worstPerSample = () =>
  labels.map((label, i) => indexOfMax(logits.map((member) => ce(member[i], label))));
const meanLosses = () => logits.map((member) => mean(member.map((z, i) => ce(z, labels[i]))));
const everyone = (member: number) => labels.map(() => member);

/** The images that a method is fed, [views·N, C, H, W]. */
function feedOf(views: Method["views"], drawn: number[]): StepFeed {
  const all = net.stored("input:views");
  const size = all.data.length / MEMBERS / labels.length;
  const image = (member: number, i: number) => {
    const at = (member * labels.length + i) * size;
    return [...(all.data as Float32Array).subarray(at, at + size)];
  };
  const clean = labels.flatMap((_, i) => image(0, i));
  const images = {
    none: clean,
    random: [...clean, ...labels.flatMap((_, i) => image(drawn[i], i))],
    "worst-case": [...(all.data as Float32Array)],
    mixes: [...clean, ...labels.flatMap((_, i) => image(1, i)), ...labels.flatMap((_, i) => image(4, i))],
  }[views];
  return {
    images: float32([images.length / size, ...all.shape.slice(2)], images),
    labels: net.stored("labels"),
    alignmentWeight: WEIGHT,
  };
}

const viewCounts = { none: 1, random: 2, "worst-case": MEMBERS, mixes: 3 };

function step(method: MethodName, objective: Partial<Objective> = {}, drawn = [1, 2, 3, 4, 4, 3, 2, 1]) {
  const { views } = methods[method];
  const plan = planOf(net.classifier, {
    objective: { method: methods[method], ...objective },
    viewsPerSample: viewCounts[views],
  });
  return runStep(plan, feedOf(views, drawn));
}

describe("each method's loss follows from the logits by its definition:", () => {
  test("base: CE(f(x), y)", async () => {
    const { measures } = await step("base");
    const { cleanLoss, correct } = losses(null);
    expect(Object.keys(measures).sort()).toEqual(["cleanLoss", "correct", "loss"]);
    expect([measures.loss, measures.cleanLoss]).toBeAllClose([cleanLoss, cleanLoss], { rtol: 1e-5 });
    expect(measures.correct).toBe(correct);
  });

  test("va: CE(f(x), y) + CE(f(a(x)), y)", async () => {
    const { measures } = await step("va");
    const { cleanLoss, viewLoss, correct } = losses([1, 2, 3, 4, 4, 3, 2, 1]);
    expect(Object.keys(measures).sort()).toEqual(["cleanLoss", "correct", "loss", "viewLoss"]);
    expect([measures.loss, measures.viewLoss]).toBeAllClose([cleanLoss + viewLoss!, viewLoss!], {
      rtol: 1e-5,
    });
    expect(measures.correct).toBe(correct);
  });

  test("rva: va + λ·R(f(x), f(a(x)))", async () => {
    const { measures } = await step("rva");
    const { cleanLoss, viewLoss, alignment } = losses([1, 2, 3, 4, 4, 3, 2, 1]);
    expect([measures.loss, measures.alignment]).toBeAllClose(
      [cleanLoss + viewLoss! + WEIGHT * alignment!, alignment!],
      { rtol: 1e-5 },
    );
  });

  test("vwa: CE(f(x), y) + CE(f(a*(x)), y), for either selection", async () => {
    for (const [selection, member] of [
      ["sample", worstPerSample()],
      ["batch", everyone(indexOfMax(meanLosses()))],
    ] as const) {
      const { measures } = await step("vwa", { selection });
      const { cleanLoss, viewLoss } = losses(member);
      expect([measures.loss, measures.viewLoss]).toBeAllClose([cleanLoss + viewLoss!, viewLoss!], {
        rtol: 1e-5,
      });
      expect(measures).not.toHaveProperty("alignment");
    }
  });

  test("rwa: vwa + λ·R(f(x), f(a*(x)))", async () => {
    const { measures } = await step("rwa");
    const { cleanLoss, viewLoss, alignment } = losses(worstPerSample());
    expect([measures.loss, measures.alignment]).toBeAllClose(
      [cleanLoss + viewLoss! + WEIGHT * alignment!, alignment!],
      { rtol: 1e-5 },
    );
  });

  test("rwa with views chosen by distance for one term or both", async () => {
    const farthest = labels.map((_, i) =>
      indexOfMax(logits.map((member) => squaredDistance(member[i], logits[0][i]))),
    );
    expect(farthest).not.toEqual(worstPerSample());
    for (const [selectBy, alignSelectBy] of [
      ["loss", "distance"],
      ["distance", "loss"],
      ["distance", "distance"],
    ] as const) {
      const members = { loss: worstPerSample(), distance: farthest };
      const { cleanLoss, viewLoss, correct } = losses(members[selectBy]);
      const { alignment } = losses(members[alignSelectBy]);
      const { measures } = await step("rwa", { selectBy, alignSelectBy });
      expect([measures.loss, measures.viewLoss, measures.alignment]).toBeAllClose(
        [cleanLoss + viewLoss! + WEIGHT * alignment!, viewLoss!, alignment!],
        { rtol: 1e-5 },
      );
      expect(measures.correct).toBe(correct);
    }
    // By the mean over the batch; the preset measures from the clean images, which it never chooses.
    const meanDistances = logits.map((member) =>
      mean(member.map((z, i) => squaredDistance(z, logits[0][i]))),
    );
    const { alignment } = losses(everyone(indexOfMax(meanDistances)));
    const summed = alignment! * labels.length;
    const { measures } = await step("rwa", {
      selection: "batch",
      terms: "alignreg-1.0",
      alignSelectBy: "distance",
    });
    expect([measures.alignment]).toBeAllClose([summed], { rtol: 1e-5 });
  });

  test("compat alignreg-1.0: CE + λ·(CE of the worst transform + Σ of squared distances)", async () => {
    const { measures } = await step("rwa", { selection: "batch", terms: "alignreg-1.0" });
    const worst = everyone(1 + indexOfMax(meanLosses().slice(1)));
    // Here the identity is the worst of all members; the package chooses among the others.
    expect(indexOfMax(meanLosses())).toBe(0);
    const { cleanLoss, viewLoss, alignment } = losses(worst);
    const summed = alignment! * labels.length;
    expect([measures.loss, measures.alignment]).toBeAllClose(
      [cleanLoss + WEIGHT * (viewLoss! + summed), summed],
      { rtol: 1e-5 },
    );
  });

  test("methods are found by name; an unknown one is told the choices", () => {
    expect(methodByName("rwa")).toBe(methods.rwa);
    expect(() => methodByName("rwb")).toThrow(UsageError);
    expect(() => methodByName("constructor")).toThrow("base, va, rva, vwa, rwa, augmix");
  });
});

const gradientOf = ({ parameters }: { parameters: ReadonlyMap<string, Tensor> }) =>
  [...parameters.values()].flatMap((t) => [...(t.data as Float32Array)]);

describe("the aligned representation", () => {
  const drawn = [1, 2, 3, 4, 4, 3, 2, 1];

  test("may be the softmax", async () => {
    const { measures } = await step("rva", { align: "softmax" });
    const distances = labels.map((_, i) =>
      squaredDistance(softmax(logits[drawn[i]][i]), softmax(logits[0][i])),
    );
    expect([measures.alignment]).toBeAllClose([mean(distances)], { rtol: 1e-4 });
  });

  test("may be an inner tensor, of which the layers behind it get no alignment gradient", async () => {
    const graph = upgradeGraph(net.classifier.graph);
    const { images } = feedOf("random", drawn);
    const { relu1 } = await runGraph({ x: images }, (g, { x }) => {
      const values = inlineGraph(g, graph, new Map([["x", x]]));
      return { relu1: values.get("relu1")! };
    });
    const rows = chunks(numbersOf(relu1), relu1.shape[1]);
    const expected = mean(labels.map((_, i) => squaredDistance(rows[i], rows[labels.length + i])));

    const [aligned, plain] = await Promise.all([step("rva", { align: "relu1" }), step("va")]);
    expect([aligned.measures.alignment]).toBeAllClose([expected], { rtol: 1e-5 });
    const gradient = (result: typeof plain, name: string) =>
      result.parameters.get(name)!.data as Float32Array;
    expect(gradient(aligned, "fc3.weight")).toBeAllClose(gradient(plain, "fc3.weight"), { atol: 1e-6 });
    expect(gradient(aligned, "fc1.weight")).not.toBeAllClose(gradient(plain, "fc1.weight"), { rtol: 1e-2 });
  });

  test("may have any rank: a feature map is flattened per sample, and kept where ReLU moves behind a pool", async () => {
    const lenet = readNet("objective/worst-case-lenet");
    const views = lenet.stored("input:views");
    const feed = { images: views, labels: lenet.stored("labels") };
    // relu1 is followed by a pool: what is aligned must be ReLU's output, not the pool's.
    const { measures } = await runStep(planOf(lenet.classifier, { objective: { align: "relu1" } }), feed);
    const selected = numbersOf(lenet.stored("rwa-sample/expected:selected"));
    const n = selected.length;
    const graph = upgradeGraph(lenet.classifier.graph);
    const flat = float32([MEMBERS * n, ...views.shape.slice(2)], [...(views.data as Float32Array)]);
    const { relu1 } = await runGraph({ x: flat }, (g, { x }) => ({
      relu1: inlineGraph(g, graph, new Map([["x", x]])).get("relu1")!,
    }));
    const maps = chunks(numbersOf(relu1), relu1.data.length / (MEMBERS * n));
    const expected = mean(selected.map((member, i) => squaredDistance(maps[i], maps[member * n + i])));
    expect([measures.alignment]).toBeAllClose([expected], { rtol: 1e-5 });
  });

  test("must be a tensor of the model", async () => {
    await expect(step("rwa", { align: "relu9" })).rejects.toThrow(ModelError);
    await expect(step("rwa", { align: "relu9" })).rejects.toThrow(/no tensor "relu9"/);
  });

  test("must have the batch as its first axis", async () => {
    await expect(step("rwa", { align: "fc1.weight" })).rejects.toThrow(/first axis must be the batch/);
  });
});

test('stopGradient "clean" lets the alignment term move the views only', async () => {
  // R(z, z′) = Σ z is a regularizer whose gradient comes through z alone; with the stop nothing is left of it.
  const cleanOnly: typeof squaredL2 = {
    ...squaredL2,
    distance: (g, z) => g.sum(z, [1]),
  };
  const viewOnly: typeof squaredL2 = {
    ...squaredL2,
    distance: (g, _z, zView) => g.sum(zView, [1]),
  };
  const [plain, free, stopped, stoppedView, freeView] = (
    await Promise.all([
      step("va"),
      step("rva", { regularizer: cleanOnly }),
      step("rva", { regularizer: cleanOnly, stopGradient: "clean" }),
      step("rva", { regularizer: viewOnly, stopGradient: "clean" }),
      step("rva", { regularizer: viewOnly }),
    ])
  ).map(gradientOf);
  expect(free).not.toBeAllClose(plain, { rtol: 1e-2 });
  expect(stopped).toBeAllClose(plain, { atol: 1e-6 });
  expect(stoppedView).not.toBeAllClose(plain, { rtol: 1e-2 });
  expect(stoppedView).toBeAllClose(freeView, { atol: 1e-6 });
});

test("stopGradient changes the gradient of squared l2 but not its value", async () => {
  const [both, stopped] = await Promise.all([step("rwa"), step("rwa", { stopGradient: "clean" })]);
  expect(stopped.measures).toEqual(both.measures);
  expect(gradientOf(stopped)).not.toBeAllClose(gradientOf(both), { rtol: 1e-2 });
});
