/** docs/shipped.md, every number of which is of the record. */
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import { format, resolveConfig } from "prettier";
import { type Method, type Shift, methods, shifts, shipped } from "./plan.ts";
import type { Head, ShippedRecord } from "./record.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");
export const RECORD = join(docs, "results", "shipped.json");
export const PAGE = join(docs, "shipped.md");

/** The page of a record. */
export async function pageOf(record: ShippedRecord): Promise<string> {
  const text = [opening(record), calibration(record), stability(record), smaller(record)].join("\n\n");
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

interface Settings {
  readonly backbone: string;
  readonly imageSize: number;
  readonly validation: number;
  readonly seeds: readonly number[];
  readonly timed: number;
}

function opening({ settings, training, date, alignreg, machine, heads }: ShippedRecord): string {
  const { backbone, imageSize, validation, seeds } = settings as unknown as Settings;
  const { agreeing, others } = heads[0].stability;
  return `# What a model keeps on its way to an app

How far its probabilities and its stability can be trusted, and what a file of half the size loses: measured on CIFAR-10's photographs, 50 of
each of 10 classes to train on (${100 * validation} % of them set aside for the temperature) and ${agreeing.images + others.images} to test on; a linear head on
${backbone}, images stretched to ${imageSize}×${imageSize}; ${String(training.epochs)} epochs. Numbers are means over ${seeds.length} seeds. Each model is tested under
the shifts that its method saw views of (\`base\` saw none).

\`\`\`sh
npm ci
npm run shipped
\`\`\`

measures it all and writes [the numbers](results/shipped.json) and this page; the file of 8-bit integers with \`-- --python PROGRAM\`, a Python that has
what [int8.py](https://github.com/alignreg/alignreg/blob/main/tools/shipped/int8.py) names. Made on ${date} with alignreg ${alignreg} (${machine}).`;
}

function calibration({ heads }: ShippedRecord): string {
  const lines = each((shift, method) => {
    const found = of(heads, shift, method);
    const error = (view: "clean" | "shifted", when: "before" | "after") =>
      percent(mean(found, ({ calibration: { [view]: one } }) => one[when]));
    return [
      code(shift),
      method,
      percent(mean(found, ({ clean }) => clean)),
      number(
        mean(found, ({ calibration: { temperature } }) => temperature),
        2,
      ),
      ...[
        error("clean", "before"),
        error("clean", "after"),
        error("shifted", "before"),
        error("shifted", "after"),
      ],
    ];
  });
  return `## Probabilities

The expected calibration error in points, of the softmax as it is and at the [temperature](procedure.md#calibration-ours) that training finds on its
validation images and \`predict\` uses: of the test images as they are, and of their views.

${markdownTable(
  [
    [
      "shifts",
      "method",
      "clean accuracy %",
      "temperature",
      "clean, before",
      "clean, after",
      "views, before",
      "views, after",
    ],
    ...lines,
  ],
  { align: ["l", "l", ...Array<string>(6).fill("r")] },
)}

On the images as they are the temperature brings the error from ${range(heads, ({ calibration: { clean } }) => clean.before)} to
${range(heads, ({ calibration: { clean } }) => clean.after)} points. Under views it brings that of methods that saw views from
${range(seeing(heads), ({ calibration: { shifted } }) => shifted.before)} to ${range(seeing(heads), ({ calibration: { shifted } }) => shifted.after)}; that of \`base\`, which saw none, goes from
${range(blind(heads), ({ calibration: { shifted } }) => shifted.before)} to ${range(blind(heads), ({ calibration: { shifted } }) => shifted.after)}: a temperature of clean images says nothing of what a model has not seen.`;
}

function stability({ heads }: ShippedRecord): string {
  const lines = each((shift, method) => {
    const found = of(heads, shift, method);
    const images = ({ stability: { agreeing, others } }: Head) => agreeing.images + others.images;
    return [
      code(shift),
      method,
      percent(mean(found, (head) => head.stability.agreeing.images / images(head))),
      percent(mean(found, ({ stability: { agreeing } }) => agreeing.right / agreeing.images)),
      percent(mean(found, ({ stability: { others } }) => others.right / others.images)),
      number(
        mean(found, ({ stability: { areaUnderCurve } }) => areaUnderCurve),
        3,
      ),
      number(
        mean(found, ({ stability: { areaOfProbability } }) => areaOfProbability),
        3,
      ),
    ];
  });
  return `## Stability

An answer is stable where all of a picture's views are given the same one. How many answers are, how many of those are right, and how many of the
others; then how well stability, the share of views that agree, tells right answers from wrong ones, as the
[area under the curve](procedure.md#stability-ours), and how well the probability does, which asks for no view.

${markdownTable(
  [
    [
      "shifts",
      "method",
      "stable %",
      "right of the stable %",
      "right of the others %",
      "area, stability",
      "area, probability",
    ],
    ...lines,
  ],
  { align: ["l", "l", ...Array<string>(5).fill("r")] },
)}

A stable answer is right in ${range(heads, ({ stability: { agreeing } }) => agreeing.right / agreeing.images)} %, another in
${range(heads, ({ stability: { others } }) => others.right / others.images)} %. The probability tells right from wrong better than stability does, and asks for no view;
what stability adds is what it says of the picture at hand: whether a tilt or another light would change the answer.`;
}

function smaller({ forms, speed, settings }: ShippedRecord): string {
  const { timed } = settings as unknown as Settings;
  const interval = ({ value, low, high }: { value: number; low: number; high: number }) =>
    `${percent(value)} [${percent(low)}, ${percent(high)}]`;
  const scores = forms.map(({ form, bytes, clean, robust, invariance }) => [
    form,
    (bytes / 1e6).toFixed(1),
    ...[clean, robust, invariance].map(interval),
  ]);
  const threads = Object.keys(speed[0].node);
  const time = (found: { median: number; least: number } | undefined) =>
    found ? `${found.median.toFixed(1)} [${found.least.toFixed(1)}]` : "–";
  const times = speed.map(({ form, node, chromium }) => [
    form,
    ...threads.map((count) => time(node[count])),
    ...threads.map((count) => time(chromium[count])),
  ]);
  const named = (where: string) =>
    threads.map((count) => `${where}, ${count} thread${count === "1" ? "" : "s"}`);
  return `## Smaller files

\`alignreg export --to onnx --float16\` ([export](export.md#half-precision)) of a model whose last layers trained too (\`${shipped.method}\`, ${code(shipped.shift)}, \`--unfreeze
last:${shipped.unfreezing.unfreeze.last}\`), tested whole, with 95 % intervals over the test images. Of a head alone nothing is lost: the kernels of this backbone are halves as they come.

${markdownTable([["file", "MB", "clean %", "robust %", "invariance %"], ...scores], { align: ["l", "r", "r", "r", "r"] })}

Milliseconds for one image, the median of ${timed} and the least, by onnxruntime-node and by onnxruntime-web in WebAssembly in Chromium. The halves are
widened when the file is loaded, so the arithmetic is the same one; what is saved is what is fetched.

${markdownTable([["file", ...named("Node"), ...named("Chromium")], ...times], { align: ["l", ...Array<string>(2 * threads.length).fill("r")] })}

${forms.some(({ form }) => form === "int8") ? INT8 : ""}`;
}

const INT8 = `_int8_ is no form that \`alignreg export\` writes: no package that is kept on npm makes one ([export](export.md#half-precision)). This
one was made of the float32 file by Python's static quantization
([int8.py](https://github.com/alignreg/alignreg/blob/main/tools/shipped/int8.py)), and is tested here as any ONNX file.`;

const each = (line: (shift: Shift, method: Method) => string[]): string[][] =>
  shifts.flatMap((shift) => methods.map((method) => line(shift, method)));

const of = (heads: readonly Head[], shift: Shift, method: Method): Head[] =>
  heads.filter((head) => head.shift === shift && head.method === method);

const seeing = (heads: readonly Head[]): Head[] => heads.filter(({ method }) => method !== "base");
const blind = (heads: readonly Head[]): Head[] => heads.filter(({ method }) => method === "base");

/** Over shifts and methods, of means over seeds. */
function range(heads: readonly Head[], value: (head: Head) => number | null): string {
  const means = shifts.flatMap((shift) =>
    methods.flatMap((method) => {
      const found = of(heads, shift, method);
      return found.length === 0 ? [] : [mean(found, value)];
    }),
  );
  const known = means.filter((one) => one !== null);
  return `${percent(Math.min(...known))}–${percent(Math.max(...known))}`;
}

/** Null where a seed has none. */
function mean(heads: readonly Head[], value: (head: Head) => number | null): number | null {
  const values = heads.map(value);
  return values.some((one) => one === null)
    ? null
    : values.reduce<number>((sum, one) => sum + one!, 0) / values.length;
}

const percent = (fraction: number | null): string => (fraction === null ? "–" : (100 * fraction).toFixed(1));
const number = (value: number | null, digits: number): string => value?.toFixed(digits) ?? "–";
const code = (text: string): string => `\`${text}\``;
