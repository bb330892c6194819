/** Trains a head and tests it, on features that are kept. */
import { join } from "node:path";
import { jsonFile } from "../../src/artifacts/index.ts";
import {
  type Classifier,
  type Dataset,
  evaluate,
  familyFromSpec,
  fit,
  split,
  withNewHead,
} from "../../src/index.ts";
import { headKey } from "../../src/parameters/index.ts";
import { ownGraphs } from "./own-graphs.ts";
import { type Cell, type Row, cellName, rows, settings, training } from "./plan.ts";
import { type CellScores, scoresSchema } from "./record.ts";

export interface Place {
  readonly backbone: Classifier;
  readonly train: Dataset;
  readonly test: Dataset;
  /** Of features. */
  readonly cache: string;
  /** Of scores, a file for each cell. */
  readonly cells: string;
}

const cellFile = jsonFile({ version: 1, schema: scoresSchema, advice: "Delete it: the cell is run again." });

/** A cell's scores; one that was run before is read. */
export async function runCell(cell: Cell, place: Place): Promise<CellScores> {
  const path = join(place.cells, cellName(cell));
  const known = cellFile.read(path);
  if (known) return known;
  const { shift, head, row, lambda, seed, isChoice } = cell;
  const { train, validation } = split(place.train, settings.validation.fraction, seed);
  const [fitted, tested] = isChoice ? [train, validation] : [place.train, place.test];
  const quiet = { transforms: familyFromSpec(shift), cache: place.cache, onNote: () => undefined };
  const { method, align, isUnfrozen, ...made } = rows.find((each) => each.row === row)!;
  const model = startOf(made, head, seed, place);
  const { model: fittedModel, trained } = await fit(model, fitted, {
    ...quiet,
    ...training,
    method,
    ...(lambda !== null && { alignmentWeight: lambda }),
    ...(align !== undefined && { align }),
    ...(isUnfrozen && {
      unfreeze: { last: settings.unfreezing.layers },
      unfreezeEpochs: settings.unfreezing.epochs,
    }),
    seed,
  });
  // A test keeps what comes before the head: of a network whose last layers trained, what comes before those.
  const metadata = { ...fittedModel.metadata, [headKey]: JSON.stringify(trained) };
  const scores = await evaluate({ ...fittedModel, metadata }, tested, quiet);
  const found: CellScores = {
    clean: scores.cleanAccuracy,
    robust: scores.robustAccuracy,
    invariance: scores.invarianceScore,
  };
  await cellFile.write(path, found);
  return found;
}

/** The backbone with the row's new head. */
function startOf(
  { featureScale, graph }: Pick<Row, "featureScale" | "graph">,
  head: Cell["head"],
  seed: number,
  { backbone, train: { classNames } }: Place,
): Classifier {
  const model = withNewHead(backbone, { classNames, head, featureScale, seed });
  return graph === undefined ? model : ownGraphs[graph](model, seed);
}
