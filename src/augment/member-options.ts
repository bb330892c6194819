/** The two kinds of options that families have. What range a value must lie in, each family says when it makes a member. */
import { type OptionText, choice, tested } from "../options/index.ts";
import { type Interpolation, interpolations } from "./interpolation.ts";
import { type Fill, fills } from "./reflected.ts";

const isNumber = (value: unknown): value is number => typeof value === "number";
const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(isNumber);

/** A list of numbers, a member of the family for each. */
export const memberValues = <const Text extends OptionText<readonly number[]>>(text: Text) =>
  tested<readonly number[], Text>(areNumbers, "a list of numbers", {
    advice: (value) => (isNumber(value) ? `Give [${value}].` : undefined),
    ...text,
  });

/** What a family that moves pixels shows where the image has left the frame. */
export const fillOption = choice(fills, {
  description: "what lies outside the frame: black, the outermost pixels, or the image mirrored at its edge",
  default: "zero",
});

/** How a family that moves pixels reads between them. */
export const interpolationOption = choice(interpolations, {
  description: "how a place between pixels is read: the nearest one, 2×2 linearly, or 4×4 by cubics",
  default: "bilinear",
});

/** What a member adds to its name and numbers for them; nothing for black and bilinear. */
export function filled(
  fill: Fill,
  interpolation: Interpolation = "bilinear",
): { suffix: string; parameters: Record<string, number> } {
  const words = [interpolation, fill].filter((word) => word !== "bilinear" && word !== "zero");
  return {
    suffix: words.map((word) => ` ${word}`).join(""),
    parameters: Object.fromEntries(words.map((word) => [word, 1])),
  };
}

/** What decides the random numbers of a family, an integer. */
export const familySeed = tested<number, { description: string; default: number }>(isNumber, "a number", {
  description: "another one draws other numbers",
  default: 0,
});

/** A bilinear warp with black outside, which is quick for few images. */
export const isPlainWarp = (fill: Fill, interpolation: Interpolation): boolean =>
  fill === "zero" && interpolation === "bilinear";
