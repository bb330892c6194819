import { join } from "node:path";
import { type Rollup, build } from "vite";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");

test("what pages import asks for no module of Node and no runtime", { timeout: 120_000 }, async () => {
  const entries = [
    "browser",
    "onnx/index",
    "autodiff/index",
    "lower/index",
    "augment/index",
    "evaluate/index",
  ];
  const { output } = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      rollupOptions: {
        input: entries.map((name) => join(source, `${name}.ts`)),
        preserveEntrySignatures: "exports-only",
      },
    },
  })) as Rollup.RollupOutput;
  const modules = output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []));
  expect(modules.filter((id) => id.endsWith("/src/train/step-graph.ts"))).toHaveLength(1);
  expect(modules.filter((id) => /browser-external|onnxruntime|sharp/.test(id))).toEqual([]);
  const imported = output.flatMap((part) => (part.type === "chunk" ? part.imports : []));
  expect(imported.filter((name) => name.startsWith("node:"))).toEqual([]);
});
