import { type GraphBuilder, type Value, einsumEquation, unusedLetters } from "../../onnx/index.ts";
import { broadcastShapes, tensor } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * y = Σ over the letters that the output lacks of the product of the operands (Einsum-12). It is linear in each of them:
 *
 *   dxᵢ = einsum of dy and the other operands, with the letters of xᵢ as output
 *
 * A letter of xᵢ that nothing else has was summed away alone: dxᵢ is repeated along it. Where an operand has a letter
 * twice (a diagonal), the second one gets a name of its own, and an identity matrix that ties the two.
 */
export const einsum: GradientRule = (g, node, [dy]) => {
  const { operands, output } = einsumEquation(node);
  return node.inputs.map((x, i) => {
    const free = unusedLetters([...operands.flat(), ...output]);
    const letters: string[] = [];
    const terms = [{ letters: output, value: dy }];
    operands.forEach((of, j) => {
      if (j !== i) terms.push({ letters: of, value: node.inputs[j] });
    });
    for (const [axis, letter] of operands[i].entries()) {
      if (!letters.includes(letter)) {
        letters.push(letter);
        continue;
      }
      const twin = free.shift()!;
      letters.push(twin);
      terms.push({ letters: [letter, twin], value: identityMatrix(g, x.shape[axis], x.dtype) });
    }
    return contract(g, terms, letters, x);
  });
};

/** The terms multiplied and summed to `letters`, with axes that no term has repeated to the lengths of `like`. */
function contract(
  g: GraphBuilder,
  terms: readonly { letters: readonly string[]; value: Value }[],
  letters: readonly string[],
  like: Value,
): Value {
  const present = new Set(terms.flatMap((term) => term.letters));
  const result = letters.filter((letter) => present.has(letter));
  const equation = `${terms.map((term) => term.letters.join("")).join(",")}->${result.join("")}`;
  const product = g.op1(
    "Einsum",
    terms.map(({ value }) => value),
    { equation },
  );
  const lengths = product.shape[Symbol.iterator]();
  const aligned = letters.map((letter) => (present.has(letter) ? (lengths.next().value as number) : 1));
  return g.expand(g.reshape(product, aligned), broadcastShapes(aligned, like.shape));
}

function identityMatrix(g: GraphBuilder, size: number, dtype: Value["dtype"]): Value {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * (size + 1)] = 1;
  return g.cast(g.constant(tensor("float32", [size, size], data)), dtype);
}
