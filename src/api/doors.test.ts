/** What surrounds the arithmetic of a model from a file: its logits, classes, pixels and batches. */
import { describe, expect, test } from "vitest";
import { greyClassifier, greyFile, greyModel } from "../../test/small-classifier.ts";
import { greyLevels } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { type Dataset, datasetFromArrays } from "../data/index.ts";
import type { Predict } from "../evaluate/index.ts";
import { buildClassifier, cifarCnn } from "../models/index.ts";
import { type GraphBuilder, type Value, modelOf, readModel, writeModel } from "../onnx/index.ts";
import { UsageError, float32, numbersOf } from "../tensor/index.ts";
import {
  type EvaluateOptions,
  type FitOptions,
  classifierFile,
  evaluate,
  fit,
  loadClassifier,
} from "./index.ts";

const transforms = rotation({ degrees: [90] });
const data = greyLevels(60);
const names = JSON.stringify(data.classNames);
const named = { "alignreg.classNames": names, "alignreg.normalization": "none" };
const quiet = { transforms, threads: 1, onNote: () => undefined } as const;
/** Of trainings whose length says nothing. */
const brief = { ...quiet, epochs: 1 } as const;
const score = async (model: Parameters<typeof evaluate>[0], on = data, options: EvaluateOptions = {}) => {
  const { cleanAccuracy, robustAccuracy, invarianceScore, alignmentGap, notes } = await evaluate(model, on, {
    ...quiet,
    ...options,
  });
  return {
    scores: { cleanAccuracy, robustAccuracy, invarianceScore, alignmentGap },
    notes: notes.filter((note) => !turns.test(note)),
  };
};

/** What is said of quarter turns, which these images stay the same under. */
const turns = /turns by about a quarter/;

/** The same images in folders of other names or another order. */
function relabelled(names: readonly string[], order = names.map((_, i) => i)): Dataset {
  const labels = data.labels.map((label) => order.indexOf(label));
  return datasetFromArrays({ ...data, labels, classNames: order.map((i) => names[i]) });
}

const ends: Record<string, (g: GraphBuilder, z: Value) => Value> = {
  Identity: (g, z) => g.op1("Identity", [z]),
  "Cast, Cast": (g, z) => g.cast(g.cast(z, "float64"), "float32"),
  "Softmax, Cast, Cast": (g, z) => g.cast(g.cast(g.op1("Softmax", [z], { axis: 1 }), "float64"), "float32"),
  "Softmax, Reshape": (g, z) => g.op1("Reshape", [g.op1("Softmax", [z], { axis: 1 }), g.ints([-1, 3])]),
  Sigmoid: (g, z) => g.op1("Sigmoid", [z]),
  "[N, C, 1, 1]": (g, z) => g.op1("Unsqueeze", [z, g.ints([2, 3])]),
  "[N, 1, C]": (g, z) => g.op1("Unsqueeze", [z, g.ints([1])]),
  "[N, 1, 1, C], Softmax": (g, z) => g.op1("Softmax", [g.op1("Unsqueeze", [z, g.ints([1, 2])])], { axis: 3 }),
  "[N, C, 1, 1], Softmax, Squeeze": (g, z) =>
    g.squeeze(g.op1("Softmax", [g.op1("Unsqueeze", [z, g.ints([2, 3])])], { axis: 1 }), [2, 3]),
};

/** Notes but for those on small data, which these are. */
const told = (notes: readonly string[]) =>
  notes.filter(
    (note) =>
      !/trained on|hardly move|tells nothing apart|may be no parameter/.test(note) && !turns.test(note),
  );

describe("under whatever is wrapped around the logits", () => {
  test.each(Object.keys(ends))("%s: scores and trained weights are those of the logits", async (name) => {
    const plain = await score(greyFile({}, named));
    const wrapped = greyFile({ end: ends[name] }, named);
    expect((await score(wrapped)).scores).toEqual(plain.scores);
    expect((await score(wrapped, data, { batchSize: 7 })).scores).toEqual(plain.scores);
    const options: FitOptions = { ...quiet, batchSize: 20, optimizer: "sgd", learningRate: 0.1 };
    const [a, b] = [await fit(greyFile({}, named), data, options), await fit(wrapped, data, options)];
    expect(numbersOf(b.model.graph.initializers.get("w")!)).toEqual(
      numbersOf(a.model.graph.initializers.get("w")!),
    );
    // The file that comes out has the output of the one that went in.
    const out = readModel(classifierFile(b.model)).graph;
    expect(out.outputs).toEqual(readModel(wrapped).graph.outputs);
    expect(out.nodes.length).toBe(readModel(wrapped).graph.nodes.length);
    expect((await score(classifierFile(b.model))).scores).toEqual((await score(b.model)).scores);
  });

  test("an axis of space is a sentence", async () => {
    const map = writeModel(
      modelOf(
        buildClassifier("map", [1, 8, 8], (g, x) =>
          g.op1("Conv", [x, g.initializer("w", float32([3, 1, 3, 3]))]),
        ).graph,
      ),
    );
    await expect(evaluate(map, data, quiet)).rejects.toThrow(
      /are \[N, 3, 6, 6\]; a classifier gives \[N, classes\]/,
    );
    await expect(fit(map, data, quiet)).rejects.toThrow(
      /are \[N, 3, 6, 6\]; a classifier gives \[N, classes\]/,
    );
  });

  test("probabilities that nobody can see through are noted", async () => {
    const hidden = greyFile(
      { end: (g, z) => g.mul(g.op1("Softmax", [z], { axis: 1 }), g.constant(float32([1, 3], [1, 1, 1]))) },
      named,
    );
    expect((await score(hidden)).notes.join(" ")).toMatch(
      /in \[0, 1\] and sum to 1: they look like probabilities/,
    );
    const { notes } = await fit(hidden, data, brief);
    expect(notes.join(" ")).toMatch(/look like probabilities/);
    expect((await score(greyFile({}, named))).notes).toEqual([]);
  });
});

describe("one logit or sigmoid for two classes", () => {
  const two = datasetFromArrays({
    ...data,
    labels: data.labels.map((label) => (label === 2 ? 1 : 0)),
    classNames: ["other", "light"],
  });
  const single = (isSigmoid: boolean, isVector = false) =>
    greyFile({
      end: (g, z) => {
        const one = g.slice(g.sub(z, g.slice(z, [{ axis: 1, start: 1, end: 2 }])), [
          { axis: 1, start: 2, end: 3 },
        ]);
        const logit = isVector ? g.squeeze(one, [1]) : one;
        return isSigmoid ? g.op1("Sigmoid", [logit]) : logit;
      },
    });
  const pair = greyFile({
    end: (g, z) =>
      g.concat(
        [g.sub(z, z), g.sub(z, g.slice(z, [{ axis: 1, start: 1, end: 2 }]))].map((v, i) =>
          g.slice(v, [{ axis: 1, start: 2 * i, end: 2 * i + 1 }]),
        ),
        1,
      ),
  });

  test.each([
    [true, false],
    [false, false],
    [true, true],
  ])("is 0 and that logit (sigmoid %s, vector %s)", async (isSigmoid, isVector) => {
    const expected = await score(pair, two);
    expect((await score(single(isSigmoid, isVector), two)).scores).toEqual(expected.scores);
    const options: FitOptions = { ...quiet, batchSize: 20, optimizer: "sgd", learningRate: 0.1 };
    const [a, b] = [await fit(pair, two, options), await fit(single(isSigmoid, isVector), two, options)];
    expect(numbersOf(b.model.graph.initializers.get("b")!)).toEqual(
      numbersOf(a.model.graph.initializers.get("b")!),
    );
    expect(b.notes.join(" ")).toContain('logit 0 is "other", logit 1 is "light"');
  });

  test("is too little for three classes", async () => {
    await expect(evaluate(single(true), data, quiet)).rejects.toThrow(/2 logits an image; .* 3 classes/);
    await expect(fit(single(true), data, quiet)).rejects.toThrow(/tells 2 classes apart; the data has 3/);
  });
});

describe("classes", () => {
  const others = [2, 0, 1];

  test("scores do not change when folders are in another order, or renamed together with the model", async () => {
    const expected = await score(greyFile({}, named));
    const turned = await score(greyFile({}, named), relabelled(data.classNames, others));
    expect({ ...turned.scores, invarianceScore: null }).toEqual({
      ...expected.scores,
      invarianceScore: null,
    });
    expect(turned.notes).toEqual([expect.stringMatching(/matched by name/)]);
    const renamed = { ...named, "alignreg.classNames": '["x","y","z"]' };
    expect((await score(greyFile({}, renamed), relabelled(["x", "y", "z"]))).scores).toEqual(expected.scores);
    await expect(evaluate(greyFile({}, renamed), data, quiet)).rejects.toThrow(/are not those of/);
  });

  test("a class map says it by hand", async () => {
    const expected = await score(greyFile({}, named));
    const folders = relabelled(["a", "b", "c"], others);
    const byIndex = await score(greyFile(), folders, { classMap: { a: 0, b: 1, c: 2 } });
    const byList = await score(greyFile(), folders, { classMap: ["a", "b", "c"] });
    for (const { scores } of [byIndex, byList])
      expect(scores.cleanAccuracy).toEqual(expected.scores.cleanAccuracy);
    expect((await score(greyFile(), folders)).scores.cleanAccuracy.value).toBeLessThan(0.5);
  });

  test("a map that leaves out the first logit gives a file that can be read", async () => {
    const two = { ...data, labels: data.labels.map((label) => Math.min(label, 1)), classNames: ["a", "b"] };
    const classMap = { a: 1, b: 2 };
    const { model } = await fit(greyFile(), datasetFromArrays(two), { ...brief, classMap });
    const { cleanAccuracy } = (await score(model, datasetFromArrays(two), { classMap })).scores;
    const again = await score(classifierFile(model), datasetFromArrays(two), { classMap });
    expect(again.scores.cleanAccuracy).toEqual(cleanAccuracy);
  });

  test("labels of no class, and names that are none, are refused", async () => {
    const beyond = { ...data, labels: data.labels.map((label) => label + 5) };
    const none = { ...data, labels: data.labels.map(() => -1) };
    for (const [wrong, message] of [
      [beyond, /labels are whole numbers from 0 to 2/],
      [none, /None of the \d+ images of .* has a label/],
    ] as const) {
      await expect(evaluate(greyFile({}, named), wrong, quiet)).rejects.toThrow(message);
      await expect(fit(greyFile({}, named), wrong, quiet)).rejects.toThrow(UsageError);
    }
    for (const wrong of [{ classNames: [0, 1, 2] }, { notes: 3 }, { notes: {} }]) {
      const broken = { ...data, ...wrong } as unknown as Dataset;
      await expect(evaluate(greyFile({}, named), broken, quiet)).rejects.toThrow(UsageError);
    }
  });

  test("training keeps the order of the model's names", async () => {
    const turned = relabelled(data.classNames, others);
    const { model } = await fit(greyFile({}, named), turned, { ...quiet, epochs: 1, learningRate: 0 });
    expect(model.classNames).toEqual(data.classNames);
    expect((await score(model, turned)).scores.cleanAccuracy).toEqual(
      (await score(greyFile({}, named))).scores.cleanAccuracy,
    );
    expect(told((await score(classifierFile(model))).notes)).toEqual([]);
  });

  test("a model without names gets the data's; the mapping of a stranger's is noted, of a fresh one not", async () => {
    const fresh = await fit(greyClassifier(), data, { ...quiet, epochs: 2, batchSize: 8 });
    expect(fresh.model.classNames).toEqual(data.classNames);
    expect(told(fresh.notes)).toEqual([]);
    const stranger = await fit(greyFile(), data, brief);
    expect(stranger.notes.join(" ")).toMatch(/does not name its classes.*logit 0 is "dark"/);
    await expect(fit(fresh.model, relabelled(["Dark", "grey", "light"]), quiet)).rejects.toThrow(
      /differ in case/,
    );
  });

  test("more logits than classes: a model that names them maps, one that does not is noted", async () => {
    const two = datasetFromArrays({
      name: "two",
      shape: data.shape,
      pixels: [...data.pixels.subarray(0, 64), ...data.pixels.subarray(64, 128)],
      labels: [0, 1],
      classNames: ["grey", "light"],
    });
    const { notes, manifest } = await evaluate(greyFile({}, named), two, quiet);
    expect(manifest.config).toMatchObject({ classes: { grey: 1, light: 2 } });
    expect(notes.join(" ")).toMatch(/2 of the 3 classes/);
    expect((await score(greyFile(), two)).notes.join(" ")).toMatch(
      /gives 3 logits an image .* has 2 classes/,
    );
    expect((await fit(greyClassifier(), two, brief)).notes.join(" ")).toMatch(/gives 3 logits an image/);
  });
});

describe("pixels", () => {
  test("zeros and ones are no bytes", async () => {
    const binary = datasetFromArrays({ ...data, pixels: data.pixels.map((value) => Number(value > 100)) });
    expect((await score(greyFile({}, named), binary)).notes.join(" ")).toMatch(
      /is 0 or 1, where white is 255/,
    );
    expect((await fit(greyFile({}, named), binary, brief)).notes.join(" ")).toMatch(/multiply them by 255/);
  });

  const mean = [0.3];
  const std = [0.25];
  const bytes = greyFile({ begin: (g, x) => g.mul(x, g.scalar(1 / 255)) }, named);

  test("a model that takes bytes is refused, and right when it is said", async () => {
    await expect(evaluate(bytes, data, quiet)).rejects.toThrow(/--input-range 255/);
    await expect(fit(bytes, data, quiet)).rejects.toThrow(/--input-range 255/);
    const expected = await score(greyFile({}, named));
    const said = await score(bytes, data, { inputRange: 255 });
    expect(said.scores.cleanAccuracy).toEqual(expected.scores.cleanAccuracy);
    expect(said.scores.alignmentGap.mean.value).toBeCloseTo(expected.scores.alignmentGap.mean.value, 4);
    // The trained file remembers.
    const { model } = await fit(bytes, data, { ...brief, inputRange: 255, learningRate: 0 });
    const file = classifierFile(model);
    expect(readModel(file).metadata).toMatchObject({ "alignreg.inputRange": "255" });
    expect((await score(file)).scores).toEqual(said.scores);
  });

  test("mean and std in the file's own graph are not applied twice", async () => {
    const net = cifarCnn({ shape: [1, 20, 20], classes: 3, mean, std, width: 4 });
    const large = datasetFromArrays({
      ...data,
      shape: [1, 20, 20],
      pixels: Array.from({ length: 60 * 400 }, (_, i) => 80 * data.labels[Math.floor(i / 400)]),
    });
    const { model } = await fit(net, large, brief);
    const file = classifierFile(model);
    expect(readModel(file).metadata).toMatchObject({ "alignreg.normalization": "in graph" });
    await expect(evaluate(file, large, { ...quiet, mean, std })).rejects.toThrow(
      /normalises its images by itself/,
    );
    await expect(evaluate(model, large, { ...quiet, mean, std })).rejects.toThrow(UsageError);
    await expect(fit(file, large, { ...quiet, mean, std })).rejects.toThrow(UsageError);
    expect(told((await score(file, large)).notes)).toEqual([]);
  });

  test("blue, green, red", async () => {
    const colours = datasetFromArrays({
      name: "colours",
      shape: [3, 8, 8],
      pixels: Array.from({ length: 30 * 192 }, (_, i) =>
        Math.floor(i / 64) % 3 === Math.floor(i / 192) % 3 ? 200 : 20,
      ),
      labels: Array.from({ length: 30 }, (_, i) => i % 3),
      classNames: ["red", "green", "blue"],
    });
    // Its logits are the means of the channels as it takes them: blue, green, red, read backwards.
    const { graph } = buildClassifier("bgr", [3, 8, 8], (g, x) => {
      const means = g.op1("Flatten", [g.op1("GlobalAveragePool", [x])], { axis: 1 });
      return g.matMul(means, g.initializer("w", float32([3, 3], [0, 0, 1, 0, 1, 0, 1, 0, 0])));
    });
    const file = writeModel(modelOf(graph));
    expect((await score(file, colours)).scores.cleanAccuracy.value).toBeCloseTo(1 / 3);
    expect((await score(file, colours, { channelOrder: "bgr" })).scores.cleanAccuracy.value).toBe(1);
    const trained = await fit(file, colours, { ...brief, channelOrder: "bgr", learningRate: 0 });
    expect(trained.history.at(-1)!.accuracy).toBe(1);
    expect((await score(classifierFile(trained.model), colours)).scores.cleanAccuracy.value).toBe(1);
    await expect(evaluate(file, data, { ...quiet, channelOrder: "bgr" })).rejects.toThrow(
      /images of 3 channels/,
    );
  });

  test("means of bytes, and of pixels in [0, 1] with bytes, are refused", async () => {
    await expect(evaluate(greyFile(), data, { ...quiet, mean: [123], std: [58] })).rejects.toThrow(
      /is of bytes/,
    );
    await expect(evaluate(greyFile(), data, { ...quiet, std: [58] })).rejects.toThrow(
      /The std 58 is of bytes/,
    );
    await expect(evaluate(greyFile(), data, { ...quiet, mean, std, inputRange: 255 })).rejects.toThrow(
      /Multiply them by 255/,
    );
    await expect(evaluate(greyFile(), data, { ...quiet, inputRange: 127 })).rejects.toThrow(/Give 1 or 255/);
  });
});

describe("images of a batch", () => {
  /** A softmax over all images and classes, of which each row takes its part: images see each other. */
  const mixed = greyFile(
    {
      end: (g, z) => {
        const all = g.op1("Reshape", [z, g.ints([1, -1])]);
        const shares = g.op1("Softmax", [all], { axis: 1 }, { name: "over all" });
        return g.op1("Reshape", [g.mul(shares, g.scalar(100)), g.ints([-1, 3])]);
      },
    },
    named,
  );

  test("that see each other are an error that names the node; one by one they can be tested", async () => {
    const message =
      /other logits in a batch than alone: .* first node that does is the Softmax node "over all"/;
    await expect(evaluate(mixed, data, quiet)).rejects.toThrow(message);
    await expect(fit(mixed, data, quiet)).rejects.toThrow(message);
    const { scores } = await score(mixed, data, { batchSize: 1 });
    expect(scores.cleanAccuracy).toEqual((await score(greyFile({}, named))).scores.cleanAccuracy);
  });

  test.each([4, 9, 33])("that see only what comes behind the first %i", async (start) => {
    const later = (g: GraphBuilder, z: Value) =>
      g.sub(z, g.sum(g.slice(z, [{ axis: 0, start, end: 10_000 }]), [0], { keep: true }));
    const model = greyFile({ end: later }, named);
    const message = /other logits in a batch than alone: .* The first node that does is the Sub/;
    await expect(evaluate(model, data, quiet)).rejects.toThrow(message);
    await expect(fit(model, data, { ...quiet, batchSize: 40 })).rejects.toThrow(message);
  });

  test("in a file of a fixed batch", async () => {
    const model = greyModel({ end: (g, z) => g.sub(z, g.mean(z, [0], { keep: true })) });
    const [images] = model.graph.inputs;
    const graph = {
      ...model.graph,
      inputs: [{ ...images, shape: [4, 1, 8, 8] }],
      outputs: model.graph.outputs,
    };
    await expect(evaluate(writeModel({ ...model, graph }), data, quiet)).rejects.toThrow(
      /The first node that does is the Sub/,
    );
  });

  test("that are given other logits each time", async () => {
    const { graph, ...file } = greyModel(
      { end: (g, z) => g.add(z, g.op1("Identity", [z], {}, { name: "noise" })) },
      named,
    );
    const nodes = graph.nodes.map((node) =>
      node.name === "noise" ? { ...node, opType: "RandomNormalLike" } : node,
    );
    const drawn = writeModel({ ...file, graph: { ...graph, nodes } });
    await expect(evaluate(drawn, data, quiet)).rejects.toThrow(
      /draws random numbers of its own \(RandomNormalLike node "noise"\)/,
    );
  });

  test("a function is compared too; one that draws is noted", async () => {
    const rows = (images: Parameters<Predict>[0], of: (i: number) => number) =>
      Promise.resolve(Float32Array.from({ length: 3 * images.shape[0] }, (_, i) => of(i)));
    await expect(evaluate((images) => rows(images, (i) => i * images.shape[0]), data, quiet)).rejects.toThrow(
      /The function gives an image other logits in a batch/,
    );
    const { notes } = await score((images) => rows(images, () => Math.random()));
    expect(notes.join(" ")).toMatch(/draws at random/);
  });
});

test("what a loaded classifier says of itself", async () => {
  const loaded = await loadClassifier(greyFile({}, named), { classNames: ["a", "b", "c"], inputRange: 255 });
  expect(loaded).toMatchObject({ classNames: ["a", "b", "c"], inputRange: 255, normalizesItself: false });
});
