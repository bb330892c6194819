/**
 * The library inside of a context of its own, as Jest runs it: its Float32Array is not the one that ONNX Runtime's native half
 * makes its arrays of.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as vm from "node:vm";
import { type Rollup, build } from "vite";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** All of src/ as one CommonJS script; packages stay outside. */
async function bundle(): Promise<string> {
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      ssr: "src/index.ts",
      write: false,
      minify: false,
      rollupOptions: { output: { format: "cjs", inlineDynamicImports: true } },
    },
  })) as Rollup.RollupOutput;
  return output[0].code;
}

test("fit and evaluate work in a context whose arrays are not Node's", { timeout: 120_000 }, async () => {
  const globals = { console, process, Buffer, performance, setTimeout, setImmediate, clearTimeout, URL };
  const context = vm.createContext({ ...globals, TextEncoder, TextDecoder, AbortController, AbortSignal });
  // Where files of src/api are: what is looked for beside them is found.
  const filename = join(root, "src", "api", "bundle.cjs");
  const wrapper = `(function (exports, require, module, __filename) { ${await bundle()}\n})`;
  const run = vm.runInContext(wrapper, context, { filename }) as (...values: unknown[]) => void;
  const exports = {};
  run(exports, createRequire(filename), { exports }, filename);
  Object.assign(context, { alignreg: exports });

  const scores = (await vm.runInContext(
    `(async () => {
      const { buildClassifier, datasetFromArrays, evaluate, fit, lenet, rotation } = alignreg;
      const pixels = new Uint8Array(8 * 144).map((_, i) => i % 251);
      const classNames = ["a", "b", "c", "d"];
      const labels = Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
      const data = datasetFromArrays({ name: "d", shape: [1, 12, 12], pixels, labels, classNames });
      const transforms = rotation({ degrees: [45] });
      const net = lenet({ shape: [1, 12, 12], classes: 4 });
      const { model, history } = await fit(net, data, { transforms, epochs: 1, batchSize: 4, threads: 1 });
      const kernel = model.graph.initializers.get("conv1.weight").data;
      const tested = await evaluate(model, data, { transforms });
      const own = await evaluate(async ({ shape }) => new Float32Array(4 * shape[0]), data);
      return { isOwn: kernel instanceof Float32Array, loss: history.at(-1).loss, samples: tested.samples + own.samples };
    })()`,
    context,
  )) as { isOwn: boolean; loss: number; samples: number };
  expect(vm.runInContext("Float32Array", context)).not.toBe(Float32Array);
  expect(scores.isOwn).toBe(true);
  expect(scores.loss).toBeGreaterThan(0);
  expect(scores.samples).toBe(16);
});
