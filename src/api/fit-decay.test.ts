import { describe, expect, test } from "vitest";
import { data, options, smallNet } from "../../test/small-run.ts";
import { type FitOptions, fit } from "./index.ts";

/** One step on the whole of the data. */
const oneStep: FitOptions = {
  ...options,
  batchSize: 42,
  learningRate: 0.1,
  threads: 1,
  onNote: () => undefined,
};
const weightDecay = 0.5;
const kernels = ["conv.weight", "fc.weight"];
const others = ["bn.scale", "bn.bias", "fc.bias"];

async function stepped(more: FitOptions) {
  const { model, trained, manifest } = await fit(smallNet(), data, { ...oneStep, ...more });
  return {
    numbers: (name: string) => model.graph.initializers.get(name)!.data as Float32Array,
    trained,
    manifest,
  };
}

describe.each(["sgd", "adamw"] as const)("weight decay of %s", (optimizer) => {
  /** p − lr·decay·p beside the step of the gradient: so SGD's penalty and AdamW's shrinking both act. */
  test.each([
    ["weights", kernels, others],
    ["all", [...kernels, ...others], []],
    [undefined, kernels, others],
  ] as const)("of %s", async (decay, shrunk, spared) => {
    const start = smallNet().graph.initializers;
    const without = await stepped({ optimizer, optimizerOptions: { weightDecay: 0 } });
    const decayed = await stepped({ optimizer, optimizerOptions: { weightDecay }, decay });
    expect([...decayed.trained].sort()).toEqual([...kernels, ...others].sort());
    expect(decayed.manifest.config.decay).toBe(decay ?? "weights");
    expect(without.manifest.config.decay).toBeNull();
    for (const name of spared) expect(decayed.numbers(name), name).toEqual(without.numbers(name));
    for (const name of shrunk) {
      const p = start.get(name)!.data as Float32Array;
      const expected = without.numbers(name).map((value, i) => value - 0.1 * weightDecay * p[i]);
      expect(decayed.numbers(name), name).toBeAllClose(expected, { atol: 1e-6, rtol: 1e-6 });
    }
  });

  test("is the same in parts, and clips the gradient of both together", async () => {
    const more: FitOptions = {
      optimizer,
      optimizerOptions: { weightDecay },
      clipNorm: 0.1,
      trainable: ["fc.*"],
    };
    const whole = await stepped(more);
    const parts = await stepped({ ...more, memory: 0.01 });
    for (const name of ["fc.weight", "fc.bias"])
      expect(parts.numbers(name), name).toBeAllClose(whole.numbers(name), { atol: 1e-6, rtol: 1e-5 });
  });
});

test("what decay acts on is no question where there is none", async () => {
  await expect(stepped({ decay: "all" })).rejects.toThrow(
    /decay "all" says what weight decay acts on, and there is none/,
  );
});
