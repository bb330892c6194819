/** Whether, and in blocks of how many channels, this machine runs the blocked lowering. */
import { SEMANTIC_DOMAIN, semanticInference } from "../autodiff/index.ts";
import { lower } from "../lower/index.ts";
import { type Graph, GraphBuilder, type Value } from "../onnx/index.ts";
import { type SessionOptions, createSession } from "../runtime/index.ts";
import { type Tensor, float32, random, sizeOf } from "../tensor/index.ts";

/** Blocks that ONNX Runtime is known to have. */
const KNOWN_BLOCKS = [16, 8];

let found: Promise<number | null> | undefined;

/**
 * Channels in a block of ONNX Runtime's direct convolutions on this processor, or null where they are not to be had or do
 * not compute what they should. The answer is found once.
 *
 * The operators are internal to the runtime, so their memory layout is probed with numbers that tell where each one
 * went, and the gradients of small convolutions are compared with those of the plain lowering.
 */
export function blockSize({ executionProvider = "cpu" }: SessionOptions = {}): Promise<number | null> {
  if (executionProvider !== "cpu") return Promise.resolve(null);
  return (found ??= probe());
}

async function probe(): Promise<number | null> {
  try {
    const block = await layoutProbe();
    return block !== null && (await computesRightly(block)) ? block : null;
  } catch {
    // A runtime without these operators refuses the graph.
    return null;
  }
}

/** Element p of channel c is 2·c + p: where 2 lies, a block's second channel lies. */
async function layoutProbe(): Promise<number | null> {
  const channels = Math.max(...KNOWN_BLOCKS);
  const value = { name: "x", dtype: "float32", shape: [1, channels, 1, 2] } as const;
  const graph: Graph = {
    name: "layout probe",
    inputs: [value],
    outputs: [{ ...value, name: "y" }],
    nodes: [
      {
        opType: "ReorderInput",
        domain: "com.microsoft.nchwc",
        name: "",
        inputs: ["x"],
        outputs: ["y"],
        attributes: {},
      },
    ],
    initializers: new Map(),
    opsets: new Map([
      ["", 21],
      ["com.microsoft.nchwc", 1],
    ]),
  };
  const x = float32(
    value.shape,
    Float32Array.from({ length: 2 * channels }, (_, i) => i),
  );
  const [y] = await runOnce(graph, { x });
  const expected = (block: number) =>
    Float32Array.from({ length: 2 * channels }, (_, i) => {
      const [pixel, within] = [Math.floor(i / block) % 2, i % block];
      return 2 * (Math.floor(i / (2 * block)) * block + within) + pixel;
    });
  return KNOWN_BLOCKS.find((block) => expected(block).every((v, i) => v === y.data[i])) ?? null;
}

/** The gradients of convolutions of stride 1 and 2, and of a first layer under a pool, with blocked memory and without. */
async function computesRightly(block: number): Promise<boolean> {
  const graph = testGraph(block);
  const rng = random(0, "blocked self-test");
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => {
      const lengths = shape as number[];
      return [
        name,
        float32(
          lengths,
          Float32Array.from({ length: sizeOf(lengths) }, () => rng.normal()),
        ),
      ];
    }),
  );
  const plain = await runOnce(lower(graph), feeds);
  const blocked = await runOnce(lower(graph, { block }), feeds);
  return plain.every((expected, i) =>
    isClose(blocked[i].data as Float32Array, expected.data as Float32Array),
  );
}

function testGraph(block: number): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const x = g.input("x", "float32", [block, block, 8, 8]);
  const outputs = [1, 2].flatMap((stride) => {
    const w = g.input(`w${stride}`, "float32", [2 * block, block, 3, 3]);
    const window = { kernel_shape: [3, 3], strides: [stride, stride], dilations: [1, 1], pads: [1, 1, 1, 1] };
    const y = g.op1("Conv", [x, w], window);
    const semantic = { domain: SEMANTIC_DOMAIN };
    return [
      y,
      g.op1("ConvGradWeight", [x, y], { ...window, group: 1 }, semantic),
      g.op1("ConvGradInput", [y, w], { ...window, group: 1, spatial: [8, 8] }, semantic),
    ];
  });
  return g.build("blocked self-test", [...outputs, firstLayerGrad(g, block)]);
}

/**
 * It is computed again for the gradient, which asks whether its numbers are the very same ones (lower/blocked/repeatable.ts). A row
 * of 14 or 7 is more than the kernels take at once, and leaves a rest.
 */
function firstLayerGrad(g: GraphBuilder, block: number): Value {
  const x = g.input("photographs", "float32", [2, 3, 16, 16]);
  const parameters = [g.input("kernel", "float32", [block, 3, 3, 3]), g.input("bias", "float32", [block])];
  const dense = { kernel_shape: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const halves = { kernel_shape: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const y = g.op1("Conv", [x, ...parameters], dense);
  const largest = g.op1("MaxPool", [y], halves);
  const dy = g.op1("MaxPoolGrad", [largest, y, largest], halves, { domain: SEMANTIC_DOMAIN });
  return g.op1("ConvGradWeight", [x, dy], { ...dense, group: 1 }, { domain: SEMANTIC_DOMAIN });
}

/** Relative to the largest number: single ones may cancel out. */
function isClose(actual: Float32Array, expected: Float32Array): boolean {
  const largest = expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  return (
    actual.length === expected.length && actual.every((v, i) => Math.abs(v - expected[i]) <= 1e-4 * largest)
  );
}

async function runOnce(graph: Graph, feeds: Record<string, Tensor>): Promise<Tensor[]> {
  const session = await createSession(graph, { threads: 1 });
  try {
    const outputs = await session.run(feeds);
    return graph.outputs.map(({ name }) => outputs[name]);
  } finally {
    await session.release();
  }
}
