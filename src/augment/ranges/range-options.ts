/** The options that ranges have. */
import { type OptionText, tested, whole } from "../../options/index.ts";
import { usualDraws } from "./ranged-family.ts";

/** From and to. */
export type RangeEnds = readonly [low: number, high: number];

const isRange = (value: unknown): value is RangeEnds =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((end) => typeof end === "number" && Number.isFinite(end)) &&
  value[0] < value[1];

/** Two numbers, the lower one first. */
export const rangeOption = <const Text extends OptionText<RangeEnds>>(text: Text) =>
  tested<RangeEnds, Text>(isRange, "two numbers, the lower one first", {
    advice: (value) =>
      Array.isArray(value) && value.length === 2 && value[0] > value[1]
        ? `Give [${String(value[1])}, ${String(value[0])}].`
        : "Give [-30, 30], or in text -30..30.",
    ...text,
  });

export const drawsOption = whole({
  description: "views that training draws of each image in each step, and members of the fixed sample",
  default: usualDraws,
});
