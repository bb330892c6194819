import { describe, expect, test } from "vitest";
import { createSession } from "../runtime/index.ts";
import { float32, int64, numbersOf, random, sizeOf } from "../tensor/index.ts";
import { GraphBuilder } from "./builder.ts";
import { freeBatch, withSingleCopies } from "./free-batch.ts";
import type { Graph } from "./graph.ts";
import type { Value } from "./value.ts";

const noise = (shape: readonly number[], seed = 0) => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};

/** A graph for a batch of one size, of images [3, 4]; weights are no constants, so that nothing folds. */
const graphFor = (batch: number, body: (g: GraphBuilder, x: Value) => Value): Graph => {
  const g = new GraphBuilder();
  return g.build("fixed", { y: body(g, g.input("x", "float32", [batch, 3, 4])) });
};

/** Rows of y for images [n, 3, 4], run in batches of the graph's size, or all at once when it has none. */
async function rowsOf(graph: Graph, n: number, batch: number): Promise<number[]> {
  const session = await createSession(graph, { threads: 1 });
  const images = noise([n, 3, 4]);
  const rows: number[] = [];
  for (let start = 0; start < n; start += batch) {
    const part = float32([batch, 3, 4], images.data.slice(12 * start, 12 * (start + batch)));
    const { y } = await session.run({ x: part });
    expect(y.shape[0]).toBe(batch);
    rows.push(...numbersOf(y));
  }
  await session.release();
  return rows;
}

const shape = (g: GraphBuilder, ...lengths: number[]) => g.constant(int64(lengths));
const reshape = (g: GraphBuilder, x: Value, ...lengths: number[]) =>
  g.op1("Reshape", [x, shape(g, ...lengths)]);

const cases: { name: string; body: (batch: number) => (g: GraphBuilder, x: Value) => Value }[] = [
  { name: "flattened", body: (b) => (g, x) => g.op1("Relu", [reshape(g, x, b, 12)]) },
  { name: "flattened by -1", body: (b) => (g, x) => reshape(g, x, b, -1) },
  { name: "written so that it follows already", body: () => (g, x) => reshape(g, x, -1, 12) },
  {
    name: "split into heads, and merged with them",
    body: (b) => (g, x) => {
      const heads = g.transpose(reshape(g, x, b, 3, 2, 2), [0, 2, 1, 3]);
      const attended = g.matMul(reshape(g, heads, 2 * b, 3, 2), g.initializer("w", noise([2, 2])));
      return reshape(g, g.transpose(reshape(g, attended, b, 2, 3, 2), [0, 2, 1, 3]), b, 3, 4);
    },
  },
  {
    name: "the batch as second axis, merged into rows for a linear layer and taken out again",
    body: (b) => (g, x) => {
      const tokens = g.transpose(x, [1, 0, 2]);
      const rows = g.gemm(reshape(g, tokens, 3 * b, 4), g.initializer("w", noise([4, 4])));
      return g.transpose(reshape(g, g.op1("Tanh", [rows]), 3, b, 4), [1, 0, 2]);
    },
  },
  {
    name: "heads that are shared, repeated with the batch written out",
    body: (b) => (g, x) => g.op1("Expand", [reshape(g, x, b, 1, 3, 4), shape(g, b, 2, 3, 4)]),
  },
  {
    name: "a token repeated for each image and joined to it",
    body: (b) => (g, x) => {
      const token = g.op1("Expand", [g.initializer("token", noise([1, 1, 4])), shape(g, b, 1, 4)]);
      return g.concat([token, x], 1);
    },
  },
  {
    name: "an offset repeated for each image and added",
    body: (b) => (g, x) =>
      g.add(x, g.op1("Tile", [g.initializer("offset", noise([1, 3, 1])), shape(g, b, 1, 1)])),
  },
];

/** A tensor [n, …] of equal rows, stored as it is. */
const copies = (n: number, lengths: readonly number[]) => {
  const row = noise([1, ...lengths], 3);
  return float32(
    [n, ...lengths],
    Float32Array.from({ length: n * row.data.length }, (_, i) => row.data[i % row.data.length]),
  );
};

describe("copies for each image of the batch that are stored", () => {
  const token = graphFor(4, (g, x) => g.concat([g.initializer("token", copies(4, [1, 4])), x], 1));

  test.each<[string, Graph]>([
    ["joined to the images", token],
    ["added", graphFor(4, (g, x) => g.add(x, g.initializer("offset", copies(4, [3, 1]))))],
    [
      "as indices",
      graphFor(4, (g, x) => {
        const indices = int64(
          Array.from({ length: 48 }, (_, i) => 2 - (Math.floor(i / 4) % 3)),
          [4, 3, 4],
        );
        return g.op1("ScatterElements", [x, g.initializer("places", indices), g.neg(x)], { axis: 1 });
      }),
    ],
  ])("%s: runs at any batch, with the same rows", async (_, fixed) => {
    const expected = await rowsOf(fixed, 12, 4);
    const free = freeBatch(fixed, "x", [3, 4]);
    for (const other of [1, 3, 12]) expect(await rowsOf(free, 12, other)).toEqual(expected);
  });

  test("become one, which all images share, in a file for the same batch", async () => {
    const single = withSingleCopies(token, "x", [3, 4], "y");
    expect(single.initializers.get("token")!.shape).toEqual([1, 1, 4]);
    expect(single.inputs).toEqual(token.inputs);
    expect(await rowsOf(single, 4, 4)).toEqual(await rowsOf(token, 4, 4));
    expect(await rowsOf(freeBatch(single, "x", [3, 4]), 6, 2)).toHaveLength(6 * 16);
  });

  test("that differ in a bit are no copies", () => {
    const other = copies(4, [1, 4]);
    other.data[5] += 1e-6;
    const graph = graphFor(4, (g, x) => g.concat([g.initializer("token", other), x], 1));
    expect(withSingleCopies(graph, "x", [3, 4], "y")).toBe(graph);
  });
});

describe.each([1, 4])("exported for a batch of %i", (batch) => {
  test.each(cases)("$name: runs at any batch, with the same rows", async ({ body }) => {
    const fixed = graphFor(batch, body(batch));
    const free = freeBatch(fixed, "x", [3, 4]);
    expect(free.inputs[0].shape).toEqual([null, 3, 4]);
    const expected = await rowsOf(fixed, 12, batch);
    for (const other of [1, 2, 6, 12]) {
      expect(await rowsOf(free, 12, other)).toBeAllClose(expected, { atol: 1e-6 });
    }
  });
});

test("a graph without a batch size of its own is left as it is", () => {
  const graph = graphFor(2, (g, x) => g.op1("Relu", [x]));
  const symbolic = { ...graph, inputs: [{ ...graph.inputs[0], shape: ["N", 3, 4] }] };
  expect(freeBatch(symbolic, "x", [3, 4])).toBe(symbolic);
});

test("a tensor that holds other numbers for each image of the batch is an error that names the node", () => {
  const graph = graphFor(3, (g, x) =>
    g.op1("Add", [x, g.initializer("each", noise([3, 3, 4]))], {}, { name: "shift" }),
  );
  expect(() => freeBatch(graph, "x", [3, 4])).toThrow(/one batch size, and Add node "shift" cannot follow/);
});
