import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readModel } from "../onnx/index.ts";
import { decayedNames, trainableNames } from "./index.ts";

/** Parameters of an export that weight decay spares although they have two axes or more. */
function sparedAmongMany(file: string): string[] {
  const path = new URL(`../../test/fixtures/${file}.onnx`, import.meta.url);
  const { graph, metadata } = readModel(readFileSync(path), file);
  const names = trainableNames(graph, { metadata });
  const decayed = decayedNames(graph, { metadata });
  const isVector = (name: string) => graph.initializers.get(name)!.shape.length < 2;
  expect(names.filter((name) => isVector(name) && decayed.has(name))).toEqual([]);
  expect(names.filter((name) => decayed.has(name)).length).toBeGreaterThan(1);
  return names.filter((name) => !isVector(name) && !decayed.has(name));
}

test.each([
  ["frameworks/vit-torch2.15.0", ["cls"]],
  [
    "frameworks/weight-norm-torch2.15.0",
    ["conv.parametrizations.weight.original0", "head.parametrizations.weight.original0"],
  ],
  ["keras-exports/plain-tensorflow", ["functional_1_1/norm_1/Reshape:0", "const_fold_opt__225"]],
  [
    "keras-exports/model-torch",
    ["onnx::Add_260", "onnx::Mul_266", "onnx::Add_302", "onnx::Mul_306", "onnx::Mul_327"],
  ],
  ["zoo/batch-norm-over-weights-plain-opset17", ["conv.gain"]],
])("weight decay of %s spares vectors, also those that an exporter gave more axes", (file, spared) => {
  expect(sparedAmongMany(file)).toEqual(spared);
});
