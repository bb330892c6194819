/**
 * Keras's rows of docs/frameworks.md: models are saved and exported by Keras, trained here for three steps, and loaded by Keras
 * again.
 *
 *     npx tsx tools/frameworks/keras.ts --python PYTHON [--out DIR] [NAME …]
 *
 * PYTHON has tools/frameworks/requirements-keras.txt. Without names it writes tools/frameworks/results/keras.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { saveClassifier } from "../../src/api/index.ts";
import { AlignregError } from "../../src/tensor/index.ts";
import { datasetOf, logitsOf, threeSteps } from "../../test/keras-nets.ts";
import { holds } from "./judge.ts";
import { type Row, resultsSchema } from "./row.ts";
import { writeResults } from "./write-results.ts";

/** What keras_harness.py writes of a model. */
interface Listed {
  readonly net: string;
  readonly stem: string;
  readonly image: readonly [number, number, number];
  readonly classes: number;
  readonly pixels: "unit" | "bytes";
  readonly labels: number[];
  /** Learning rate of the three steps. */
  readonly rate: number;
  readonly files: readonly { readonly file: string; readonly failed?: string }[];
}

const { values, positionals } = parseArgs({
  options: { python: { type: "string", default: "python3" }, out: { type: "string" } },
  allowPositionals: true,
});
const results = join(import.meta.dirname, "results", "keras.json");
const folder = values.out ?? mkdtempSync(join(tmpdir(), "alignreg-keras-"));
mkdirSync(folder, { recursive: true });
try {
  if (!existsSync(join(folder, "nets.json"))) keras("export", folder, ...positionals);
  const { nets } = JSON.parse(readFileSync(join(folder, "nets.json"), "utf8")) as { nets: Listed[] };
  for (const net of nets) for (const { file, failed } of net.files) if (!failed) await train(net, file);
  keras("verify", folder);
  const found = resultsSchema.parse(JSON.parse(readFileSync(join(folder, "rows.json"), "utf8")));
  if (positionals.length === 0) writeResults(results, found);
  const wrong = found.rows.filter(isWrong);
  for (const row of wrong) console.error("wrong:", JSON.stringify(row));
  process.exitCode = wrong.length > 0 ? 1 : 0;
} finally {
  if (values.out === undefined) rmSync(folder, { recursive: true });
}

function keras(...args: string[]): void {
  const { status, error } = spawnSync(
    values.python,
    [join(import.meta.dirname, "keras_harness.py"), ...args],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", OMP_NUM_THREADS: "1" },
    },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`keras_harness.py ${args[0]} ended with ${String(status)}`);
}

/** Writes the trained file, and beside the original what keras_harness.py compares: `trained`, `notes`, `logits`. */
async function train(net: Listed, file: string): Promise<void> {
  const data = datasetOf(net, readFileSync(join(folder, `${net.stem}.pixels`)), net.labels);
  const write = (record: object) => writeFileSync(join(folder, `${file}.json`), JSON.stringify(record));
  try {
    const { model, trained, notes } = await threeSteps(join(folder, file), net, data, {
      learningRate: net.rate,
    });
    const written = `trained-${file}`;
    await saveClassifier(model, join(folder, written));
    const logits = await logitsOf(model, net, data);
    const rows = Array.from(net.labels, (_, i) => [
      ...logits.subarray(i * net.classes, (i + 1) * net.classes),
    ]);
    write({ trained, notes, written, logits: rows });
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
    write({ refused: error.message.replaceAll(`${folder}/`, "") });
  }
}

/** Keras's own files are to be trained and to come home, all of them; what an ONNX export loses is a row, no failure. */
function isWrong(row: Row): boolean {
  const isRefusedHere = row.refused !== undefined && !row.refused.startsWith("by Keras");
  return row.exporter.startsWith(".") && (isRefusedHere || !holds(row));
}
