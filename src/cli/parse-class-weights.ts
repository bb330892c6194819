import { InvalidArgumentError } from "commander";
import type { ClassWeights } from "../api/index.ts";
import { numberIn } from "./parse-number.ts";

/** `balanced`, numbers in the order of the classes (`1,2,0.5`), or classes by name (`cat=2,dog=0.5`). */
export function classWeights(text: string): ClassWeights {
  if (text === "balanced") return text;
  const parts = text.split(",").map((part) => {
    const end = part.lastIndexOf("=");
    return { name: end < 0 ? null : part.slice(0, end), weight: numberIn(part.slice(end + 1).trim()) };
  });
  const isNamed = parts.every(({ name }) => name !== null && name !== "");
  const isList = parts.every(({ name }) => name === null);
  const areWeights = parts.every(({ weight }) => weight > 0 && weight < Infinity);
  if (!areWeights || !(isNamed || isList)) {
    throw new InvalidArgumentError(
      "Give balanced, a number above 0 for each class in their order, as in 1,2,0.5, or classes by name, as in cat=2,dog=0.5.",
    );
  }
  if (isList) return parts.map(({ weight }) => weight);
  return Object.fromEntries(parts.map(({ name, weight }) => [name!, weight]));
}
