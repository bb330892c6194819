import * as native from "onnxruntime-node";
import { expect, test } from "vitest";
import { runSteps } from "./browser/run-steps.ts";
import { stepCase } from "./browser/step-cases.ts";
import { StepsPage } from "./browser/steps-page.ts";
import { noChromium } from "./tools/chromium.ts";

// A small batch and few steps: the adapter is a processor that makes believe to be a graphics card. By hand, all of
// the cases agree so, to 3e-7; compiling their shaders would take a minute.
test("LeNet, rwa: a page's WebGPU takes the same steps as the native runtime", async ({ skip }) => {
  if (noChromium) skip(noChromium);
  const there = await StepsPage.open();
  try {
    const reason = await there.page.evaluate<string | null>("whyNoWebgpu()");
    if (reason) skip(`no WebGPU: in this Chromium ${reason}`);
    const options = { batchSize: 2, steps: 4 };
    const runtime = { bundle: "ort.webgpu.bundle.min.mjs", provider: "webgpu", threads: 1 };
    const { losses } = await there.takeSteps(
      stepCase("LeNet, rwa", { ...options, provider: "webgpu" }),
      runtime,
    );
    const plain = stepCase("LeNet, rwa", options);
    const here = await runSteps(native, plain.step.model, plain.feeds, {});
    expect(losses).toHaveLength(4);
    expect(losses).toBeAllClose(here.losses, { rtol: 1e-4 });
  } finally {
    await there.close();
  }
});
