/** Writes docs/operators.md from the rule tables. `npx tsx tools/operators.ts` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gradientRules } from "../src/autodiff/index.ts";
import { CURRENT_OPSET, OLDEST_OPSET, expandedOperators, inferredOperators } from "../src/onnx/index.ts";

export const OPERATORS_PAGE = join(import.meta.dirname, "..", "docs", "operators.md");

/** The text of docs/operators.md. */
export function operatorsPage(): string {
  const rules = [...gradientRules].sort(([a], [b]) => (a < b ? -1 : 1));
  const stops = rules.filter(([, { inputs }]) => inputs === "none");
  const passes = rules.filter(([, { inputs }]) => inputs !== "none");
  const forwardOnly = inferredOperators.filter((op) => !gradientRules.has(op)).sort();
  return `# Operators

<!-- Written by tools/operators.ts: \`npx tsx tools/operators.ts\` -->

Models of opset ${OLDEST_OPSET} to ${CURRENT_OPSET} are read; older forms of an operator are rewritten to the current one first. Names are ONNX's own. How near the gradients are to PyTorch's is in [gradients.md](gradients.md);
how to add an operator, in [adding-an-operator.md](adding-an-operator.md).

## With a gradient

${passes.length} operators can lie between a trained parameter and the loss.

| operator | differentiable inputs | choices and limits |
| --- | --- | --- |
${passes.map(([op, { inputs, note }]) => `| ${op} | ${inputs ?? "all"} | ${note ?? ""} |`).join("\n")}

## Written out in others

These are written out in operators of the table above while a graph is built, and train so; a file that is written keeps
them: ${[...expandedOperators].sort().join(", ")}.

Attention may have masks of any form, a causal order, shared heads, a scale, a softcap and windows, but no cache of past keys. Which
tensors of a sequence are taken must not depend on the images. Functions that a file defines itself are written out likewise.

## Where the gradient stops

| operator | why |
| --- | --- |
${stops.map(([op, { note }]) => `| ${op} | ${note} |`).join("\n")}

## Forward only

These can stand where no gradient is needed: ${forwardOnly.join(", ")}.

Any other operator is an error that names the node.
`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(OPERATORS_PAGE, operatorsPage());
