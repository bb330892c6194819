import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rotation } from "../augment/index.ts";
import { datasetFromArrays } from "../data/index.ts";
import { lenet, mobileNet } from "../models/index.ts";
import { random } from "../tensor/index.ts";
import { fit } from "./fit.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rng = random(0, "memory");
const data = datasetFromArrays({
  name: "noise",
  shape: [1, 28, 28],
  pixels: Uint8Array.from({ length: 200 * 784 }, () => rng.integer(256)),
  labels: Int32Array.from({ length: 200 }, () => rng.integer(10)),
  classNames: Array.from({ length: 10 }, (_, i) => String(i)),
});

const options = { transforms: rotation(), batchSize: 64, epochs: 1, threads: 1, stepsPerLine: 1 } as const;
const small = { ...options, memory: 12 } as const;

test("a step of more than it may take goes in parts, says so, and learns the same", async () => {
  const notes: string[] = [];
  const whole = await fit(lenet(), data, { ...options, onNote: () => undefined });
  const parts = await fit(lenet(), data, { ...small, onNote: (note) => notes.push(note) });
  expect(notes.join("\n")).toMatch(
    /A step of 64 images would take about \d+ MB, more than the 12 MB that it may/,
  );
  const losses = (run: typeof whole) => run.history.map(({ loss }) => loss);
  expect(losses(parts)).toBeAllClose(losses(whole), { rtol: 1e-4 });
  expect(parts.manifest.config).toMatchObject({ form: { reusesSelection: false, parts: {} } });
});

test("where BatchNormalization trains, a step goes in parts only if it may, and says by how many images it is normalised", async () => {
  const net = mobileNet({ shape: [1, 28, 28], width: 8 });
  const notesOf = async (parts: boolean) => {
    const notes: string[] = [];
    const stop = new AbortController();
    const run = fit(net, data, {
      ...small,
      parts,
      onNote: (note) => notes.push(note),
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(run).rejects.toThrow("enough");
    return notes.join("\n");
  };
  expect(await notesOf(false)).toMatch(/cannot go in parts: BatchNormalization trains \(parts, --parts/);
  expect(await notesOf(true)).toMatch(
    /BatchNormalization trains, and normalises each part by itself \(parts\): by the statistics of \d+ images or views/,
  );
});

test("a run that is stopped goes on in the parts that it began with", async () => {
  const undisturbed = await fit(lenet(), data, { ...small, onNote: () => undefined });
  const checkpoint = join(folder, "checkpoint");
  const stop = new AbortController();
  const stopped = fit(lenet(), data, {
    ...small,
    checkpoint,
    checkpointSeconds: 0,
    signal: stop.signal,
    onNote: () => undefined,
    onProgress: ({ step }) => void (step === 2 && stop.abort(new Error("enough"))),
  });
  await expect(stopped).rejects.toThrow("enough");
  const resumed = await fit(lenet(), data, { ...small, checkpoint, resume: true, onNote: () => undefined });
  expect(resumed.manifest.model.sha256).toBe(undisturbed.manifest.model.sha256);
});
