import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fit } from "../src/api/index.ts";
import { writeModel } from "../src/onnx/index.ts";
import { relations, startForm, startOf } from "./metamorphic-case.ts";
import { type ZooScores, expectSameScores, inOtherOrder, scoresOf } from "./scores-case.ts";
import { withClassNames } from "./model-rewrites.ts";
import { type ZooNet, pathOf, zooNets } from "./zoo-case.ts";
import { untestableForms } from "./zoo-refused.ts";

const nets = zooNets().filter((net) => startForm(net) !== undefined);
const changes = Object.entries(relations);
/** Nets of many kinds that go through every relation here; metamorphic.long.test.ts takes all. */
const everyRelation = new Set([
  "plain-convnet",
  "batch-norm",
  "class-token",
  "encoder-layer",
  "tv-resnet",
  "timm-swin",
]);

const baselines = new Map<string, Promise<ZooScores>>();
const baselineOf = (net: ZooNet): Promise<ZooScores> => {
  const start = startOf(net, startForm(net)!);
  const known = baselines.get(net.net) ?? scoresOf(pathOf(start.form), start.data);
  baselines.set(net.net, known);
  return known;
};

describe.each(nets.map((net, i) => [net.net, net, i] as const))("%s scores the same", (name, net, i) => {
  const chosen = everyRelation.has(name) ? changes : [0, 9].map((k) => changes[(i + k) % changes.length]);
  test.each(chosen)("with %s", async (_, relation) => {
    const { model, data } = startOf(net, startForm(net)!);
    const changed = relation(model, data);
    expectSameScores(await scoresOf(changed.model, changed.data, changed.options), await baselineOf(net));
  });
});

test.each([...everyRelation])("%s scores the same with its features kept, and found again", async (name) => {
  const net = nets.find((each) => each.net === name)!;
  const { form, data } = startOf(net, startForm(net)!);
  const cache = mkdtempSync(join(tmpdir(), "alignreg-metamorphic-"));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  for (const batchSize of [data.labels.length, 4])
    expectSameScores(await scoresOf(pathOf(form), data, { cache, batchSize }), await baselineOf(net));
  expect(readdirSync(cache)).toHaveLength(1);
});

const forms = nets.flatMap((net) =>
  net.files
    .filter((form) => form !== startForm(net) && !untestableForms.has(form.file))
    .map((form) => [form.file, net, form] as const),
);

test.each(forms)(
  "%s scores as the net's first file: other opset, folded, another exporter",
  async (_, net, form) => {
    const { data } = startOf(net, startForm(net)!);
    expectSameScores(await scoresOf(readFileSync(pathOf(form)), data), await baselineOf(net));
  },
);

describe("class names", () => {
  const net = nets.find(({ net }) => net === "plain-convnet")!;
  const { model, data } = startOf(net, startForm(net)!);
  const named = writeModel(withClassNames(model, data.classNames));

  test("that do not match are an error with both lists", async () => {
    const other = inOtherOrder(data, [0, 1, 2, 3, 4], (name) => `other ${name}`);
    await expect(scoresOf(named, other)).rejects.toThrow(/other 0.*/s);
  });

  test("training under another order of folders gives the same weights", async () => {
    const options = { method: "base", batchSize: 6, epochs: 2, threads: 1, onNote: () => undefined } as const;
    const [one, other] = await Promise.all([
      fit(named, data, options),
      fit(named, inOtherOrder(data, [3, 0, 4, 1, 2]), options),
    ]);
    for (const [name, value] of one.model.graph.initializers)
      expect(other.model.graph.initializers.get(name)!.data, name).toEqual(value.data);
  });
});
