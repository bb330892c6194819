import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { greyLevels } from "../../test/small-run.ts";
import { type MethodName, type RegularizerName } from "../align/index.ts";
import { family, rotation } from "../augment/index.ts";
import { buildClassifier } from "../models/index.ts";
import { type Shape, float32, random, sizeOf } from "../tensor/index.ts";
import { type FitOptions, type FitResult, evaluate, fit } from "./index.ts";

const data = greyLevels(22);

/** A frozen convolution and BatchNormalization, dropout, and two layers that train. */
function net() {
  const rng = random(3, "net");
  const normal = (shape: Shape, scale: number) =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => scale * rng.normal()),
    );
  return buildClassifier("net", [1, 8, 8], (g, images) => {
    let x = g.op1("Conv", [images, g.initializer("conv.weight", normal([6, 1, 3, 3], 0.5))], {
      kernel_shape: [3, 3],
      strides: [2, 2],
    });
    const full = (name: string, value: number) =>
      g.initializer(name, float32([6], new Float32Array(6).fill(value)));
    x = g.op1("BatchNormalization", [
      x,
      full("bn.s", 1.3),
      full("bn.b", 0.1),
      full("bn.m", 0.2),
      full("bn.v", 0.7),
    ]);
    x = g.op1("Flatten", [g.op1("Relu", [x])], { axis: 1 });
    x = g.op1("Dropout", [x, g.scalar(0.25)]);
    x = g.op1("Relu", [g.matMul(x, g.initializer("head.0", normal([54, 5], 0.3)))]);
    return g.matMul(x, g.initializer("head.1", normal([5, 3], 0.5)));
  });
}

const options: FitOptions = {
  trainable: ["head.*"],
  transforms: rotation({ degrees: [-30, 30] }),
  batchSize: 8,
  epochs: 2,
  seed: 4,
  stepsPerLine: 1,
  threads: 1,
  onNote: () => undefined,
};

const run = (more: FitOptions): Promise<FitResult> => fit(net(), data, { ...options, ...more });
const losses = ({ history }: FitResult) => history.map(({ loss }) => loss);
const weights = ({ model, trained }: FitResult) =>
  trained.flatMap((name) => [...(model.graph.initializers.get(name)!.data as Float32Array)]);

describe("with the cache a run is the same as without:", () => {
  const methods: MethodName[] = ["base", "va", "rva", "vwa", "rwa"];
  const regularizers: RegularizerName[] = ["squaredL2", "kl", "mmd", "wasserstein"];
  const cases: [string, FitOptions][] = [
    ...methods.flatMap((method) =>
      (method.startsWith("r") ? regularizers : regularizers.slice(0, 1)).map(
        (regularizer): [string, FitOptions] => [`${method}, ${regularizer}`, { method, regularizer }],
      ),
    ),
    ["rwa by batch", { selection: "batch" }],
    ["rwa by distance", { selectBy: "distance" }],
    ["rwa, two choices", { alignSelectBy: "distance" }],
    ["the preset", { compat: "alignreg-1.0" }],
    ["an aligned tensor behind the cut", { align: net().graph.nodes.at(-2)!.outputs[0] }],
    ["clipping and a schedule", { clipNorm: 0.5, schedule: { kind: "cosine" }, stopGradient: "clean" }],
  ];
  test.each(cases)("%s", async (_, more) => {
    const [plain, cached] = [await run({ ...more, cache: false }), await run({ ...more, cache: true })];
    expect(losses(cached)).toBeAllClose(losses(plain), { atol: 1e-5, rtol: 1e-5 });
    expect(weights(cached)).toBeAllClose(weights(plain), { atol: 2e-4, rtol: 1e-3 });
    expect([...cached.model.graph.initializers.keys()]).toEqual([...plain.model.graph.initializers.keys()]);
    expect(cached.model.graph.nodes).toEqual(plain.model.graph.nodes);
    expect(cached.notes.join("\n")).toMatch(/computed once for (22|22) images × \d views?: 54 numbers each/);
  });
});

test.each<FitOptions>([{}, { method: "base" }, { flip: true, draws: 2 }, { patience: 1, epochs: 9 }])(
  "validation on the cache gives what validation of the whole model gives: %j",
  async (more) => {
    const validation = greyLevels(13, 9);
    const cached = await run({ ...more, validation, cache: true });
    const scores = cached.history.flatMap((line) => (line.validation ? [line] : []));
    expect(scores.length).toBeGreaterThan(1);
    expect(cached.notes.join("\n")).toMatch(/The same for 13 images of grey levels × 3 views/);
    // The weights that are kept, tested as a whole.
    const kept = cached.kept!;
    const tested = await evaluate(cached.model, validation, {
      transforms: options.transforms,
      threads: 1,
      onNote: () => undefined,
    });
    expect(kept.validation.clean).toBeCloseTo(tested.cleanAccuracy.value, 12);
    expect(kept.validation.robust).toBeCloseTo(tested.robustAccuracy.value, 12);
    // Without drawn images the whole run is the same.
    if (more.flip) return;
    const plain = await run({ ...more, validation, cache: false });
    const plainScores = plain.history.flatMap((line) => (line.validation ? [line] : []));
    expect(scores.map(({ validation: found }) => Object.values(found!)).flat()).toBeAllClose(
      plainScores.map(({ validation: found }) => Object.values(found!)).flat(),
      { atol: 1e-4, rtol: 1e-4 },
    );
  },
);

describe("the cache's folder", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const stored = (cache: string) =>
    readdirSync(cache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "base64")])
      .sort();
  const partsIn = (cache: string) =>
    readdirSync(cache, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".features"))
      .map((name) => join(cache, name));

  test("serves a second run, whose shifts are in part others, and computes what is missing", async () => {
    const computed: number[] = [];
    const counting = (degrees: number[]) => {
      const { members, unit } = rotation({ degrees });
      let calls = 0;
      computed.push(0);
      const index = computed.length - 1;
      return family(
        "rotation",
        unit,
        members.slice(1).map((member) => ({
          name: member.name,
          parameters: member.parameters,
          apply: (images, out) => {
            if (images.shape[0] > 1) computed[index] = ++calls;
            return member.apply(images, out);
          },
        })),
      );
    };
    const first = await run({ cache: folder, transforms: counting([-30, 30]) });
    const again = await run({ cache: folder, transforms: counting([-30, 30]) });
    expect(losses(again)).toEqual(losses(first));
    expect(weights(again)).toEqual(weights(first));
    expect(computed).toEqual([2, 0]);
    // A new member is computed, in files of its own; the others' stay as they are.
    const before = stored(folder);
    await run({ cache: folder, transforms: counting([-30, 45]) });
    expect(stored(folder)).toEqual(expect.arrayContaining(before));
    expect(computed[2]).toBeGreaterThan(0);
  });

  test("is filled by a run that goes on after it was stopped, to the same bytes", async () => {
    const cache = join(folder, "a");
    const whole = await run({ cache });
    const controller = new AbortController();
    const other = join(folder, "b");
    const stopped = run({
      cache: other,
      signal: controller.signal,
      onCacheProgress: () => controller.abort(new Error("stopped")),
    });
    await expect(stopped).rejects.toThrow("stopped");
    const resumed = await run({ cache: other });
    expect(stored(other)).toEqual(stored(cache));
    expect(weights(resumed)).toEqual(weights(whole));
  });

  test("is mended where a part was cut or changed, and that is said", async () => {
    const whole = await run({ cache: folder });
    const before = stored(folder);
    for (const damage of [
      (path: string) => truncateSync(path, 100),
      (path: string) => truncateSync(path, 5),
      (path: string) => writeFileSync(path, readFileSync(path).fill(7, 2000)),
      (path: string) => writeFileSync(path, readFileSync(path).fill(255, 8, 12)),
    ]) {
      partsIn(folder).forEach(damage);
      const again = await run({ cache: folder });
      expect(again.notes.join("\n")).toMatch(/computed anew: .*\.features is damaged/);
      expect(weights(again)).toEqual(weights(whole));
      expect(stored(folder)).toEqual(before);
    }
  });

  test("is beside the checkpoint until the run is finished, which resumes to the same weights", async () => {
    const checkpoint = join(folder, "checkpoint.onnx");
    const whole = await run({ cache: true });
    const stopped = run({
      cache: true,
      checkpoint,
      checkpointSeconds: 0,
      onProgress: ({ step }) => {
        if (step === 4) throw new Error("stopped");
      },
    });
    await expect(stopped).rejects.toThrow("stopped");
    expect(readdirSync(folder).sort()).toEqual(["checkpoint.onnx", "features"]);
    await expect(run({ cache: false, checkpoint, resume: true })).rejects.toThrow(/another run \(features:/);
    const resumed = await run({ cache: true, checkpoint, resume: true });
    expect(weights(resumed)).toEqual(weights(whole));
    expect(readdirSync(folder)).toEqual(["checkpoint.onnx"]);
  });

  test("leaves files of others alone that lie where it is put", async () => {
    const beside = join(folder, "features");
    const foreign = join(beside, "0123456789abcdef0123456789abcdef");
    mkdirSync(foreign, { recursive: true });
    for (const at of [beside, foreign]) writeFileSync(join(at, "notes.features"), "mine");
    await run({ cache: true, checkpoint: join(folder, "checkpoint.onnx") });
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
      "checkpoint.onnx",
      "features",
      "features/0123456789abcdef0123456789abcdef",
      "features/0123456789abcdef0123456789abcdef/notes.features",
      "features/notes.features",
    ]);
  });

  test("is refused where it would take more than is allowed", async () => {
    await expect(run({ cache: folder, cacheLimit: 1e-6 })).rejects.toThrow(
      /features take [1-9]\d* kB, and 1 kB are allowed/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("by itself the cache is used", () => {
  const isUsed = ({ notes }: FitResult) => notes.some((note) => note.includes("is computed once for"));

  test("where each view is fed often, and not where it is not", async () => {
    expect(isUsed(await run({ trainable: ["head.1"], epochs: 20, method: "base" }))).toBe(true);
    expect(isUsed(await run({ epochs: 1, method: "base" }))).toBe(false);
    expect(isUsed(await run({ epochs: 20, method: "base", cache: false }))).toBe(false);
    expect(isUsed(await run({ epochs: 20, method: "base", trainable: "all" }))).toBe(false);
  });
});

describe("what is drawn anew in each step", () => {
  test("needs draws, and is said", async () => {
    await expect(run({ cache: true, flip: true })).rejects.toThrow(
      /cache: crop and flip draw anew .*draws: 8/,
    );
    const result = await run({ flip: true, epochs: 9 });
    expect(result.notes.join("\n")).toMatch(/computed in each step: crop and flip draw anew/);
    const random = family("jitter", "", [
      { name: "jitter", parameters: {}, apply: ({ data: x }) => x.map((value) => value + Math.random() / 9) },
    ]);
    await expect(run({ cache: true, transforms: random })).rejects.toThrow(/"jitter" draws anew/);
  });

  test("is drawn as often as it is said, and each draw is another", async () => {
    const result = await run({ cache: true, flip: true, crop: 1, draws: 3, method: "base" });
    expect(result.notes.join("\n")).toMatch(/66 drawn images × 1 view:/);
    const again = await run({ cache: true, flip: true, crop: 1, draws: 3, method: "base" });
    expect(weights(again)).toEqual(weights(result));
    expect(weights(await run({ cache: true, method: "base" }))).not.toEqual(weights(result));
  });
});
