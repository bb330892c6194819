import { einsumEquation } from "../einsum-equation.ts";
import { type InferenceRule, firstTypeWith } from "./rule.ts";

const einsum: InferenceRule = (node) => {
  const { output, lengths } = einsumEquation(node);
  return firstTypeWith(
    node,
    output.map((letter) => lengths.get(letter)!),
  );
};

export const einsumInference = { Einsum: einsum } satisfies Record<string, InferenceRule>;
