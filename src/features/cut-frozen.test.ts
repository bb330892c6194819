import { describe, expect, test } from "vitest";
import { buildClassifier, lenet, mobileNet, resnet18, withNewHead } from "../models/index.ts";
import {
  type Graph,
  type GraphBuilder,
  type Value,
  modelOf,
  readModel,
  upgradeGraph,
  writeModel,
} from "../onnx/index.ts";
import { chosenNames, frozenStatistics, type Trainable } from "../parameters/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Shape, type Tensor, float32, random, sizeOf } from "../tensor/index.ts";
import { evaluationForm } from "../train/index.ts";
import { type FrozenCut, type NoCut, cutFrozen } from "./index.ts";

const relu = (g: GraphBuilder, x: Value) => g.op1("Relu", [x]);

const noise = (shape: Shape, seed = 0) => {
  const rng = random(seed, "noise", ...shape);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};

async function run(graph: Graph, input: string, images: Tensor): Promise<Record<string, Tensor>> {
  const session = await createSession(graph, { threads: 1 });
  const made = await session.run({ [input]: images });
  await session.release();
  return made;
}

/** The tensors between, laid behind one another. */
function joined({ between, size }: FrozenCut, made: Record<string, Tensor>, rows: number): Tensor {
  const data = new Float32Array(rows * size);
  let offset = 0;
  for (const { name, shape } of between) {
    const width = sizeOf(shape);
    const values = made[name].data as Float32Array;
    for (let i = 0; i < rows; i++) data.set(values.subarray(i * width, (i + 1) * width), i * size + offset);
    offset += width;
  }
  return float32([rows, size, 1, 1], data);
}

/** The suffix of the prefix gives what the graph gives, for two numbers of images. */
async function expectSame(graph: Graph, image: Shape, cut: FrozenCut): Promise<void> {
  for (const rows of [1, 5]) {
    const images = noise([rows, ...image]);
    const whole = await run(evaluationForm(graph), graph.inputs[0].name, images);
    const features = joined(cut, await run(evaluationForm(cut.prefix), graph.inputs[0].name, images), rows);
    const parts = await run(evaluationForm(cut.suffix, cut.features), cut.features, features);
    const [{ name }] = graph.outputs;
    expect(parts[name].shape).toEqual(whole[name].shape);
    expect(parts[name].data as Float32Array).toBeAllClose(whole[name].data as Float32Array, {
      atol: 1e-5,
      rtol: 1e-5,
    });
  }
}

function cutOf(graph: Graph, image: Shape, trainable: Trainable): FrozenCut | NoCut {
  const upgraded = upgradeGraph(graph);
  const trained = chosenNames(upgraded, trainable);
  return cutFrozen(upgraded, new Set(trained), {
    image,
    frozenStatistics: frozenStatistics(upgraded, trained),
  });
}

function cutsOf(graph: Graph, image: Shape, trainable: Trainable): FrozenCut {
  const cut = cutOf(graph, image, trainable);
  if ("none" in cut) throw new Error(cut.none);
  return cut;
}

describe("the suffix of the prefix is the graph:", () => {
  test.each<[string, () => Graph, Shape, Trainable, number]>([
    ["LeNet's last layer", () => lenet().graph, [1, 28, 28], { last: 1 }, 84],
    ["LeNet's last two", () => lenet().graph, [1, 28, 28], { last: 2 }, 120],
    ["LeNet's linear layers", () => lenet().graph, [1, 28, 28], { last: 3 }, 400],
    ["ResNet-18's head", () => resnet18({ width: 8 }).graph, [3, 32, 32], { last: 1 }, 64],
    [
      "ResNet-18's last block",
      () => resnet18({ width: 8 }).graph,
      [3, 32, 32],
      ["layer4.1.*", "linear.*"],
      1024,
    ],
    ["MobileNet's head", () => mobileNet({ width: 8 }).graph, [3, 32, 32], { last: 2 }, 16],
    [
      "MobileNet's last block",
      () => mobileNet({ width: 8 }).graph,
      [3, 32, 32],
      ["blocks.2.*", "classifier.*"],
      16 * 64,
    ],
  ])("%s", async (_, make, image, trainable, size) => {
    const graph = make();
    const cut = cutsOf(graph, image, trainable);
    expect(cut.size).toBe(size);
    await expectSame(upgradeGraph(graph), image, cut);
  });

  const weight = (g: GraphBuilder, name: string, shape: Shape) =>
    g.initializer(name, noise(shape, name.length));
  const flat = (g: GraphBuilder, x: Value) => g.op1("Flatten", [x], { axis: 1 });
  const net = (body: (g: GraphBuilder, images: Value) => Value) =>
    buildClassifier("net", [2, 4, 4], body).graph;
  const trainsHead = ["head*"];

  test("two branches that both go on are both kept", async () => {
    const graph = net((g, x) => {
      const a = relu(g, g.matMul(flat(g, x), weight(g, "left", [32, 6])));
      const b = g.op1("Sigmoid", [g.matMul(flat(g, x), weight(g, "right", [32, 4]))]);
      const heads = [g.matMul(a, weight(g, "head1", [6, 3])), g.matMul(b, weight(g, "head22", [4, 3]))];
      return g.add(heads[0], heads[1]);
    });
    const cut = cutsOf(graph, [2, 4, 4], trainsHead);
    expect(cut.between.map(({ shape }) => shape)).toEqual([[6], [4]]);
    await expectSame(upgradeGraph(graph), [2, 4, 4], cut);
  });

  test("a frozen tensor that is added further behind is kept once", async () => {
    const graph = net((g, x) => {
      const a = relu(g, g.matMul(flat(g, x), weight(g, "left", [32, 5])));
      const b = g.add(a, relu(g, g.matMul(a, weight(g, "head.a", [5, 5]))));
      return g.matMul(g.add(a, b), weight(g, "head.bb", [5, 3]));
    });
    const cut = cutsOf(graph, [2, 4, 4], trainsHead);
    expect(cut.size).toBe(5);
    await expectSame(upgradeGraph(graph), [2, 4, 4], cut);
  });

  test("shapes of what is before the cut are known behind it", async () => {
    const graph = net((g, x) => {
      const frozen = relu(g, g.op1("Conv", [x, weight(g, "kernel", [2, 2, 3, 3])], { pads: [1, 1, 1, 1] }));
      const pooled = g.op1("GlobalAveragePool", [frozen]);
      return g.matMul(flat(g, pooled), weight(g, "head", [2, 3]));
    });
    // As exporters write x.view(x.size(0), …) of the images.
    const upgraded = upgradeGraph(graph);
    const flatten = upgraded.nodes.find(({ opType }) => opType === "Flatten")!;
    const simple = (opType: string, inputs: string[], output: string, attributes = {}) => ({
      ...{ opType, domain: "", name: "", inputs, outputs: [output], attributes },
    });
    for (const [start, end] of [
      [0, 1],
      [-4, -3],
    ]) {
      const asking: Graph = {
        ...upgraded,
        initializers: new Map([
          ...upgraded.initializers,
          ["two", { dtype: "int64", shape: [1], data: BigInt64Array.of(2n) }],
        ]),
        nodes: upgraded.nodes.flatMap((node) =>
          node !== flatten
            ? [node]
            : [
                simple("Shape", ["images"], "rows", { start, end }),
                simple("Concat", ["rows", "two"], "shape", { axis: 0 }),
                simple("Reshape", [flatten.inputs[0], "shape"], flatten.outputs[0]),
              ],
        ),
      };
      const cut = cutsOf(asking, [2, 4, 4], trainsHead);
      expect(cut.size).toBe(2);
      await expectSame(asking, [2, 4, 4], cut);
    }
    const whole = (opType: string): Graph => ({
      ...upgraded,
      initializers: new Map([
        ...upgraded.initializers,
        ["16", { dtype: "int64", shape: [], data: BigInt64Array.of(16n) }],
        ["minus", { dtype: "int64", shape: [1], data: BigInt64Array.of(-1n) }],
      ]),
      nodes: upgraded.nodes.flatMap((node) =>
        node !== flatten
          ? [node]
          : [
              // Of Size, 2·4·4·N over 16 is two numbers a row; of Shape, the first two lengths.
              simple("Size", ["images"], "size"),
              simple("Div", ["size", "16"], "numbers"),
              simple(opType, ["images"], "lengths", { start: 1, end: 2 }),
              simple("Concat", ["minus", "lengths"], "shape", { axis: 0 }),
              simple("Reshape", [flatten.inputs[0], "shape"], "reshaped"),
              simple("Cast", ["numbers"], "scale", { to: 1 }),
              simple("Mul", ["reshaped", "scale"], flatten.outputs[0]),
            ],
      ),
    });
    const cut = cutsOf(whole("Shape"), [2, 4, 4], trainsHead);
    await expectSame(whole("Shape"), [2, 4, 4], cut);
  });
});

describe("the cut comes before", () => {
  const weight = (g: GraphBuilder, name: string, shape: Shape) =>
    g.initializer(name, noise(shape, name.length));
  const flat = (g: GraphBuilder, x: Value) => g.op1("Flatten", [x], { axis: 1 });
  const cut = (body: (g: GraphBuilder, images: Value) => Value, trainable: Trainable = ["head"]) =>
    cutOf(buildClassifier("net", [2, 4, 4], body).graph, [2, 4, 4], trainable);
  const frozen = (g: GraphBuilder, x: Value) => relu(g, g.matMul(flat(g, x), weight(g, "kernel", [32, 9])));
  const second = (g: GraphBuilder, x: Value) => relu(g, g.matMul(x, weight(g, "second", [9, 7])));
  const head = (g: GraphBuilder, x: Value) => g.matMul(x, weight(g, "head", [x.shape[1], 3]));

  test("dropout", () => {
    const made = cut((g, x) => head(g, second(g, g.op1("Dropout", [frozen(g, x), g.scalar(0.5)]))));
    expect(made).toMatchObject({ size: 9, notes: [] });
  });

  test("dropout, but not before one that drops nothing", () => {
    const made = cut((g, x) => head(g, second(g, g.op1("Dropout", [frozen(g, x), g.scalar(0)]))));
    expect(made).toMatchObject({ size: 7 });
  });

  test("BatchNormalization whose statistics move", () => {
    const made = cutOf(
      buildClassifier("net", [2, 4, 4], (g, x) => {
        const parts = ["scale", "bias", "mean", "var"].map((name) =>
          g.initializer(name, float32([9], new Float32Array(9).fill(0.5))),
        );
        return head(g, second(g, g.op1("BatchNormalization", [frozen(g, x), ...parts])));
      }).graph,
      [2, 4, 4],
      ["head", "scale", "bias"],
    );
    expect(made).toMatchObject({ size: 9 });
  });

  test("what lets images see one another, and that is said", () => {
    const made = cut((g, x) => {
      const y = frozen(g, x);
      return head(g, second(g, g.sub(y, g.mean(y, [0], { keep: true }))));
    });
    expect(made).toMatchObject({
      size: 9,
      notes: [expect.stringMatching(/see one another in the ReduceMean/)],
    });
  });

  test("anything, where images see one another from the start", () => {
    const made = cut((g, x) => head(g, second(g, frozen(g, g.sub(x, g.mean(x, [0], { keep: true }))))));
    expect(made).toEqual({
      none: expect.stringMatching(/see one another in the ReduceMean.* before anything/) as string,
    });
  });

  test("a tensor larger than the image, and that is said", () => {
    const wide = (g: GraphBuilder, x: Value) => relu(g, g.matMul(x, weight(g, "wide", [7, 40])));
    const made = cut((g, x) => head(g, wide(g, second(g, frozen(g, x)))));
    expect(made).toMatchObject({
      size: 7,
      notes: [
        expect.stringMatching(/\[40\] \(0\.2 kB an image\), which is more than the image's 0\.1 kB; .*\[7\]/),
      ],
    });
  });

  test("anything, where all that is frozen is larger than the image", () => {
    const made = cut((g, x) => head(g, relu(g, g.matMul(flat(g, x), weight(g, "wide", [32, 40])))));
    expect(made).toEqual({
      none: expect.stringMatching(/\[40\] .* more than the image's 0\.1 kB/) as string,
    });
  });

  test("anything, where everything trains", () => {
    expect(cut((g, x) => head(g, frozen(g, x)), "all")).toEqual({ none: "next to nothing is frozen" });
  });
});

test("what a head does to its features first is left to the suffix, a frozen layer is not", () => {
  const image = [3, 8, 8] as const;
  const body = (length: boolean, dense: boolean) =>
    buildClassifier("pooled", image, (g, x) => {
      const conv = g.op1("Conv", [x, g.initializer("conv", noise([64, 3, 5, 5]))], { kernel_shape: [5, 5] });
      let rows = g.op1("Flatten", [g.op1("GlobalAveragePool", [relu(g, conv)])], { axis: 1 });
      if (dense) rows = g.matMul(rows, g.initializer("dense", noise([64, 64])));
      const scaled = length ? g.op1("Abs", [g.op1("LpNormalization", [rows], { axis: 1, p: 2 })]) : rows;
      return g.matMul(scaled, g.initializer("head", noise([64, 2])));
    }).graph;
  for (const dense of [false, true]) {
    const [own, one] = [false, true].map((length) => {
      const cut = cutFrozen(upgradeGraph(body(length, dense)), new Set(["head"]), { image });
      if ("none" in cut) throw new Error(cut.none);
      return cut;
    });
    expect(one.prefix.nodes).toEqual(own.prefix.nodes);
    expect(one.prefix.nodes.at(-1)!.opType).toBe(dense ? "MatMul" : "Flatten");
    expect(one.suffix.nodes.map(({ opType }) => opType)).toContain("LpNormalization");
  }
});

test.each(["linear", 16] as const)("a head %s of any scale takes the same features", (head) => {
  const [own, length, root] = (["own", "length", "root"] as const).map((featureScale) => {
    const { graph } = withNewHead(lenet(), { classNames: ["a", "b"], head, featureScale });
    const upgraded = upgradeGraph(graph);
    const cut = cutFrozen(upgraded, new Set(chosenNames(upgraded, ["head.*"])), { image: [1, 28, 28] });
    if ("none" in cut) throw new Error(cut.none);
    return cut;
  });
  expect(length.prefix.nodes).toEqual(own.prefix.nodes);
  expect(root.prefix.nodes).toEqual(own.prefix.nodes);
  expect(root.suffix.nodes.map(({ opType }) => opType)).toContain("Sqrt");
});

test("prefix and suffix can be written to files and read back", () => {
  const { prefix, suffix } = cutsOf(lenet().graph, [1, 28, 28], { last: 1 });
  for (const part of [prefix, suffix]) {
    expect(readModel(writeModel(modelOf(part))).graph.nodes.length).toBe(part.nodes.length);
  }
  expect(suffix.initializers.size).toBeLessThan(prefix.initializers.size);
});
