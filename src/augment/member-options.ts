/** The two kinds of options that families have. What range a value must lie in, each family says when it makes a member. */
import { type OptionText, tested } from "../options/index.ts";

const isNumber = (value: unknown): value is number => typeof value === "number";
const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(isNumber);

/** A list of numbers, a member of the family for each. */
export const memberValues = <const Text extends OptionText<readonly number[]>>(text: Text) =>
  tested<readonly number[], Text>(areNumbers, "a list of numbers", {
    advice: (value) => (isNumber(value) ? `Give [${value}].` : undefined),
    ...text,
  });

/** What decides the random numbers of a family, an integer. */
export const familySeed = tested<number, { description: string; default: number }>(isNumber, "a number", {
  description: "another one draws other numbers",
  default: 0,
});
