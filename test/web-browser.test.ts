import * as native from "onnxruntime-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runSteps } from "./browser/run-steps.ts";
import { stepCase, stepCaseNames } from "./browser/step-cases.ts";
import { StepsPage } from "./browser/steps-page.ts";
import { noChromium } from "./tools/chromium.ts";

describe("Chromium", () => {
  let there: StepsPage | undefined;
  beforeEach(async ({ skip }) => {
    if (noChromium) skip(noChromium);
    there = await StepsPage.open();
  });
  afterEach(() => there?.close());

  test.each(stepCaseNames)("%s: WebAssembly takes the same ten steps as the native runtime", async (name) => {
    const { step, feeds } = stepCase(name);
    const runtime = { bundle: "ort.wasm.bundle.min.mjs", provider: "wasm", threads: 2 };
    const { losses } = await there!.takeSteps(stepCase(name), runtime);
    const here = await runSteps(native, step.model, feeds, {});
    expect(losses).toHaveLength(10);
    expect(losses).toBeAllClose(here.losses, { rtol: 1e-4 });
  });
});
