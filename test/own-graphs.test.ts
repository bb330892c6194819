/** Heads of the comparison on photographs that are made by changing a new head's graph. */
import { describe, expect, test } from "vitest";
import { type Classifier, fit, withNewHead } from "../src/index.ts";
import { innerValues } from "../src/runtime/index.ts";
import { type Tensor, float32, numbersOf, random, sizeOf } from "../src/tensor/index.ts";
import { ownGraphs, withAdapter, withLogitsOfLength } from "../tools/photographs/own-graphs.ts";
import { data, options, smallNet } from "./small-run.ts";

const head = withNewHead(smallNet(), { classNames: data.classNames, seed: 3 });
const images = float32(
  [5, 1, 8, 8],
  Float32Array.from({ length: 320 }, (_, i) => ((i * i) % 37) / 37),
);

/** Rows of tensors of a model, for the images. */
async function rowsOf(model: Classifier, names: readonly string[]): Promise<number[][][]> {
  const found = await innerValues(model.graph, names, { images });
  return names.map((name) => rows(found[name]));
}

function rows(tensor: Tensor): number[][] {
  const [count, width = 1] = tensor.shape;
  const numbers = numbersOf(tensor);
  return Array.from({ length: count }, (_, i) => numbers.slice(i * width, (i + 1) * width));
}

const weight = ({ graph }: Classifier, name: string) => rows(graph.initializers.get(name)!);
/** What the head takes: features times the alpha of its layer. */
const taken = async () => {
  const [features] = await rowsOf(head, ["features.signed"]);
  return features.map((row) => row.map((x) => x * Math.sqrt(row.length)));
};
const dense = (x: readonly number[], w: readonly number[][], b: readonly number[][]) =>
  w.map((row, k) => row.reduce((sum, value, i) => sum + value * x[i], b[k][0]));

test("an adapter that has learnt nothing leaves the logits as they are", async () => {
  const [[logits], [adapted]] = [
    await rowsOf(head, [head.logits]),
    await rowsOf(withAdapter(head, 6, 1), [head.logits]),
  ];
  expect(adapted.flat()).toBeAllClose(logits.flat(), { atol: 1e-5 });
});

test("an adapter is x + W₂·relu(W₁·x + b₁) + b₂ before the head", async () => {
  const rng = random(5, "weights");
  const fresh = withAdapter(head, 6, 1);
  const drawn = [...fresh.graph.initializers].map(([name, { shape, ...rest }]): [string, Tensor] => [
    name,
    name.startsWith("adapter.")
      ? float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
        )
      : { shape, ...rest },
  ]);
  const model = { ...fresh, graph: { ...fresh.graph, initializers: new Map(drawn) } };
  const of = (name: string) => weight(model, name);
  const expected = (await taken()).map((x) => {
    const hidden = dense(x, of("adapter.down.weight"), of("adapter.down.bias")).map((h) => Math.max(h, 0));
    const more = dense(hidden, of("adapter.up.weight"), of("adapter.up.bias"));
    return dense(
      x.map((value, i) => value + more[i]),
      of("head.weight"),
      of("head.bias"),
    );
  });
  const [logits] = await rowsOf(model, [model.logits]);
  expect(logits.flat()).toBeAllClose(expected.flat(), { rtol: 1e-4, atol: 1e-4 });
});

test("logits of one length point where they did", async () => {
  const [[plain], [brought]] = [
    await rowsOf(head, [head.logits]),
    await rowsOf(withLogitsOfLength(head, 10), [head.logits]),
  ];
  const expected = plain.map((row) => row.map((z) => (10 * z) / Math.hypot(...row)));
  expect(brought.flat()).toBeAllClose(expected.flat(), { atol: 1e-4 });
});

describe.each(Object.entries(ownGraphs))("with %s", (_, change) => {
  test("the head's weights train, all of them, and nothing else", async () => {
    const start = change(head, 0);
    const { model, trained } = await fit(start, data, {
      ...options,
      ...{ method: "rwa", epochs: 2, threads: 1, onNote: () => undefined },
    });
    const moved = [...start.graph.initializers]
      .filter(([name, { data: before }]) => {
        const after = model.graph.initializers.get(name)!.data;
        return before.some((value, i) => value !== after[i]);
      })
      .map(([name]) => name);
    const isNew = (name: string) => /^(head|adapter)\./.test(name);
    expect(moved.sort()).toEqual([...start.graph.initializers.keys()].filter(isNew).sort());
    expect([...trained].sort()).toEqual(moved);
  });
});

test("a graph that does not end in the head is refused", () => {
  const longer = withLogitsOfLength(head, 10);
  expect(() => withAdapter(longer, 6, 0)).toThrow(/The last node is a Mul of "logits", not the head/);
});
