import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished, test } from "vitest";
import { relations, startForm, startOf } from "./metamorphic-case.ts";
import { expectSameScores, scoresOf } from "./scores-case.ts";
import { pathOf, zooNets } from "./zoo-case.ts";

const nets = zooNets().filter((net) => startForm(net) !== undefined);

describe.each(nets.map((net) => [net.net, net] as const))("%s scores the same", (_, net) => {
  const start = startOf(net, startForm(net)!);
  test("with its features kept, and found again", async () => {
    const cache = mkdtempSync(join(tmpdir(), "alignreg-metamorphic-"));
    onTestFinished(() => rmSync(cache, { recursive: true }));
    const [model, { data }] = [pathOf(start.form), start];
    const want = await scoresOf(model, data);
    for (const batchSize of [data.labels.length, 4])
      expectSameScores(await scoresOf(model, data, { cache, batchSize }), want);
  });

  test("under every relation", async () => {
    const want = await scoresOf(pathOf(start.form), start.data);
    for (const relation of Object.values(relations)) {
      const { model, data, options } = relation(start.model, start.data);
      expectSameScores(await scoresOf(model, data, options), want);
    }
  });
});
