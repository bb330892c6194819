/** Arithmetic of lengths, as exporters write it before a Reshape: nothing of it reaches the graph. */
import { ModelError } from "../onnx/index.ts";
import type { NodeContext } from "./context.ts";
import type { Length, Lengths } from "./held.ts";

type OfTwo = (a: Length, b: Length) => Length;

export const sumOfLengths: OfTwo = (a, b) => sum(a, b, 1);
export const differenceOfLengths: OfTwo = (a, b) => sum(a, b, -1);

export const productOfLengths: OfTwo = (a, b) => {
  if (a.perImage && b.perImage) throw new ModelError("it multiplies the number of images by itself");
  return { n: a.n * b.n, perImage: a.perImage || b.perImage };
};

export const quotientOfLengths: OfTwo = (a, b) => {
  const n = Math.floor(a.n / b.n);
  if (b.perImage || (a.perImage && n * b.n !== a.n) || b.n === 0) {
    throw new ModelError("it divides by, or a part of, the number of images");
  }
  return { n, perImage: a.perImage };
};

function sum(a: Length, b: Length, sign: 1 | -1): Length {
  if (a.n === 0) return { ...b, n: sign * b.n };
  if (b.n !== 0 && a.perImage !== b.perImage) {
    throw new ModelError("it adds a number to the number of images");
  }
  return { n: a.n + sign * b.n, perImage: a.perImage };
}

/** What two inputs make where one of them is of lengths that hang on the batch, number by number; else undefined. */
export function lengthsOf(context: NodeContext, make: OfTwo): Lengths | undefined {
  if (!context.inputs.some(({ kind }) => kind === "lengths")) return undefined;
  const [a, b] = [context.lengths(0, "terms"), context.lengths(1, "terms")];
  const count = Math.max(a.values.length, b.values.length);
  const at = ({ values }: Lengths, i: number): Length => values[values.length === 1 ? 0 : i];
  if ([a, b].some(({ values }) => values.length !== count && values.length !== 1)) {
    throw new ModelError(`it joins ${a.values.length} and ${b.values.length} lengths`);
  }
  return {
    kind: "lengths",
    isScalar: a.isScalar && b.isScalar,
    values: Array.from({ length: count }, (_, i) => make(at(a, i), at(b, i))),
  };
}

/** Lengths one after the other. */
export const joinedLengths = (parts: readonly Lengths[]): Lengths => ({
  kind: "lengths",
  isScalar: false,
  values: parts.flatMap(({ values }) => values),
});
