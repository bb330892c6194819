import { markdownTable } from "markdown-table";
import type { BenchRecord, Row } from "./record.ts";
import { short } from "./table.ts";

/** docs/bench.md: what was timed, on what, and every figure. */
export function renderPage(record: BenchRecord, { hasGrowth }: { hasGrowth: boolean }): string {
  const { rows } = record;
  const fixed = rows.filter(({ growth }) => growth === null);
  const growing = rows.filter(({ growth }) => growth !== null);
  const growthPart = [
    "## Growth",
    "![A step's milliseconds against batch size, rotations and width](bench-growth.svg)",
    growthTable(growing),
  ];
  return `${[INTRODUCTION, whereItRan(record), PICTURE, "## Figures", figures(fixed), ...(hasGrowth ? growthPart : []), CONTENDERS].join("\n\n")}\n`;
}

const INTRODUCTION = `# Benchmark

\`alignreg\` beside PyTorch, TensorFlow, jax-js and TensorFlow.js: the same work, timed in turn in one run. This page is
written by \`bench/picture.ts\` from the record of one run:

\`\`\`sh
npm run bench -- --all --json bench.json     # --quick: LeNet only; --only TEXT: workloads whose name has it
node --import tsx bench/picture.ts bench.json
\`\`\``;

const PICTURE = "![Bars: each contender's median relative to alignreg's, by workload](bench.svg)";

function whereItRan({ date, machine, versions, rounds }: BenchRecord): string {
  const lines = [
    `${machine}; ${rounds === 1 ? "1 round" : `up to ${rounds} rounds`}; ${date.slice(0, 10)}.`,
    ...versions,
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}

const figures = (rows: readonly Row[]): string =>
  markdownTable(
    [
      ["workload", "contender", "median", "min", "n", "alignreg is … times better"],
      ...rows.map((row, i) => [
        rows[i - 1]?.workload === row.workload ? "" : row.workload,
        row.contender,
        `${short(row.median)} ${row.unit}`,
        short(row.min),
        String(row.n),
        row.ratio === null ? "" : short(row.ratio),
      ]),
    ],
    { align: ["l", "l", "r", "r", "r", "r"] },
  );

const growthTable = (rows: readonly Row[]): string =>
  markdownTable(
    [
      ["series", "contender", "of", "median ms", "alignreg is … times better"],
      ...rows.map(({ growth, contender, median, ratio }) => [
        growth!.series,
        contender,
        `${growth!.of} ${growth!.value}`,
        short(median),
        ratio === null ? "" : short(ratio),
      ]),
    ],
    { align: ["l", "l", "l", "r", "r"] },
  );

const CONTENDERS = `## What is compared

Each contender runs in a process of its own, with as many threads as ours unless its name says otherwise, and waits without
taking processor time while another is timed. Blocks of steps alternate (A B C A B C …), each after a warm-up and a pause;
a ratio is that of two medians. All start from the same weights and the same batch, and **a workload has no figures unless** their
first two losses, chosen views, pixels or scores agree, and the loss of each falls. Real digits for LeNet; for the others noise, as what
the pixels are does not change what they cost.

- **step**: forward, cross-entropy, backward, update (Adam, or SGD with momentum 0.9).
- **\`rwa\` step**: the worst of the identity and K rotations for each image, then cross-entropy of both and 0.5 times the
  squared l2 distance of their logits. The rotations are inputs.
- **selection pass**: of such a step what leads to the choice of views.
- **evaluation**: rotations, logits, clean and robust accuracy, [invariance score](procedure.md#invariance-score), no intervals.
- **peak memory**: the high-water mark of resident memory (\`VmHWM\`) of a process that runs five such steps and nothing
  else; ours includes Node and the loader of TypeScript.

PyTorch is the installed build: convolutions by oneDNN, matrices by OpenBLAS on the fastest of its kernels that the processor
runs (the run prints UNFAIR where they are not). Its _careful loop_ selects by one pass without gradients over all views,
per image, then does one forward and backward pass over clean and worst images together; _channels last_ is the same in
\`torch.channels_last\`. The _published package's way_ is that of the Python package \`alignreg\` 1.0: one view for the whole batch,
among the rotations only, by K + 4 separate forward passes that all record gradients, and the sum of the squared distances,
to which we give the gradient that the package loses. Its rotations are one \`grid_sample\` with each angle's weights computed
once for all images, or \`torchvision.transforms.functional.rotate\` by angle. TensorFlow's step is one \`tf.function\`; its script was
written without a TensorFlow to run it on. TensorFlow.js and jax-js have one thread in Node, and take a few steps only.`;
