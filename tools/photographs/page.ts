/** docs/photographs.md, every number of which is of the record. */
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import { format, resolveConfig } from "prettier";
import { estimate } from "../../src/study/statistics.ts";
import { type Head, type Shift, compared, heads, rows, shifts } from "./plan.ts";
import type { PhotographsRecord, Result } from "./record.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");
export const RECORD = join(docs, "results", "photographs.json");
export const PAGE = join(docs, "photographs.md");

type Score = "clean" | "robust" | "invariance";
const scores: readonly Score[] = ["clean", "robust", "invariance"];

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
    closing(record),
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

function opening({ settings, training, date, alignreg }: PhotographsRecord): string {
  const { perClass, seeds, imageSize, backbone, validation } = settings as unknown as Settings;
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
\`contrast\` three of five members are negatives, which no light makes: the last shifts leave them out.`;
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
  ];
  const lines = steps
    .filter((step) => step.slice(1).every((row) => of(record, shift, head, row).length > 0))
    .map(([what, row, before]) => {
      const [after, first] = [of(record, shift, head, row), of(record, shift, head, before)];
      return [
        `${what} (${row} − ${before})`,
        ...scores.map((score) =>
          points(after.map(({ scores: s }, i) => s[score].value - first[i].scores[score].value)),
        ),
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

function closing(record: PhotographsRecord): string {
  /** Results of all shifts and heads that have both rows. */
  const pairs = (row: string, before: string) =>
    shifts.flatMap((shift) =>
      heads
        .map((head) => [of(record, shift, head, row), of(record, shift, head, before)] as const)
        .filter(([after, first]) => after.length > 0 && first.length > 0),
    );
  /** The least and the greatest difference of means. */
  const range = (row: string, before: string, score: Score) => {
    const found = pairs(row, before).map(([after, first]) => meanOf(after, score) - meanOf(first, score));
    return `${signed(Math.min(...found))} to ${signed(Math.max(...found))}`;
  };
  /** In how many of them the interval over seeds is above 0. */
  const clear = (row: string, before: string, score: Score) => {
    const intervals = pairs(row, before).map(
      ([after, first]) =>
        estimate(after.map(({ scores: s }, i) => s[score].value - first[i].scores[score].value)).interval,
    );
    const above = intervals.filter((interval) => interval !== null && interval.low > 0).length;
    return `the interval over seeds is above 0 in ${above} of ${intervals.length}`;
  };
  const hidden = "rwa, hidden layer aligned";
  return `## What follows

Ranges are over all shifts and heads above, in points.

- **Views bring the robustness**: \`va\` over \`base\` ${range("va", "base", "robust")} of robust accuracy, ${range("va", "base", "clean")} of clean.
- **The worst view** over one drawn at random: ${range("vwa", "va", "robust")} of robust accuracy, ${range("vwa", "va", "clean")} of clean.
- **Alignment of the logits**, \`rwa\` over \`vwa\`: ${range("rwa", "vwa", "invariance")} of invariance (${clear("rwa", "vwa", "invariance")}),
  ${range("rwa", "vwa", "robust")} of robust accuracy (${clear("rwa", "vwa", "robust")}), ${range("rwa", "vwa", "clean")} of clean. On a
  frozen network the views bring the robustness, alignment brings invariance first, and a large λ pays with clean accuracy: a head can
  weigh the features that it is given, but not make others.
- **Alignment of the hidden layer**: ${range(hidden, "vwa", "invariance")} of invariance (${clear(hidden, "vwa", "invariance")}),
  ${range(hidden, "vwa", "robust")} of robust accuracy (${clear(hidden, "vwa", "robust")}), ${range(hidden, "vwa", "clean")} of clean: about
  what that of the logits brings on the same head. Many units are farther apart than ten logits: it takes a smaller λ.
- **Roots of the features**, a new head's default: ${range("vwa", "vwa, features as they are", "robust")} of robust accuracy over features
  as they are, ${range("vwa", "vwa, features of one length", "robust")} over features of one length; ${range("vwa", "vwa, features as they are", "invariance")} and
  ${range("vwa", "vwa, features of one length", "invariance")} of invariance.

${TEST_NOTE}`;
}

const meanOf = (results: readonly Result[], score: Score): number =>
  average(results.map(({ scores: s }) => s[score].value));

const TEST_NOTE =
  "One sample of photographs was trained on: the intervals over seeds say nothing of another one, those over images do for the test alone.";

const of = (record: PhotographsRecord, shift: Shift, head: Head, row: string): Result[] =>
  record.results.filter((each) => each.shift === shift && each.head === head && each.row === row);

const headName = (head: string | number): string => (head === "linear" ? "linear" : `hidden ${head}`);
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string =>
  `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`.replace(/^−0\.0$/, "+0.0");

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
