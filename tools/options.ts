/** Writes docs/options.md from the tables of options. `npm run options` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  evaluateTable,
  exportStepTable,
  exportTable,
  fitTable,
  loadClassifierTable,
  predictTable,
  saveTable,
  stepRates,
} from "../src/api/index.ts";
import { familyOptions } from "../src/augment/index.ts";
import { datasetArrays, loadTable, splitTable } from "../src/data/index.ts";
import { invarianceTable } from "../src/evaluate/index.ts";
import { modelTables, newHeadTable } from "../src/models/index.ts";
import type { AnyTable } from "../src/options/index.ts";
import { runStudyTable } from "../src/study/index.ts";

export const OPTIONS_PAGE = join(import.meta.dirname, "..", "docs", "options.md");

/** The functions with options, in the order of the page; `note` stands above the table. */
const sections: readonly (readonly [call: string, note: string, table: AnyTable])[] = [
  [
    "fit(model, data, options)",
    'Trains a classifier, or an ONNX or Keras file by path or bytes. `fit` of `"alignreg/tfjs"` takes the same but for `trainable`.',
    fitTable,
  ],
  [
    "evaluate(model, data, options)",
    "Tests a classifier, an ONNX or Keras file by path or bytes, or a function from images to logits. The same for TensorFlow.js.",
    evaluateTable,
  ],
  [
    "predict(model, picture, options)",
    "Says [what is on pictures](predict.md); `loadClassifier(…)`'s own `predict(picture, options)` takes the same.",
    predictTable,
  ],
  [
    "loadClassifier(source, options)",
    "Reads an ONNX or Keras file, by path or bytes, or a TensorFlow.js folder.",
    loadClassifierTable,
  ],
  [
    "withNewHead(model, options)",
    "A classifier's features under a [new head](backbones.md). `findFeatures(model, name)` says which they are.",
    newHeadTable,
  ],
  [
    "saveClassifier(classifier, path, metadata, options)",
    "Writes an ONNX file, or the Keras file or folder that a classifier came from.",
    saveTable,
  ],
  [
    "exportClassifier(model, path, options), exportedFiles(model, options)",
    "Writes a classifier [for an app](export.md); the second gives the files by name, in a page too.",
    exportTable,
  ],
  [
    "exportStep(model, options)",
    "A training step as an ONNX file ([in a page](browser.md)).",
    exportStepTable,
  ],
  ["feedsAt(step, rates)", "Of an exported step.", stepRates],
  ["runStudy(file, options)", "Runs a [study](study.md), as `alignreg study run`.", runStudyTable],
  ["datasetFromArrays(arrays)", "All of them must be given.", datasetArrays],
  [
    "loadData(nameOrPath, split, options), openData(nameOrPath, split, options)",
    "For folders of images; other [sources](data.md) take none.",
    loadTable,
  ],
  [
    "splitSource(data, options)",
    "Holds images out for [validation and test](data.md#holding-images-out).",
    splitTable,
  ],
  ["scorePredictions(predictions, options)", "The [scores](procedure.md) on their own.", invarianceTable],
  ...Object.entries(modelTables).map(
    ([name, table]) => [`${name}(options)`, "[A classifier of ours](models.md).", table] as const,
  ),
];

/** The text of docs/options.md. */
export function optionsPage(): string {
  return `# Options

<!-- Written by tools/options.ts: \`npm run options\` -->

What the public functions take, and what holds where an option is left out. The command line and study files have the same
ranges and defaults: where an option has a flag, it stands in the last column (\`alignreg train\`, \`alignreg evaluate\`,
[cli.md](cli.md)).

A name that is unknown, a value of another kind, out of range or NaN is a \`UsageError\` that says what was given and what to
give; \`undefined\` counts as left out, \`null\` does not. \`transforms\` is a family, as \`rotation()\`, or its
[specification](families.md), as \`"rotation:15,30"\`, unless that names a module: \`await loadFamily(…)\` reads those.
Where a function takes a model, it does not take what \`fit\` returned: give its member \`model\`. Where it takes a data set, it
does not take \`{ train, test }\`.

\`signal\` stops \`fit\` between two steps, whose checkpoint stays, \`evaluate\` between two batches or before scoring, and
\`runStudy\` with all its processes. All three throw the signal's reason; called again with the same options (\`fit\` with
\`resume: true\`) \`fit\` and \`runStudy\` go on, and end in the same bits.

${sections.map(section).join("\n\n")}

## Families

Each is made by a function, \`rotation({ degrees: [15, 30] })\`, and named in a specification, \`{ rotation: { degrees: [15, 30] } }\`.

| family | option | default | |
| --- | --- | --- | --- |
${Object.entries(familyOptions)
  .flatMap(([family, table]) =>
    Object.entries(table).map(
      ([name, row]) => `| \`${family}\` | \`${name}\` | ${shownDefault(row)} | ${cell(row.description)} |`,
    ),
  )
  .join("\n")}
`;
}

function section([call, note, table]: (typeof sections)[number]): string {
  const rows = Object.entries(table).flatMap(([name, row]) => [
    rowOf(name, row),
    ...Object.entries(row.members ?? {}).map(([member, inner]) => rowOf(`${name}.${member}`, inner)),
  ]);
  const hasFlags = Object.values(table).some(({ flag }) => flag !== undefined);
  const head = hasFlags ? ["option", "takes", "default", "", "flag"] : ["option", "takes", "default", ""];
  const lines = rows.map((cells) => `| ${cells.slice(0, head.length).join(" | ")} |`);
  return `## ${call.split("(")[0]}

\`${call}\`

${note}

| ${head.join(" | ")} |
| ${head.map(() => "---").join(" | ")} |
${lines.join("\n")}`;
}

type Row = AnyTable[string];

const rowOf = (name: string, row: Row): string[] => [
  `\`${name}\``,
  cell(
    row.choices
      ? row.choices.map((choice) => `\`"${choice}"\``).join(", ")
      : row.members
        ? "an object"
        : row.needed,
  ),
  shownDefault(row),
  cell(row.description),
  row.flag === undefined ? "" : `\`${row.flag}\``,
];

function shownDefault({ default: value, otherwise }: Row): string {
  if (otherwise !== undefined) return cell(otherwise);
  if (value === undefined) return "–";
  return `\`${JSON.stringify(value).replaceAll(",", ", ")}\``;
}

/** Text of a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("*", "\\*");

if (process.argv[1] === import.meta.filename) writeFileSync(OPTIONS_PAGE, optionsPage());
