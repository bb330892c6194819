/** What files beside an ONNX file say of the classifier in it: classes, and what becomes of pixels. */
import { type StatedPictures, UsageError } from "../tensor/index.ts";
import type { Preprocessing } from "./preprocessing.ts";

export interface BesideFacts extends Preprocessing {
  /** In the order of the logits. */
  readonly classNames?: readonly string[];
  /** How pictures come to the size that the model takes. */
  readonly pictures?: StatedPictures;
  /** One image that it was trained on, [C, H, W]. */
  readonly imageShape?: readonly [channels: number, height: number, width: number];
  /** Where pixels are normalised. */
  readonly normalizes?: "in graph" | "before graph" | "none";
  /** The specification of the shifts that it was trained for. */
  readonly transforms?: Readonly<Record<string, unknown>>;
  /** By which logits are divided before they become probabilities. */
  readonly temperature?: number;
  /** They are of a file that is written with the model: whatever the model's own file says too must be the same. */
  readonly isOwn?: boolean;
  /** The files that say so, for messages. */
  readonly source: string;
  /** What is not applied, or could not be read for certain, a sentence each. */
  readonly notes: readonly string[];
}

/** Facts that must agree, with what they are called … */
const compared = {
  classNames: "names of classes",
  normalization: "mean and std of pixels in [0, 1]",
  inputRange: "range of pixels",
  channelOrder: "order of colours",
} as const;

/** … and those which other files than ours do not say, or may say of the model as it once was. */
const ownCompared = {
  imageShape: "shapes of an image",
  normalizes: "places where pixels are normalised",
  pictures: "rules for pictures",
  transforms: "shifts",
  temperature: "temperatures",
} as const;

type Facts = {
  readonly [Key in keyof typeof compared | keyof typeof ownCompared]?: BesideFacts[Key] | null;
};
type Agreed = Pick<BesideFacts, keyof Facts>;

/**
 * Two files' facts as one.
 *
 * @throws UsageError where both state a thing, and differ
 */
export function agreed(
  a: Facts & { readonly source: string },
  b: Facts & { readonly source: string; readonly isOwn?: boolean },
): Agreed {
  const isTold = (value: unknown) => value !== undefined && value !== null;
  const checked = { ...compared, ...(b.isOwn && ownCompared) };
  for (const [key, what] of Object.entries(checked) as [keyof Facts, string][]) {
    const [one, other] = key === "pictures" ? shared(a.pictures, b.pictures) : [a[key], b[key]];
    if (isTold(one) && isTold(other) && !isSame(one, other)) {
      throw new UsageError(
        `${a.source} and ${b.source} say different ${what}: ${shown(one)} and ${shown(other)}. Mend one of them, or ` +
          `move it away from the model.`,
      );
    }
  }
  const told = { ...compared, ...ownCompared };
  const entries = (Object.keys(told) as (keyof Facts)[]).map((key) => [key, a[key] ?? b[key]] as const);
  return Object.fromEntries(entries.filter(([, value]) => isTold(value)));
}

/** What both rules state, of each. */
function shared(a: Facts["pictures"], b: Facts["pictures"]): readonly [unknown, unknown] {
  if (!a || !b) return [undefined, undefined];
  const of = (rule: object, other: object) =>
    Object.fromEntries(
      Object.entries(rule)
        .filter(
          ([name, value]) => value !== undefined && (other as Record<string, unknown>)[name] !== undefined,
        )
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  return [of(a, b), of(b, a)];
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
