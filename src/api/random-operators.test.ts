import { expect, test } from "vitest";
import { datasetFromArrays } from "../data/index.ts";
import { buildClassifier } from "../models/index.ts";
import type { GraphNode } from "../onnx/index.ts";
import { float32, random } from "../tensor/index.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

const rng = random(3, "weights");
const noise = (shape: number[]) =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
  );
const data = datasetFromArrays({
  name: "dark",
  shape: [1, 2, 2],
  pixels: new Uint8Array(16),
  labels: [0, 1, 0, 1],
  classNames: ["a", "b"],
});

/** As PyTorch writes Dropout2d in training mode: what is kept is drawn with RandomUniformLike. */
function withDropout2d() {
  const model = buildClassifier("net", [1, 2, 2], (g, images) => {
    const flat = g.op1("Flatten", [images]);
    return g.matMul(g.op1("Relu", [flat], {}, { outputs: ["features"] }), g.initializer("w", noise([4, 2])));
  });
  const node = (opType: string, inputs: string[], outputs: string[], attributes = {}): GraphNode => ({
    opType,
    domain: "",
    name: opType.toLowerCase(),
    inputs,
    outputs,
    attributes,
  });
  const nodes = model.graph.nodes.flatMap((n) =>
    n.opType === "MatMul"
      ? [
          node("RandomUniformLike", ["features"], ["drawn"]),
          node("Mul", ["features", "drawn"], ["kept"]),
          { ...n, inputs: ["kept", n.inputs[1]] },
        ]
      : [n],
  );
  return { ...model, graph: { ...model.graph, nodes, opsets: new Map([["", 20]]) } };
}

test("a model that draws random numbers is neither trained nor tested, and the way out is told", async () => {
  const model = withDropout2d();
  await expect(fit(model, data, { onNote: () => undefined })).rejects.toThrow(
    /RandomUniformLike.*evaluation mode: model\.eval\(\)/,
  );
  await expect(evaluate(model, data)).rejects.toThrow(
    /RandomUniformLike node "randomuniformlike".*others each time.*model\.eval\(\)/,
  );
});
