import { format, resolveConfig } from "prettier";
import { markdownTable } from "markdown-table";
import { holds } from "./judge.ts";
import { refused } from "./refused.ts";
import { type Results, type Row, resultsSchema } from "./row.ts";

/** docs/ is in the package, tools/ is not. */
const repository = "https://github.com/alignreg/alignreg";
const folder = `${repository}/tree/main/tools/frameworks`;

const fullSize =
  "Networks of keras.applications in full size took sixty steps of Adam before (ConvNeXt none), and the three at a rate of 1e-3: " +
  "with random weights fifty layers make chaos of a rounding.";

/**
 * The text of docs/frameworks.md.
 *
 * @param read  text of a file of results; undefined where there is none (yet)
 */
export async function frameworksPage(read: (file: string) => string | undefined): Promise<string> {
  const of = (file: string): Results =>
    resultsSchema.parse(JSON.parse(read(file) ?? '{"versions":{},"rows":[]}'));
  const [torch, versions, keras] = [of("torch.json"), of("versions.json"), of("keras.json")];
  const text = [
    "# Networks and exporters that were tried",
    "Made by `npx tsx tools/frameworks/page.ts` from what the harness in " +
      `[tools/frameworks](${folder}) measured ([results](${folder}/results)). ` +
      "Networks are narrow, with random weights and disturbed statistics, dropout 0. " +
      "Each is trained here for three steps of plain SGD, as a user would (everything trains), and beside it by the framework in float64.",
    "- **trains**: all trainable parameters of the framework's, and nothing else; or what does not. *Folded*: BatchNormalization " +
      "that the exporter folded into the layer before it, as a note says before the training.",
    "- **numbers**: the worst error of a weight after the three steps, relative to the largest of its tensor, and of the logits. Where " +
      "BatchNormalization was folded the framework trains the folded module.",
    "- **home**: the weights in a fresh module or model of the framework: the worst error of its logits there from ours, relative to " +
      "the largest. *Refused*: the loader says that the exporter folded or computed weights; the trained ONNX file is what to take.",
    "## PyTorch",
    `With ${spoken(torch.versions)}.`,
    summary(torch.rows),
    ...groups(torch.rows).map(([framework, rows]) => `### ${framework}\n\n${matrix(rows)}`),
    odd(torch.rows),
    "## Four ages of PyTorch",
    `PyTorch ${versions.versions.torch}: the nets of [small_nets.py](${repository}/blob/main/tools/frameworks/small_nets.py) by ` +
      "[alignreg_export.py](../python/alignreg_export.py) and by the lines of [pytorch.md](pytorch.md), run as they stand there.",
    ...groups(versions.rows).map(([framework, rows]) => `### ${framework}\n\n${matrix(rows)}`),
    odd(versions.rows),
    ...(keras.rows.length > 0
      ? ["## Keras", `With ${spoken(keras.versions)}. ${fullSize}`, matrix(keras.rows), odd(keras.rows)]
      : []),
    "## What is refused, and what to do instead",
    "Each advice was followed once, with the versions above.",
    markdownTable([["in the file", "why", "instead"], ...refused.map((r) => [r.what, r.why, r.instead])]),
  ].filter((part) => part !== "");
  return format(`${text.join("\n\n")}\n`, {
    ...(await resolveConfig("docs/frameworks.md")),
    parser: "markdown",
  });
}

const spoken = (versions: Results["versions"]): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");

function groups(rows: readonly Row[]): [string, Row[]][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.framework, [...(found.get(row.framework) ?? []), row]);
  return [...found];
}

const writerOf = ({ exporter, opset }: Row): string =>
  opset === undefined ? exporter : `${exporter} (opset ${opset})`;

/** How many hold, by exporter. */
function summary(rows: readonly Row[]): string {
  const writers = [...new Set(rows.map(writerOf))];
  const lines = writers.map((writer) => {
    const own = rows.filter((row) => writerOf(row) === writer);
    const run = own.filter((row) => row.refused === undefined);
    const count = (wanted: (row: Row) => boolean) => String(run.filter(wanted).length);
    return [
      code(writer),
      String(own.length),
      count((row) => row.trains === "all" && !row.folded && !row.besides),
      count((row) => row.trains === "all" && row.folded !== undefined && !row.besides),
      worst(run.map((row) => row.numbers)),
      count((row) => typeof row.home === "number"),
      worst(run.map((row) => (typeof row.home === "number" ? row.home : undefined))),
      String(own.length - run.length),
    ];
  });
  const head = [
    "exporter",
    "nets",
    "all trains",
    "all but folded",
    "worst numbers",
    "come home",
    "worst home",
    "refused",
  ];
  return markdownTable([head, ...lines], { align: head.map((_, i) => (i === 0 ? "l" : "r")) });
}

/** A line for each net, a column for each exporter. */
function matrix(rows: readonly Row[]): string {
  const writers = [...new Set(rows.map(writerOf))];
  const nets = [...new Set(rows.map(({ net }) => net))];
  const cell = (net: string, writer: string): string => {
    const row = rows.find((r) => r.net === net && writerOf(r) === writer);
    return row ? verdict(row) : "";
  };
  return markdownTable([
    ["net", ...writers.map(code)],
    ...nets.map((net) => [net, ...writers.map((w) => cell(net, w))]),
  ]);
}

function verdict(row: Row): string {
  if (row.refused !== undefined) return "refused";
  const what =
    row.trains !== "all" || row.besides
      ? "**not all**"
      : row.folded
        ? `all but ${row.folded.length} folded`
        : "all";
  const home = typeof row.home === "number" ? exponent(row.home) : row.home === undefined ? "–" : row.home;
  return `${what}; ${row.numbers === undefined ? "–" : exponent(row.numbers)}; ${home}`;
}

/** What does not hold or is refused, each kind once with its nets. */
function odd(rows: readonly Row[]): string {
  const kinds = new Map<string, string[]>();
  for (const row of rows) {
    const said = [
      row.refused && `refused: ${row.refused.replace(/^\/\S+\.onnx /, "")}`,
      row.besides && `trains besides: ${few(row.besides)}`,
      Array.isArray(row.trains) && `does not train: ${few(row.trains)}`,
      !holds(row) && (row.numbers ?? 0) >= 1e-4 && `numbers ${exponent(row.numbers!)}`,
      row.advice,
    ].filter(Boolean);
    if (said.length > 0)
      kinds.set(said.join("; "), [
        ...(kinds.get(said.join("; ")) ?? []),
        `${row.net} by ${code(writerOf(row))}`,
      ]);
  }
  return [...kinds].map(([said, where]) => `- ${where.join(", ")}: ${said}`).join("\n");
}

const few = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");

const code = (text: string): string => text.replace(/^(dynamo=\w+(?:, optimize=False)?)/, "`$1`");

const exponent = (value: number): string => (value === 0 ? "0" : value.toExponential(0));

const worst = (values: readonly (number | undefined)[]): string => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? "–" : Math.max(...known).toExponential(1);
};
