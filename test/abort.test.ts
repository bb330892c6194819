/** AbortSignal: what stops, what stays, and what is given back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { evaluate, fit, rotation, saveClassifier } from "../src/index.ts";
import { data, options, smallNet, weightsOf } from "./small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-abort-"));
afterAll(() => rmSync(folder, { recursive: true }));

const reason = new Error("enough");
const aborted = AbortSignal.abort(reason);

/** Sessions that are open. */
let open = 0;
/** … and that ever were. */
let made = 0;
beforeEach(() => {
  open = made = 0;
  const create = ort.InferenceSession.create.bind(ort.InferenceSession) as (
    bytes: Uint8Array,
    settings: object,
  ) => Promise<ort.InferenceSession>;
  vi.spyOn(ort.InferenceSession, "create").mockImplementation((async (
    bytes: Uint8Array,
    settings: object,
  ) => {
    const session = await create(bytes, settings);
    open++;
    made++;
    const release = session.release.bind(session);
    session.release = () => {
      open--;
      return release();
    };
    return session;
  }) as never);
});
afterEach(() => vi.restoreAllMocks());

describe("fit", () => {
  test("with a signal that has stopped already does nothing", async () => {
    const onStart = vi.fn();
    await expect(fit(smallNet(), data, { ...options, signal: aborted, onStart })).rejects.toBe(reason);
    expect(onStart).not.toHaveBeenCalled();
  });

  test("stops between two steps; a resumed run ends in the bits of an unbroken one", async () => {
    const checkpoint = join(folder, "checkpoint.onnx");
    const run = { ...options, epochs: 3, checkpoint, checkpointSeconds: 0 };
    const controller = new AbortController();
    const steps: number[] = [];
    const stopped = fit(smallNet(), data, {
      ...run,
      signal: controller.signal,
      onProgress({ step }) {
        steps.push(step);
        if (step === 4) controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(steps).toEqual([1, 2, 3, 4]);
    expect(open).toBe(0);

    const starts: number[] = [];
    const resumed = await fit(smallNet(), data, {
      ...run,
      resume: true,
      onStart: (step) => starts.push(step),
    });
    expect(starts).toEqual([4]);
    expect(made).toBeGreaterThan(0);
    const unbroken = await fit(smallNet(), data, { ...options, epochs: 3 });
    expect(weightsOf(resumed.model)).toEqual(weightsOf(unbroken.model));
    expect(resumed.history).toEqual(unbroken.history);
    expect(open).toBe(0);
  });

  test("throws an AbortError where nobody gave a reason", async () => {
    const controller = new AbortController();
    const run = fit(smallNet(), data, {
      ...options,
      signal: controller.signal,
      onStart: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("evaluate", () => {
  const transforms = rotation({ degrees: [45] });
  const path = join(folder, "model.onnx");

  test("with a signal that has stopped already does nothing", async () => {
    await expect(evaluate("nowhere.onnx", data, { signal: aborted })).rejects.toBe(reason);
  });

  test.each([1, 3, 6])("stops after batch %s of 6, and releases its session", async (last) => {
    await saveClassifier(smallNet(), path);
    const controller = new AbortController();
    let batches = 0;
    const run = evaluate(path, data, {
      transforms,
      batchSize: 14,
      signal: controller.signal,
      onProgress() {
        if (++batches === last) controller.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(batches).toBe(last);
    expect(open).toBe(0);
  });

  test("stops while the model is being read", async () => {
    await saveClassifier(smallNet(), path);
    const controller = new AbortController();
    const onProgress = vi.fn();
    const run = evaluate(path, data, { transforms, signal: controller.signal, onProgress });
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(onProgress).not.toHaveBeenCalled();
    expect(open).toBe(0);
  });

  test("hears a timer, even where predict never waits", async () => {
    const predict = () => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      return Promise.resolve(new Float32Array(3));
    };
    const run = evaluate(predict, data, { transforms, batchSize: 1, signal: AbortSignal.timeout(20) });
    await expect(run).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
