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
    expect(Math.abs(analytic - numeric), `${where}: ${analytic}, by differences ${numeric}`).toBeLessThan(
      1e-2 * scale + 1e-3,
    );
  }
});
