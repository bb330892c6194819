/** The files for Node that the package has (scripts/bundle.mjs), as the tests' command line runs them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import * as sources from "../src/index.ts";
import { compiled } from "./tools/compiled.ts";

const files = readdirSync(compiled).filter((name) => name.endsWith(".js"));
const load = (entry: string) =>
  import(pathToFileURL(join(compiled, `${entry}.js`)).href) as Promise<Readonly<Record<string, unknown>>>;

test("what an entry exports is what its source does, under the same names", async () => {
  const built = await load("index");
  expect(Object.keys(built).sort()).toEqual(Object.keys(sources).sort());
  const renamed = Object.entries(sources).flatMap(([name, source]) =>
    typeof source === "function" && (built[name] as typeof source).name !== source.name ? [name] : [],
  );
  expect(renamed).toEqual([]);
});

test("entries share their classes and definitions", async () => {
  const [index, autodiff, onnx] = await Promise.all([load("index"), load("autodiff"), load("onnx")]);
  expect(index.defineGradient).toBe(autodiff.defineGradient);
  expect(index.ModelError).toBe(onnx.ModelError);
});

test("no class is called otherwise than in the sources, as messages show names", () => {
  const declared = (text: string) => [
    ...text.matchAll(/^(?:export )?(?:abstract )?class (\w+)|^var (\w+) = class\b/gm),
  ];
  const named = readdirSync(join(import.meta.dirname, "../src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .flatMap((path) =>
      declared(readFileSync(join(import.meta.dirname, "../src", path), "utf8")).map(([, name]) => name),
    );
  const built = files.flatMap((file) =>
    declared(readFileSync(join(compiled, file), "utf8")).map(([, name, other]) => name ?? other),
  );
  expect(built.length).toBeGreaterThan(30);
  expect(built.filter((name) => !named.includes(name))).toEqual([]);
});

test("a command starts without what draws charts and reads studies", () => {
  const reach = new Set<string>();
  const follow = (file: string): void => {
    if (reach.has(file)) return;
    reach.add(file);
    const text = readFileSync(join(compiled, file), "utf8");
    for (const [, from] of text.matchAll(
      /^(?:import|\} from|import [^"]* from|export [^"]* from) ?"([^"]+)"/gm,
    )) {
      if (from.startsWith("./")) follow(from.slice(2));
      else reach.add(from);
    }
  };
  follow("cli.js");
  // The one in cli.js, the other in a chunk.
  for (const needed of ["commander", "onnx-buf"]) expect(reach).toContain(needed);
  for (const heavy of [
    "linkedom",
    "@observablehq/plot",
    "yaml",
    "jstat",
    "log-update",
    "sharp",
    "onnxruntime-node",
  ])
    expect(reach).not.toContain(heavy);
});
