import { expect, test } from "vitest";
import { GraphBuilder, modelOf, writeModel } from "../onnx/index.ts";
import { float32, int64, tensor } from "../tensor/index.ts";
import { RuntimeError } from "./errors.ts";
import { type Feeds, createSession } from "./session.ts";

/** y = x·w, best = argmax of its rows, positive = y > 0 */
function graph() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 2]);
  const y = g.matMul(x, g.constant(float32([2, 3], [1, 0, -1, 0, 1, 2])));
  const best = g.op1("ArgMax", [y], { axis: 1, keepdims: 0 });
  const positive = g.greater(y, g.scalar(0));
  return g.build("scores", { y, best, positive, wide: g.cast(y, "float64") });
}

const x = float32([2, 2], [1, 2, 3, -4]);
const y = [1, 2, 3, 3, -4, -11];

test.each(["disabled", "basic", "extended", "all"] as const)(
  "runs a graph and returns every output with its element type, optimization %s",
  async (optimization) => {
    const session = await createSession(graph(), { optimization, threads: 1 });
    expect(session.inputNames).toEqual(["x"]);
    expect(session.outputNames).toEqual(["y", "best", "positive", "wide"]);
    const results = await session.run({ x });
    await session.release();
    expect(results).toEqual({
      y: float32([2, 3], y),
      best: int64([2, 0]),
      positive: tensor("bool", [2, 3], Uint8Array.of(1, 1, 1, 1, 0, 0)),
      wide: tensor("float64", [2, 3], Float64Array.from(y)),
    });
  },
);

test.each(["disabled", "basic", "extended", "all"] as const)(
  "zeros around an image are among what a max pool sees, optimization %s",
  async (optimization) => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 2, 2]);
    const padded = g.op1("Pad", [x, g.constant(int64([0, 0, 1, 1, 0, 0, 1, 1]))]);
    const pooled = g.op1("MaxPool", [padded], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
    const session = await createSession(g.build("pool", { pooled }), { optimization, threads: 1 });
    const { pooled: result } = await session.run({ x: float32([1, 1, 2, 2], [-1, -2, -3, -4]) });
    await session.release();
    expect(result).toEqual(float32([1, 1, 2, 2], [0, 0, 0, 0]));
  },
);

test("the bytes of a file run as the graph does", async () => {
  const session = await createSession(writeModel(modelOf(graph())), { threads: 1 });
  expect((await session.run({ x })).y).toEqual(float32([2, 3], y));
  await session.release();
});

test("results are written into the tensors that are given, and fresh ones are not overwritten by a later run", async () => {
  const session = await createSession(graph(), { threads: 1 });
  const mine = float32([2, 3]);
  const first = await session.run({ x }, { y: mine });
  expect([...mine.data]).toEqual(y);
  const second = await session.run({ x: float32([2, 2]) });
  expect([...mine.data]).toEqual(y);
  expect([...first.best.data]).toEqual([2n, 0n]);
  expect([...(second.y.data as Float32Array)]).toEqual([0, 0, 0, 0, 0, 0]);
  await session.release();
});

test("a large result is the tensor that was given, and no copy of it is left", async () => {
  const g = new GraphBuilder();
  const input = g.input("x", "float32", [1 << 22]);
  const session = await createSession(g.build("large", { y: g.add(input, g.scalar(1)) }), { threads: 1 });
  const feed = float32([1 << 22]);
  const mine = float32([1 << 22]);
  const before = process.memoryUsage().arrayBuffers;
  for (let run = 1; run <= 3; run++) {
    const results = await session.run({ x: feed }, { y: mine });
    expect(results.y).toBe(mine);
    expect([mine.data.length, mine.data[0], mine.data.at(-1)]).toEqual([1 << 22, run, run]);
    feed.data.fill(run);
  }
  // A copy has 16 MiB; garbage collection could only lower what is counted.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  await session.release();
});

test("a graph that ONNX Runtime does not know is a RuntimeError with its words, the graph's name and the cause", async () => {
  const broken = { ...graph(), name: "broken" };
  const nodes = broken.nodes.map((node) =>
    node.opType === "MatMul" ? { ...node, opType: "MatMulX" } : node,
  );
  const error: unknown = await createSession({ ...broken, nodes }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(RuntimeError);
  expect((error as Error).message).toMatch(/cannot load graph "broken": .*MatMulX/s);
  expect((error as Error).cause).toBeInstanceOf(Error);
});

test("bytes that are no model are a RuntimeError", async () => {
  await expect(createSession(Uint8Array.of(1, 2, 3))).rejects.toThrow(RuntimeError);
});

test("a feed of the wrong shape, the wrong type or none at all is a RuntimeError that names the graph", async () => {
  const session = await createSession(graph(), { threads: 1 });
  const wrong: Feeds[] = [{ x: float32([3, 2]) }, { x: int64([1, 2, 3, 4], [2, 2]) }, {}, { z: x }];
  for (const feeds of wrong) {
    const run = session.run(feeds);
    await expect(run).rejects.toThrow(RuntimeError);
    await expect(run).rejects.toThrow(/graph "scores"/);
  }
  expect((await session.run({ x })).y).toEqual(float32([2, 3], y));
  await session.release();
});
