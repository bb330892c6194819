/** docs/photographs.md, every number of which is of the record. */
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import { format, resolveConfig } from "prettier";
import { estimate } from "../../src/study/statistics.ts";
import { average, of, percent, scores, seedBySeed, signed } from "./compare.ts";
import { conclusions } from "./conclusions.ts";
import { ownGraphs } from "./own-graphs.ts";
import { type Head, type Shift, compared, heads, rows, shifts } from "./plan.ts";
import type { PhotographsRecord } from "./record.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");
export const RECORD = join(docs, "results", "photographs.json");
export const PAGE = join(docs, "photographs.md");

/** The page of a record. */
export async function pageOf(record: PhotographsRecord): Promise<string> {
  const text = [
    opening(record),
    ...shifts.flatMap((shift) => [
      `## Under \`${shift}\``,
      table(record, shift),
      ...heads.map((head) => differences(record, shift, head)),
    ]),
    choices(record),
    conclusions(record),
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

function opening({ settings, training, date, alignreg }: PhotographsRecord): string {
  const { perClass, seeds, imageSize, backbone, validation } = settings as unknown as Settings;
  const { adapterUnits, logitLength, unfreezing } = settings as unknown as Settings;
  const { epochs, batchSize, learningRate } = training;
  return `# A new head on a few photographs

What the methods do where a network is trained already, its features are frozen, and only a [new head](backbones.md) trains:
CIFAR-10 as a folder of PNG files, 10 classes with ${perClass.train} photographs each to train on and ${perClass.test} to test on;
${backbone}, images stretched to ${imageSize}×${imageSize}; ${epochs} epochs, batches of ${batchSize}, Adam at ${String(learningRate)} with a
cosine schedule. A method sees the views of the shifts that it is tested under. ${seeds.length} seeds, which decide the head's first
weights and the order of images; the photographs are the same. λ is chosen on ${100 * validation.fraction} % of the training photographs,
set aside by ${validation.seeds.length} seeds: the greatest invariance among those whose robust accuracy is within ${100 * validation.tolerance} point of
the best, as [studies](study.md) do.

\`\`\`sh
npm ci
npm run photographs
\`\`\`

writes the folder, keeps the features, trains and tests all heads, and writes [the numbers](results/photographs.json) and this page.
Made on ${date} with alignreg ${alignreg}.

In brackets: the 95 % interval over the test images, a mean over seeds. _Robust_ is the share of test images that are right under
every member of the shifts, _invariance_ how far an image's views stay closest to it in the logits ([procedure](procedure.md)). Of
\`contrast\` three of five members are negatives, which no light makes: the last shifts leave them out.

Beyond what a new head has by itself, without those negatives: an _adapter_ of ${adapterUnits} units; _logits of one length_, ${logitLength}; and
the _last layers_, trained too for ${unfreezing.epochs} epochs behind the head's, at a tenth of its rate (\`--unfreeze last:${unfreezing.layers}\`, the last block and
what follows it, under rotation). The first two are changes of the graph by its user
([own-graphs.ts](https://github.com/alignreg/alignreg/blob/main/tools/photographs/own-graphs.ts)).`;
}

interface Settings {
  readonly perClass: { readonly train: number; readonly test: number };
  readonly seeds: readonly number[];
  readonly imageSize: number;
  readonly backbone: string;
  readonly validation: {
    readonly fraction: number;
    readonly seeds: readonly number[];
    readonly tolerance: number;
  };
  readonly adapterUnits: number;
  readonly logitLength: number;
  readonly unfreezing: { readonly layers: number; readonly epochs: number };
}

/** A row for each head and method. */
function table(record: PhotographsRecord, shift: Shift): string {
  const lines = compared()
    .filter((each) => each.shift === shift)
    .map(({ head, row: { row } }) => {
      const found = of(record, shift, head, row);
      const [{ lambda }] = found;
      return [
        headName(head),
        `${row}${lambda === null ? "" : ` (λ ${lambda})`}`,
        ...scores.map((score) => {
          const mean = (bound: "value" | "low" | "high") =>
            average(found.map((result) => result.scores[score][bound]));
          return `${percent(mean("value"))} [${percent(mean("low"))}, ${percent(mean("high"))}]`;
        }),
      ];
    });
  return markdownTable([["head", "method", "clean %", "robust %", "invariance %"], ...lines]);
}

/** What each step from method to method changes, seed by seed. */
function differences(record: PhotographsRecord, shift: Shift, head: Head): string {
  const steps: [string, string, string][] = [
    ["views", "va", "base"],
    ["the worst view", "vwa", "va"],
    ["alignment", "rwa", "vwa"],
    ["alignment of the hidden layer", "rwa, hidden layer aligned", "vwa"],
    ["roots of features", "vwa", "vwa, features as they are"],
    ["roots of features", "vwa", "vwa, features of one length"],
    ...Object.keys(ownGraphs).flatMap((graph): [string, string, string][] => [
      [graph, `vwa, ${graph}`, "vwa"],
      [`alignment with ${graph}`, `rwa, ${graph}`, `vwa, ${graph}`],
      [`${graph}, aligned`, `rwa, ${graph}`, "rwa"],
    ]),
    ...["base", "vwa", "rwa"].map((method): [string, string, string] => [
      "the last layers too",
      `${method}, last layers`,
      method,
    ]),
    ["views with the last layers", "vwa, last layers", "base, last layers"],
    ["alignment with the last layers", "rwa, last layers", "vwa, last layers"],
  ];
  const lines = steps
    .filter((step) => step.slice(1).every((row) => of(record, shift, head, row).length > 0))
    .map(([what, row, before]) => {
      const [after, first] = [of(record, shift, head, row), of(record, shift, head, before)];
      return [
        `${what} (${row} − ${before})`,
        ...scores.map((score) => points(seedBySeed(after, first, score))),
      ];
    });
  return [
    `What is gained, in points, with the ${headName(head)} head (95 % intervals over seeds):`,
    markdownTable([["", "clean", "robust", "invariance"], ...lines]),
  ].join("\n\n");
}

function choices({ choices: made }: PhotographsRecord): string {
  const lines = made.flatMap(({ shift, head, row, chosen, tried }) =>
    tried.map(({ lambda, clean, robust, invariance }) => [
      shift,
      headName(head),
      row,
      lambda === chosen ? `**${lambda}**` : String(lambda),
      ...[clean, robust, invariance].map(percent),
    ]),
  );
  return [
    "## How λ was chosen",
    "On the photographs that were set aside; the chosen one is bold.",
    markdownTable([["shifts", "head", "method", "λ", "clean %", "robust %", "invariance %"], ...lines]),
  ].join("\n\n");
}

const headName = (head: string | number): string => (head === "linear" ? "linear" : `hidden ${head}`);
/** Mean of differences and its interval over seeds. */
function points(values: readonly number[]): string {
  const { mean, interval } = estimate(values);
  return interval ? `${signed(mean)} [${signed(interval.low)}, ${signed(interval.high)}]` : signed(mean);
}

/** Every row that the plan has is in the record as often as there are seeds. */
export const isComplete = (record: PhotographsRecord): boolean =>
  compared().every(
    ({ shift, head, row }) =>
      of(record, shift, head, row.row).length === (record.settings as unknown as Settings).seeds.length,
  ) && rows.length > 0;
