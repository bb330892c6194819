import { isAligned } from "../align/index.ts";
import { type Cell, cellOf } from "./cell.ts";
import { type PlannedColumn, columnAlone, columnsOf } from "./columns.ts";
import { type FamilyEntry, familyNameOf } from "./family.ts";
import type { Column } from "./result.ts";
import { type Study, needsChoice } from "./study.ts";
import { samplingRule } from "./study-data.ts";

/** A column under one family: what λ is chosen for, and what is trained with each seed. */
export interface Arm {
  /** As in "rotation/rwa-squaredL2". */
  readonly key: string;
  /** The family's name. */
  readonly family: string;
  /** The families that its runs are tested under: its own, then those of all runs. */
  readonly tests: readonly TestFamily[];
  readonly column: Column;
  /** The runs that choose λ, by rising λ; empty where there is nothing to choose. */
  readonly candidates: readonly { readonly lambda: number; readonly cells: readonly Cell[] }[];
  /** The run of each seed, once λ is chosen (the argument is ignored where there is nothing to choose). */
  readonly cellsAt: (chosen: number | null) => readonly Cell[];
  /** λ where there is one and nothing to choose. */
  readonly fixedLambda: number | null;
}

/** A family that runs are tested under. */
export interface TestFamily {
  readonly family: string;
  /** What results call it: the family trained with, and where it is another one, that too. */
  readonly label: string;
}

/** Everything a study has to do, families outermost, columns in the paper's order. */
export const planOf = (study: Study): Arm[] =>
  study.families.flatMap((family) => columnsOf(study).map((column) => armOf(study, family, column)));

function armOf(study: Study, family: FamilyEntry, planned: PlannedColumn): Arm {
  const name = familyNameOf(family);
  const { lambda } = study;
  const column: Column = columnAlone(planned);
  const values = column.regularizer === null || lambda === null ? [] : lambda.values[column.regularizer];
  const cellAt = (value: number | null, seed: number) => cellFor(study, family, planned, value, seed);
  const isChosen = needsChoice(study, column.regularizer);
  const searchSeeds = study.seeds.slice(0, lambda?.seeds);
  const fixedLambda = isChosen ? null : (values[0] ?? null);
  const runs = new Map<number | null, readonly Cell[]>();
  const cellsAt = (value: number | null): readonly Cell[] => {
    const cells = runs.get(value) ?? study.seeds.map((seed) => cellAt(value, seed));
    runs.set(value, cells);
    return cells;
  };
  return {
    key: `${name}/${column.id}`,
    family: name,
    tests: testsOf(study, name),
    column,
    candidates: isChosen
      ? [...values]
          .sort((a, b) => a - b)
          .map((value) => ({ lambda: value, cells: searchSeeds.map((seed) => cellAt(value, seed)) }))
      : [],
    cellsAt: (chosen) => cellsAt(isChosen ? chosen : fixedLambda),
    fixedLambda,
  };
}

/** What the runs trained with a family are tested under. */
export const testsOf = ({ testFamilies = [] }: Study, family: string): TestFamily[] => [
  { family, label: family },
  ...testFamilies
    .map(familyNameOf)
    .filter((name) => name !== family)
    .map((name) => ({ family: name, label: `${family}-tested-under-${name}` })),
];

function cellFor(
  study: Study,
  family: FamilyEntry,
  column: PlannedColumn,
  lambda: number | null,
  seed: number,
) {
  const { data, dataSeed, model, optimizer, epochs, batchSize, selection, threads } = study;
  const { mean, std, schedule, crop, flip, hardest, augmix, unlabelledRatio, loss, gradients } = study;
  const { views } = column.facts;
  return cellOf({
    ...{ data, dataSeed, model, optimizer, epochs, batchSize, selection, threads },
    // JSON leaves out what is undefined, so studies without these settings have cells without them.
    ...{ mean, std, schedule, crop: crop || undefined, flip: flip || undefined },
    unlabelledRatio: isAligned(column.facts) ? unlabelledRatio : undefined,
    ...{ hardest, augmix: views === "mixes" ? augmix : undefined },
    ...{ loss, gradients },
    method: column.methodEntry,
    regularizer: column.regularizerEntry,
    lambda,
    lambdaWarmUp: lambda === null ? null : study.lambda!.warmUp,
    family: views === "none" || views === "mixes" ? null : family,
    seed,
    sampling: samplingRule,
  });
}
