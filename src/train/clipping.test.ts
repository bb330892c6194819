import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { planOf, runStep } from "../../test/objective-case.ts";
import { methods } from "../align/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { squaredL2 } from "../align/regularizers/squared-l2.ts";
import { buildClassifier } from "../models/index.ts";
import { float32, int64, sizeOf } from "../tensor/index.ts";
import { layoutOf } from "./index.ts";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/objective/gradient-clipping.json", import.meta.url), "utf8"),
) as {
  cases: {
    name: string;
    maxNorm: number;
    gradients: Record<string, Stored>;
    norm: number;
    clipped: Record<string, Stored>;
  }[];
};

/**
 * A model of two equal logits Σ w·gradient: no cross-entropy depends on them, and the regularizer below gives each
 * parameter the case's gradient.
 */
const linear = (gradients: Record<string, Stored>) =>
  buildClassifier("linear", [1, 1, 2], (g, images) => {
    const terms = Object.entries(gradients).map(([name, { shape, data }]) => {
      const size = sizeOf(shape);
      const parameter = g.initializer(name, float32([1, size], new Float32Array(size).fill(0.5)));
      return g.op1("MatMul", [parameter, g.constant(float32([size, 1], data))]);
    });
    const total = terms.reduce((a, b) => g.add(a, b));
    const zero = g.scale(g.op1("Flatten", [images], { axis: 1 }), 0);
    return g.add(zero, g.concat([total, total], 1));
  });

describe.each(cases)("$name: norm and gradients as torch.nn.utils.clip_grad_norm_", (c) => {
  test.each([true, false])("all parameters in one vector: %s", async (isFlat) => {
    const classifier = linear(c.gradients);
    const parameters = Object.entries(c.gradients).map(([name, { shape }]) => ({
      name,
      shape: [1, sizeOf(shape)],
    }));
    const layout = isFlat ? layoutOf(parameters) : { slots: parameters.flatMap((p) => layoutOf([p]).slots) };
    const plan = planOf(classifier, {
      layout,
      clipNorm: c.maxNorm,
      viewsPerSample: 2,
      objective: {
        method: methods.rva,
        regularizer: { ...squaredL2, distance: (g: GraphBuilder, z: Value) => g.mean(z, [1]) },
      },
    });
    const feed = { images: float32([2, 1, 1, 2]), labels: int64([0]) };
    const { measures: plain } = await runStep({ ...plan, clipNorm: null }, { ...feed, alignmentWeight: 1 });
    expect(plain).not.toHaveProperty("gradientNorm");
    const { measures, parameters: gradients } = await runStep(plan, { ...feed, alignmentWeight: 1 });
    expect([measures.gradientNorm]).toBeAllClose([c.norm], { rtol: 1e-6 });
    for (const [name, { data }] of Object.entries(c.clipped)) {
      expect(gradients.get(name)!.data as Float32Array).toBeAllClose(data, { rtol: 1e-5, atol: 1e-9 });
    }
  });
});
