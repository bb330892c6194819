/** Frozen parts with operators that have no rule of ours, and what is wrong in a model told by its node. */
import { expect, test } from "vitest";
import { type Dataset, datasetFromArrays } from "../data/index.ts";
import { rotation } from "../augment/index.ts";
import { type Classifier, buildClassifier } from "../models/index.ts";
import {
  type Graph,
  type GraphBuilder,
  type GraphNode,
  type Value,
  modelOf,
  writeModel,
} from "../onnx/index.ts";
import { float32, int64, random, sizeOf } from "../tensor/index.ts";
import { UntrainableModelError } from "../train/index.ts";
import type { FitOptions } from "./fit-options.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";
import { inspectTensors, tryStep } from "./inspect.ts";

const noise = (shape: readonly number[], seed = 0) => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};

function images(count = 12): Dataset {
  const rng = random(0, "pixels");
  return datasetFromArrays({
    name: "noise",
    shape: [1, 4, 4],
    pixels: Uint8Array.from({ length: 16 * count }, () => rng.integer(256)),
    labels: Array.from({ length: count }, (_, i) => i % 2),
    classNames: ["a", "b"],
  });
}

/** A product, an activation, and a product of the head. */
const net = (activation: (g: GraphBuilder, x: Value) => Value): Classifier =>
  buildClassifier("two products", [1, 4, 4], (g, pixels) => {
    const hidden = g.matMul(g.reshape(pixels, [-1, 16]), g.initializer("body.weight", noise([16, 6])));
    return g.matMul(activation(g, hidden), g.initializer("head.weight", noise([6, 2], 1)));
  });

/** The activation as one operator of the runtime's own. */
function withQuickGelu({ graph, ...rest }: Classifier): Classifier {
  const relu = graph.nodes.find(({ opType }) => opType === "Relu")!;
  const quick: GraphNode = {
    ...relu,
    opType: "QuickGelu",
    domain: "com.microsoft",
    attributes: { alpha: { float: 1.702 } },
  };
  const nodes = graph.nodes.map((node) => (node === relu ? quick : node));
  return { ...rest, graph: { ...graph, nodes, opsets: new Map([...graph.opsets, ["com.microsoft", 1]]) } };
}

const quiet: FitOptions = {
  onNote: () => undefined,
  threads: 1,
  epochs: 2,
  batchSize: 5,
  optimizer: "sgd",
  learningRate: 0.1,
};

test("a frozen part may have an operator that we know nothing of: it runs as it is", async () => {
  const unknown = withQuickGelu(net((g, x) => g.op1("Relu", [x])));
  const known = net((g, x) => g.mul(x, g.op1("Sigmoid", [g.scale(x, 1.702)])));
  const options: FitOptions = { ...quiet, transforms: rotation({ degrees: [90] }), trainable: { last: 1 } };
  const trained = (await fit(unknown, images(), options)).model.graph;
  const expected = (await fit(known, images(), options)).model.graph;
  const head = (graph: Graph) => graph.initializers.get("head.weight")!.data as Float32Array;
  expect(head(trained)).toBeAllClose(head(expected), { atol: 1e-6 });
  expect(trained.initializers.get("body.weight")).toEqual(unknown.graph.initializers.get("body.weight"));
  expect(trained.nodes.map(({ opType }) => opType)).toContain("QuickGelu");
});

test("between what trains and the logits it is named", async () => {
  const unknown = withQuickGelu(net((g, x) => g.op1("Relu", [x])));
  await expect(fit(unknown, images(), quiet)).rejects.toThrow(UntrainableModelError);
  await expect(fit(unknown, images(), quiet)).rejects.toThrow(/com\.microsoft\.QuickGelu 1×/);
  await expect(tryStep(unknown, "net", { shape: [1, 4, 4] })).rejects.toThrow(UntrainableModelError);
  await tryStep(unknown, "net", { shape: [1, 4, 4], trainable: ["head.*"] });
});

test("inspect refuses what fit refuses: shapes that contradict", async () => {
  const { graph, ...rest } = net((g, x) => g.op1("Relu", [x]));
  const wrong = {
    ...rest,
    graph: { ...graph, initializers: new Map([...graph.initializers, ["head.weight", noise([7, 2])]]) },
  };
  const message = /MatMul/;
  await expect(fit(wrong, images(), quiet)).rejects.toThrow(message);
  expect(inspectTensors(wrong).tensors.map(({ name }) => name)).toContain("head.weight");
  await expect(tryStep(wrong, "net", { shape: [1, 4, 4] })).rejects.toThrow(message);
});

test("a gradient that is infinite before anything is trained is blamed on its node, not on the learning rate", async () => {
  // √0 has no finite slope: a distance of a thing to itself, as cdist has it.
  const distance = net((g, x) =>
    g.op1("Sqrt", [g.sub(g.mul(x, x), g.mul(x, x))], {}, { name: "distance/Sqrt" }),
  );
  await expect(fit(distance, images(), quiet)).rejects.toThrow(
    /before anything was trained: .*(Sqrt|distance)/,
  );
  await expect(tryStep(distance, "net", { shape: [1, 4, 4] })).rejects.toThrow(
    /on noise makes numbers that are not finite/,
  );
});

test("a tensor that is not finite and is to train is named before the first step", async () => {
  const masked = buildClassifier("masked", [1, 4, 4], (g, pixels) => {
    const x = g.matMul(g.reshape(pixels, [-1, 16]), g.initializer("body.weight", noise([16, 6])));
    const mask = g.initializer("mask", float32([6], [0, 0, 0, 0, 0, -Infinity]));
    return g.matMul(
      g.op1("Softmax", [g.add(x, mask)], { axis: -1 }),
      g.initializer("head.weight", noise([6, 2], 1)),
    );
  });
  await expect(fit(masked, images(), { ...quiet, trainable: ["*"] })).rejects.toThrow(
    /"mask" is to be trained and holds -Infinity/,
  );
  const { notes, trained } = await fit(masked, images(), quiet);
  expect(trained).toEqual(["body.weight", "head.weight"]);
  expect(notes.join()).toMatch(/stays as it is \(it holds infinities.*mask/);
});

test("rows that do not follow the images are told by the node that makes them", async () => {
  const { graph, ...rest } = net((g, x) => g.op1("Relu", [x]));
  const first = graph.nodes.findIndex(({ opType }) => opType === "Relu");
  const relu = graph.nodes[first];
  // x[torch.arange(2)], exported for two images.
  const nodes = graph.nodes.flatMap((node) =>
    node === relu
      ? [
          { ...relu, outputs: ["all"] },
          { ...relu, opType: "Gather", name: "picked", inputs: ["all", "rows"], outputs: relu.outputs },
        ]
      : [node],
  );
  const initializers = new Map([...graph.initializers, ["rows", int64([0, 1])]]);
  const stuck: Classifier = { ...rest, graph: { ...graph, nodes, initializers } };
  await expect(fit(stuck, images(), quiet)).rejects.toThrow(
    /exported for 2 images at a time.*Gather node "picked"/,
  );
});

test("a batch size that hides in a Reshape under an input of any size is freed", async () => {
  const free = net((g, x) => g.op1("Relu", [x]));
  const relu = free.graph.nodes.find(({ opType }) => opType === "Relu")!;
  const hidden: Classifier = {
    ...free,
    graph: {
      ...free.graph,
      nodes: free.graph.nodes.flatMap((node) =>
        node === relu
          ? [
              { ...relu, outputs: ["flat"] },
              {
                ...relu,
                opType: "Reshape",
                inputs: ["flat", "target"],
                outputs: relu.outputs,
                attributes: {},
              },
            ]
          : [node],
      ),
      initializers: new Map([...free.graph.initializers, ["target", int64([2, 6])]]),
    },
  };
  const weights = async (model: Classifier) =>
    (await fit(model, images(), quiet)).model.graph.initializers.get("head.weight")!.data as Float32Array;
  expect(await weights(hidden)).toBeAllClose(await weights(free), { atol: 1e-7 });
  const scores = async ({ graph }: Classifier) =>
    (await evaluate(writeModel(modelOf(graph)), images(), { onNote: () => undefined })).alignmentGap;
  expect(await scores(hidden)).toEqual(await scores(free));
});
