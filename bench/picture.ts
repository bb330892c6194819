/**
 * `node --import tsx bench/picture.ts FILE.json`: writes docs/bench.md, docs/bench.svg and docs/bench-growth.svg from what
 * `npm run bench -- --all --json FILE.json` wrote. A record without growing workloads leaves out the last.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as prettier from "prettier";
import { writeWhole } from "../src/artifacts/index.ts";
import { renderBars, renderGrowth } from "./chart.ts";
import { renderPage } from "./page.ts";
import { recordSchema } from "./record.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Name the record: node --import tsx bench/picture.ts FILE.json");
const record = recordSchema.parse(JSON.parse(await readFile(file, "utf8")));

const docs = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const growth = renderGrowth(record);
const page = docs("bench.md");
const settings = await prettier.resolveConfig(page);
await writeWhole(docs("bench.svg"), `${renderBars(record)}\n`);
if (growth !== null) await writeWhole(docs("bench-growth.svg"), `${growth}\n`);
await writeWhole(
  page,
  await prettier.format(renderPage(record, { hasGrowth: growth !== null }), { ...settings, filepath: page }),
);
