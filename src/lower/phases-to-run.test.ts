import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType,
  GraphProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { type Attributes, type Graph, GraphBuilder, modelOf, writeModel } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Tensor, float32, random, sizeOf } from "../tensor/index.ts";
import { phasesToRun } from "./index.ts";

const draw = (shape: readonly number[], seed: string): Tensor => {
  const rng = random(0, seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform() - 0.5),
  );
};

interface Layer {
  readonly channels: number;
  readonly kernel: number;
  readonly relu?: boolean;
  readonly pool?: Attributes;
}

/** Convolutions of images [n, c, h, w], each pooled. */
function network(image: readonly number[], layers: readonly Layer[]): Graph {
  const g = new GraphBuilder();
  let x = g.input("x", "float32", image);
  layers.forEach(({ channels, kernel, relu = true, pool }, i) => {
    const weight = draw([channels, x.shape[1], kernel, kernel], `weight ${i}`);
    const bias = g.initializer(`bias ${i}`, draw([channels], `bias ${i}`));
    x = g.op1("Conv", [x, g.initializer(`weight ${i}`, weight), bias], { pads: [2, 1, 0, 2] });
    if (relu) x = g.op1("Relu", [x]);
    x = g.op1("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2], ...pool });
  });
  return g.build("network", { y: x });
}

/** y, as a processor that runs the graph as it is makes it: all of the runtime's rewritings on. */
async function run(graph: Graph, images: Tensor): Promise<Tensor> {
  const session = await createSession(writeModel(modelOf(graph)), { threads: 1, optimization: "all" });
  const { y } = await session.run({ x: images });
  await session.release();
  return y;
}

const operators = ({ nodes }: Graph) => nodes.map(({ opType }) => opType);

describe("pools in phases, as they are run", () => {
  test.each<[string, readonly number[], readonly Layer[]]>([
    ["LeNet's first", [3, 1, 28, 28], [{ channels: 6, kernel: 5 }]],
    [
      "both of two",
      [2, 3, 27, 30],
      [
        { channels: 6, kernel: 5 },
        { channels: 8, kernel: 5 },
      ],
    ],
    ["without a ReLU", [2, 3, 20, 20], [{ channels: 6, kernel: 5, relu: false }]],
    [
      "one by three",
      [2, 1, 19, 21],
      [{ channels: 5, kernel: 7, pool: { kernel_shape: [1, 3], strides: [1, 3] } }],
    ],
  ])("%s: no bit changes", async (_, image, layers) => {
    const graph = network(image, layers);
    const faster = phasesToRun(graph);
    expect(operators(faster)).not.toContain("MaxPool");
    const images = draw(image, "images");
    expect(await run(faster, images)).toEqual(await run(graph, images));
  });

  test("leaves the ReLU of another pool with its convolution", () => {
    const faster = phasesToRun(
      network(
        [2, 1, 28, 28],
        [
          { channels: 6, kernel: 5 },
          { channels: 16, kernel: 5 },
        ],
      ),
    );
    expect(operators(faster).slice(-3)).toEqual(["Conv", "Relu", "MaxPool"]);
  });

  test.each<[string, Layer]>([
    ["a whole block of channels", { channels: 16, kernel: 5 }],
    ["a small kernel, which grows by more", { channels: 6, kernel: 3 }],
    ["windows that overlap", { channels: 6, kernel: 5, pool: { strides: [1, 1] } }],
  ])("nothing is gained by %s", (_, layer) => {
    const graph = network([2, 1, 28, 28], [layer]);
    expect(phasesToRun(graph)).toBe(graph);
  });

  test("leaves what is read by name", () => {
    const graph = network([2, 1, 28, 28], [{ channels: 6, kernel: 5 }]);
    const [conv, relu] = graph.nodes.map(({ outputs }) => outputs[0]);
    for (const name of [conv, relu]) expect(phasesToRun(graph, new Set([name]))).toBe(graph);
  });

  test("leaves what a branch of an If reads", () => {
    const graph = network([2, 1, 28, 28], [{ channels: 6, kernel: 5 }]);
    for (const { outputs } of graph.nodes.slice(0, 2)) {
      expect(phasesToRun(withBranch(graph, outputs[0])).nodes).toEqual(withBranch(graph, outputs[0]).nodes);
    }
  });

  test("leaves many input channels, which the runtime sums in another order", () => {
    const graph = network([2, 18, 20, 20], [{ channels: 6, kernel: 5 }]);
    expect(phasesToRun(graph)).toBe(graph);
  });
});

/** The graph and an If, one branch of which reads a value of its. */
function withBranch(graph: Graph, value: string): Graph {
  const branch = create(AttributeProtoSchema, {
    name: "then_branch",
    type: AttributeProto_AttributeType.GRAPH,
    g: create(GraphProtoSchema, {
      node: [create(NodeProtoSchema, { opType: "GlobalAveragePool", input: [value], output: ["made"] })],
      output: [create(ValueInfoProtoSchema, { name: "made" })],
    }),
  });
  const attributes = { then_branch: { opaque: toBinary(AttributeProtoSchema, branch) } };
  const node = { opType: "If", domain: "", name: "", inputs: ["is"], outputs: ["chosen"], attributes };
  return { ...graph, nodes: [...graph.nodes, node] };
}
