import { expect, test } from "vitest";
import type { LayerTerm, LayerWeight, ModelLayer } from "./model-layer.ts";
import { layerPenalties } from "./penalties.ts";

const weight = (name: string): LayerWeight => ({ name, shape: [1], values: new Float32Array(1) });

function layer(roles: readonly string[], terms: Readonly<Record<string, LayerTerm>>): ModelLayer {
  return {
    name: "layer",
    className: "Layer",
    config: {},
    trainable: true,
    weights: new Map(roles.map((role) => [role, weight(role)])),
    terms: new Map(Object.entries(terms)),
  };
}

const l2: LayerTerm = { className: "L2", config: { l2: 0.01 } };
const penalized = (of: ModelLayer): [string, number][] =>
  layerPenalties(of).map((penalty) => [penalty.weight.name, penalty.l2]);

test("a regularizer is about the weight of its name", () => {
  expect(penalized(layer(["kernel", "bias"], { kernelRegularizer: l2 }))).toEqual([["kernel", 0.01]]);
  expect(penalized(layer(["kernel"], { biasRegularizer: l2 }))).toEqual([]);
});

test("attention's regularizers are about the kernels, or the biases, of all its layers", () => {
  const parts = ["query", "key", "value", "attention_output"];
  const attention = layer(
    parts.flatMap((part) => [`${part}/kernel`, `${part}/bias`]),
    { kernelRegularizer: l2 },
  );
  expect(penalized(attention)).toEqual(parts.map((part) => [`${part}/kernel`, 0.01]));
});
