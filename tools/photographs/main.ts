/**
 * `npm run photographs`: heads on a frozen backbone, by base, va, vwa and rwa, on 500 photographs; writes
 * docs/results/photographs.json and docs/photographs.md.
 *
 * Options: --out DIR (default runs/photographs; the photographs, features and scores, which a second run goes on from),
 * --page (the page alone, from the record that is there).
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeFolder, writeWhole } from "../../src/artifacts/index.ts";
import { version } from "../../src/api/version.ts";
import { loadBackbone, loadData } from "../../src/index.ts";
import { chooseLambda } from "../../src/study/choose.ts";
import { PAGE, RECORD, pageOf } from "./page.ts";
import { type Cell, type Row, compared, settings, training } from "./plan.ts";
import { type CellScores, type PhotographsRecord, recordFile } from "./record.ts";
import { type Place, runCell } from "./run-cell.ts";
import { writeFolder } from "./write-folder.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "runs/photographs" },
    page: { type: "boolean", default: false },
  },
});

if (!values.page) await recordFile.write(RECORD, await measured(values.out));
await writeWhole(PAGE, await pageOf(recordFile.read(RECORD)!));

async function measured(out: string): Promise<PhotographsRecord> {
  const [photographs, cache, cells] = ["photographs", "features", "cells"].map((name) => join(out, name));
  makeFolder(cells);
  await writeFolder(photographs);
  const { imageSize: size, resize } = settings;
  const read = (split: "train" | "test") => loadData(photographs, split, { size, resize });
  const backbone = await loadBackbone(settings.backbone);
  const place: Place = { backbone, train: await read("train"), test: await read("test"), cache, cells };
  const record: PhotographsRecord = {
    date: new Date().toISOString().slice(0, 10),
    alignreg: version,
    settings,
    training,
    choices: [],
    results: [],
  };
  for (const { shift, head, row } of compared()) {
    const key = { shift, head, row: row.row };
    const lambda = await lambdaOf(row, key, place, record);
    for (const seed of settings.seeds) {
      const scores = await runCell({ ...key, lambda, seed, isChoice: false }, place);
      record.results.push({ ...key, lambda, seed, scores });
      said({ ...key, lambda, seed, isChoice: false }, scores);
    }
  }
  return record;
}

/** The λ of a row that aligns: chosen, or that of another row. */
async function lambdaOf(
  { align, lambdaOf: other }: Row,
  key: Pick<Cell, "shift" | "head" | "row">,
  place: Place,
  record: PhotographsRecord,
): Promise<number | null> {
  if (align === undefined) return null;
  if (other === undefined) return chosen(key, place, record);
  return record.choices.find(
    ({ shift, head, row }) => shift === key.shift && head === key.head && row === other,
  )!.chosen;
}

/** λ by what was set aside of the training photographs. */
async function chosen(
  key: Pick<Cell, "shift" | "head" | "row">,
  place: Place,
  record: PhotographsRecord,
): Promise<number> {
  const { lambdas, seeds, tolerance } = settings.validation;
  const tried: PhotographsRecord["choices"][number]["tried"] = [];
  for (const lambda of lambdas) {
    const found: CellScores[] = [];
    for (const seed of seeds) found.push(await runCell({ ...key, lambda, seed, isChoice: true }, place));
    const mean = (of: "clean" | "robust" | "invariance") =>
      found.reduce((sum, scores) => sum + scores[of].value, 0) / found.length;
    tried.push({ lambda, clean: mean("clean"), robust: mean("robust"), invariance: mean("invariance") });
  }
  const candidates = tried.map(({ lambda, clean, robust, invariance }) => ({
    lambda,
    scores: { cleanAccuracy: clean, robustAccuracy: robust, invarianceScore: invariance },
  }));
  const lambda = chooseLambda(candidates, { criterion: "invarianceAtAccuracy", tolerance })!;
  record.choices.push({ ...key, chosen: lambda, tried });
  return lambda;
}

function said(cell: Cell, { clean, robust, invariance }: CellScores): void {
  const shown = [clean, robust, invariance].map(({ value }) => (100 * value).toFixed(1)).join(" ");
  process.stdout.write(
    `${cell.shift} ${cell.head} ${cell.row} λ ${cell.lambda ?? "–"} seed ${cell.seed}: ${shown}\n`,
  );
}
