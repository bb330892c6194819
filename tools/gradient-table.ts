/** Writes docs/gradients.md: how far each operator's gradient is from PyTorch. `npx tsx tools/gradient-table.ts` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { caseErrors, gradientCaseNames, gradientGraph, readGradientCase } from "../test/gradient-case.ts";

const LEVELS = ["disabled", "extended"] as const;

interface Row {
  cases: number;
  /** Worst relative error of an output at any level. */
  forward: number;
  /** Worst relative error of a gradient, by level. */
  gradient: Record<(typeof LEVELS)[number], number>;
}

const rows = new Map<string, Row>();
for (const name of gradientCaseNames()) {
  const c = readGradientCase(name);
  const graph = gradientGraph(c);
  const row = rows.get(c.op) ?? { cases: 0, forward: 0, gradient: { disabled: 0, extended: 0 } };
  rows.set(c.op, row);
  row.cases++;
  for (const level of LEVELS) {
    const errors = await caseErrors(c, graph, level);
    row.forward = Math.max(row.forward, errors.forward);
    row.gradient[level] = Math.max(row.gradient[level], errors.gradient);
  }
}

const number = (error: number) => (error === 0 ? "0" : error.toExponential(1));
const total = [...rows.values()].reduce((sum, { cases }) => sum + cases, 0);
const worst = Math.max(...[...rows.values()].flatMap(({ gradient }) => Object.values(gradient)));
const table = [...rows].map(
  ([op, { cases, forward, gradient }]) =>
    `| ${op} | ${cases} | ${number(forward)} | ${number(gradient.disabled)} | ${number(gradient.extended)} |`,
);

const page = `# Gradients against PyTorch

<!-- Written by tools/gradient-table.ts: \`npx tsx tools/gradient-table.ts\` -->

Every gradient rule is run in ONNX Runtime on the cases of [test/fixtures/gradients](https://github.com/alignreg/alignreg/blob/main/test/fixtures/gradients/README.md)
and compared with PyTorch's float64 autograd. An error is max|a − b| / max|b| over a tensor; each column has the worst
over all cases and tensors of an operator, in float32. Gradients are run with ONNX Runtime's graph optimization off
("disabled") and at the level that training uses ("extended"). The tests allow 1e-5, and check the smooth operators by
central differences too.

${total} cases, ${rows.size} operators, worst gradient error ${number(worst)}.

| operator | cases | outputs | gradients, disabled | gradients, extended |
| --- | ---: | ---: | ---: | ---: |
${table.join("\n")}
`;

const path = join(import.meta.dirname, "..", "docs", "gradients.md");
writeFileSync(path, await format(page, { parser: "markdown" }));
