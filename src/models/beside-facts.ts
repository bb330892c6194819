/** What files beside an ONNX file say of the classifier in it: classes, and what becomes of pixels. */
import { type StatedPictures, UsageError } from "../tensor/index.ts";
import type { Preprocessing } from "./preprocessing.ts";

export interface BesideFacts extends Preprocessing {
  /** In the order of the logits. */
  readonly classNames?: readonly string[];
  /** How pictures come to the size that the model takes. */
  readonly pictures?: StatedPictures;
  /** The files that say so, for messages. */
  readonly source: string;
  /** What is not applied, or could not be read for certain, a sentence each. */
  readonly notes: readonly string[];
}

/** Facts that must agree, with what they are called. */
const compared = {
  classNames: "names of classes",
  normalization: "mean and std of pixels in [0, 1]",
  inputRange: "range of pixels",
  channelOrder: "order of colours",
} as const;

type Compared = Partial<Pick<BesideFacts, keyof typeof compared>>;

/**
 * Two files' facts as one.
 *
 * @throws UsageError where both state a thing, and differ
 */
export function agreed(
  a: Compared & { readonly source: string },
  b: Compared & { readonly source: string },
): Compared {
  const isTold = (value: unknown) => value !== undefined && value !== null;
  for (const [key, what] of Object.entries(compared) as [keyof typeof compared, string][]) {
    const [one, other] = [a[key], b[key]];
    if (isTold(one) && isTold(other) && !isSame(one, other)) {
      throw new UsageError(
        `${a.source} and ${b.source} say different ${what}: ${shown(one)} and ${shown(other)}. Mend one of them, or ` +
          `move it away from the model.`,
      );
    }
  }
  const first = <K extends keyof Compared>(key: K): Compared[K] => a[key] ?? b[key];
  return {
    classNames: first("classNames"),
    normalization: first("normalization"),
    inputRange: first("inputRange"),
    channelOrder: first("channelOrder"),
  };
}

/** Equal but for rounding. */
function isSame(a: unknown, b: unknown): boolean {
  const [x, y] = [JSON.stringify(a, rounded), JSON.stringify(b, rounded)];
  return x === y;
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(5)) : value;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value, rounded);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};
