/**
 * PyTorch's half of the harness: Python exports nets in every form, three steps train them here as a user's would, and Python
 * compares the weights with its own steps and takes them home.
 *
 *     npx tsx tools/frameworks/torch.ts --python PATH … [--set today|version] [--out FILE] [--keep DIR [--exported]] [NAME …]
 *
 * PATHs are Pythons with what tools/frameworks/requirements-torch.txt names, or with one version of PyTorch each. NAMEs are
 * parts of nets' names. FILE gets the rows; without it they are printed only. --exported takes the files that an earlier run
 * left in DIR. Ends with 1 where something that should hold does not.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fit, saveWeights } from "../../src/index.ts";
import { datasetFromArrays, imagesAt } from "../../src/data/index.ts";
import { normalizeImages } from "../../src/models/index.ts";
import { openClassifier } from "../../src/runtime/index.ts";
import { plainSteps } from "../../test/plain-steps.ts";
import { normalization } from "../../test/pytorch-case.ts";
import { holds } from "./judge.ts";
import { type Results, resultsSchema } from "./row.ts";
import { writeResults } from "./write-results.ts";

interface Exported {
  readonly net: string;
  readonly image: readonly [number, number, number];
  readonly classes: number;
  readonly labels: readonly number[];
  readonly files: readonly { readonly file: string; readonly failed?: string }[];
}

const { values, positionals } = parseArgs({
  options: {
    python: { type: "string", multiple: true, default: ["python3"] },
    set: { type: "string", default: "today" },
    out: { type: "string" },
    keep: { type: "string" },
    exported: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

function python(path: string, ...args: string[]): void {
  const { status, error } = spawnSync(path, [import.meta.dirname, ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`tools/frameworks ${args[0]} failed: ${error?.message ?? status}`);
}

/** Three plain steps of all images, then the weights, the logits and what was said, beside the file. */
async function train(folder: string, net: Exported, file: string): Promise<void> {
  const at = (ending: string) => join(folder, file.replace(/\.onnx$/, ending));
  const data = datasetFromArrays({
    name: net.net,
    shape: net.image,
    pixels: readFileSync(join(folder, `${net.net}.pixels`)),
    labels: net.labels,
    classNames: Array.from({ length: net.classes }, (_, i) => String(i)),
  });
  const notes: string[] = [];
  try {
    const { model, trained } = await fit(join(folder, file), data, {
      ...normalization,
      ...plainSteps(data),
      onNote: (note) => notes.push(note),
    });
    await saveWeights(model, at(".safetensors"));
    const session = await openClassifier(model.graph, { output: model.logits });
    const images = normalizeImages(imagesAt(data, Uint32Array.from(data.labels.keys())), normalization);
    writeFileSync(at(".logits"), await session.predict(images));
    await session.release();
    writeFileSync(at(".json"), JSON.stringify({ trained, notes }));
  } catch (error) {
    writeFileSync(at(".json"), JSON.stringify({ refused: (error as Error).message.replaceAll(folder, "") }));
  }
}

/** All rows of one Python. */
async function rowsOf(path: string, directory: string): Promise<Results> {
  mkdirSync(directory, { recursive: true });
  if (!values.exported) python(path, "export", directory, values.set, ...positionals);
  const { nets } = JSON.parse(readFileSync(join(directory, "nets.json"), "utf8")) as { nets: Exported[] };
  for (const net of nets) {
    for (const { file, failed } of net.files) if (failed === undefined) await train(directory, net, file);
  }
  python(path, "verify", directory);
  return resultsSchema.parse(JSON.parse(readFileSync(join(directory, "rows.json"), "utf8")));
}

const directory = values.keep ?? mkdtempSync(join(tmpdir(), "alignreg-frameworks-"));
try {
  const all: Results[] = [];
  for (const [i, path] of values.python.entries()) all.push(await rowsOf(path, join(directory, String(i))));
  const rows = all.flatMap((results) => results.rows);
  const wrong = rows.filter((row) => !holds(row));
  for (const row of wrong) console.log(`FAILS: ${JSON.stringify(row)}`);
  console.log(`${rows.length - wrong.length} of ${rows.length} hold.`);
  const names = [...new Set(all.flatMap(({ versions }) => Object.keys(versions)))];
  const versionsOf = (name: string) => all.flatMap(({ versions }) => versions[name] ?? []).join(", ");
  const versions = Object.fromEntries(names.map((name) => [name, versionsOf(name)]));
  if (values.out !== undefined) writeResults(values.out, { versions, rows });
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  if (values.keep === undefined) rmSync(directory, { recursive: true });
}
