/**
 * The sources as JavaScript in few files, for Node: it reads over a thousand modules in a second, and these in a tenth of it. Bundlers
 * of pages get the modules one by one, of which they leave out what a page does not use. Plain JavaScript, because the build
 * runs before anything is compiled.
 *
 * A file for each entry of package.json, and chunks of what several of them share, all in one folder: a class or a table of
 * definitions is there once, whichever entries a program imports. Packages stay imports.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * @param root       the repository
 * @param directory  where the files go
 */
export async function bundle(root, directory) {
  const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entries = Object.values(exports)
    .filter((entry) => typeof entry === "object")
    .map(({ types, node }) => [nameIn(node), types.replace("dist/", "src/").replace(/\.d\.ts$/, ".ts")]);
  await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(entries),
      [nameIn(bin.alignreg)]: "src/cli/main.ts",
      // What other processes run, found beside the chunk that starts them.
      "cell-process": "src/study/cell-process.ts",
      "search-process": "src/api/search-process.ts",
    },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    packages: "external",
    external: ["node:*"],
    chunkNames: "chunk-[hash]",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}

/** "./dist/node/onnx.js": onnx. */
const nameIn = (file) => file.replace(/^(?:\.\/)?dist\/node\//, "").replace(/\.js$/, "");
