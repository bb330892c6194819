import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gradientRules } from "../src/autodiff/index.ts";
import { expandedOperators } from "../src/onnx/index.ts";
import { random } from "../src/tensor/index.ts";
import {
  caseErrors,
  derivatives,
  gradientCaseNames,
  gradientGraph,
  readGradientCase,
} from "./gradient-case.ts";

const names = gradientCaseNames();

test("every fixture is found, and every operator with fixtures has a rule or is written out in some that have", () => {
  expect(names.length).toBeGreaterThan(500);
  const withoutRule = names
    .map((name) => name.split("/")[0])
    .filter((op) => !gradientRules.has(op) && !expandedOperators.has(op));
  expect(withoutRule).toEqual([]);
});

test("every operator with a gradient has fixtures", () => {
  const operators = new Set(names.map((name) => name.split("/")[0]));
  // Operators of our own domain come from none of PyTorch's: PhaseMax is compared where pools are lowered to it.
  const untested = [...gradientRules].filter(
    ([name, { inputs }]) => inputs !== "none" && !name.includes(".") && !operators.has(name),
  );
  expect(
    untested.map(([name]) => name),
    "gradient rules without a case in test/fixtures/gradients: write some in tools/fixtures/gradients (docs/adding-an-operator.md)",
  ).toEqual([]);
});

test("docs/gradients.md counts them all (npx tsx tools/gradient-table.ts writes it)", () => {
  const operators = new Set(names.map((name) => name.split("/")[0]));
  expect(readFileSync("docs/gradients.md", "utf8")).toContain(
    `${names.length} cases, ${operators.size} operators`,
  );
});

test.each(names)("%s agrees with PyTorch, and with central differences", async (name) => {
  const c = readGradientCase(name);
  const graph = gradientGraph(c);
  for (const optimization of ["disabled", "extended"] as const) {
    const errors = await caseErrors(c, graph, optimization);
    expect(errors.forward, `outputs, ${optimization}`).toBeLessThanOrEqual(c.tolerance);
    expect(errors.gradient, `gradients, ${optimization}`).toBeLessThanOrEqual(c.tolerance);
  }
  if (!c.isSmooth) return;
  for (const { where, analytic, numeric, scale } of await derivatives(c, graph, random(1, name))) {
    expect(
      Math.abs(analytic - numeric),
      `${where}: ${analytic}, by differences ${numeric}; PyTorch agrees with the former. Near a kink differences say nothing: ` +
        `name ${c.op} in KINKED of test/gradient-case.ts`,
    ).toBeLessThan(1e-2 * scale + 1e-3);
  }
});
