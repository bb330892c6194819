/**
 * What a file says of the classifier in it, beside the graph: its classes, and what it expects of pixels. One schema, read
 * and written here alone (docs/metadata.md). Later versions add keys; none changes its meaning.
 */
import { z } from "zod";
import { type StatedPictures, UsageError, exifs, interpolations, resizes } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { foreignClassNames } from "./foreign-class-names.ts";

type Metadata = Readonly<Record<string, string>>;

/** The facts that travel with a classifier. */
export interface Card extends Preprocessing {
  /** In the order of the logits. */
  readonly classNames?: readonly string[];
  /** The names were found under another tool's key. */
  readonly isForeign: boolean;
  /** Where pixels are normalised. */
  readonly normalizes: "in graph" | "before graph" | "none" | null;
  /** One image that it was trained on, [C, H, W]. */
  readonly imageShape?: readonly [number, number, number];
  /** How pictures came to that size. */
  readonly pictures?: StatedPictures;
  /** The specification of the shifts that it was trained for. */
  readonly transforms?: Readonly<Record<string, unknown>>;
  /** By which logits are divided before they become probabilities. */
  readonly temperature?: number;
  /** What is there and could not be read for certain, a sentence each. */
  readonly notes: readonly string[];
}

const numbers = z.array(z.number()).min(1);
const names = z.array(z.string()).min(1);
const side = z.int().positive();

/** Keys, and what their values are once they are parsed as JSON; those that are plain text say so. */
const schema = {
  "alignreg.classNames": names,
  "alignreg.mean": numbers,
  "alignreg.std": numbers,
  "alignreg.normalization": z.enum(["in graph", "before graph", "none"]),
  "alignreg.inputRange": z.literal([1, 255]),
  "alignreg.channelOrder": z.enum(["rgb", "bgr"]),
  "alignreg.imageShape": z.tuple([side, side, side]),
  "alignreg.resize": z.enum(resizes),
  "alignreg.cropShare": z.number().positive().max(1),
  "alignreg.interpolation": z.enum(interpolations),
  "alignreg.exif": z.enum(exifs),
  "alignreg.transformBeforeCrop": z.literal(true),
  "alignreg.transforms": z.record(z.string(), z.unknown()),
  "alignreg.temperature": z.number().positive(),
  /** What `train` wrote before there was a schema. */
  classNames: names,
} as const;

type Key = keyof typeof schema;

const expected: Readonly<Record<Key, string>> = {
  "alignreg.classNames": "a JSON list of names",
  "alignreg.mean": "a list of numbers",
  "alignreg.std": "a list of numbers",
  "alignreg.normalization": '"in graph", "before graph" or "none"',
  "alignreg.inputRange": "1 or 255",
  "alignreg.channelOrder": "rgb or bgr",
  "alignreg.imageShape": "a list of channels, height and width",
  "alignreg.resize": resizes.join(", "),
  "alignreg.cropShare": "a number above 0 and at most 1",
  "alignreg.interpolation": interpolations.join(", "),
  "alignreg.exif": exifs.join(" or "),
  "alignreg.transformBeforeCrop": "true",
  "alignreg.transforms": "the JSON of a family of transforms",
  "alignreg.temperature": "a number above 0",
  classNames: "a JSON list of names",
};

const texts: ReadonlySet<Key> = new Set([
  "alignreg.normalization",
  "alignreg.channelOrder",
  "alignreg.resize",
  "alignreg.interpolation",
  "alignreg.exif",
]);

/**
 * What a file's metadata say.
 *
 * @throws UsageError for a damaged value of a key of ours
 */
export function readCard(metadata: Metadata, source = "The model"): Card {
  const value = <K extends Key>(key: K): z.infer<(typeof schema)[K]> | undefined => {
    if (!Object.hasOwn(metadata, key)) return undefined;
    const text = metadata[key];
    const parsed = schema[key].safeParse(texts.has(key) ? text : parsedJson(text));
    if (parsed.success) return parsed.data as z.infer<(typeof schema)[K]>;
    throw new UsageError(
      `${source}: the metadata give "${shortened(text)}" for ${key}; ${expected[key]} is needed. ` +
        `Write the file anew, or remove the key.`,
    );
  };
  const [mean, std] = [value("alignreg.mean"), value("alignreg.std")];
  if ((mean === undefined) !== (std === undefined)) {
    throw new UsageError(
      `${source}: the metadata give alignreg.${mean ? "mean" : "std"} without the other; mean and std go together.`,
    );
  }
  const own = value("alignreg.classNames") ?? legacyNames(metadata, () => value("classNames"));
  const foreign = own ? { names: undefined, notes: [] } : foreignClassNames(metadata);
  const where = value("alignreg.normalization");
  const resize = value("alignreg.resize");
  const [cropShare, interpolation] = [value("alignreg.cropShare"), value("alignreg.interpolation")];
  const [exif, transformBeforeCrop] = [value("alignreg.exif"), value("alignreg.transformBeforeCrop")];
  return {
    classNames: own ?? foreign.names,
    isForeign: foreign.names !== undefined,
    normalization: mean && std ? { mean, std } : undefined,
    inputRange: value("alignreg.inputRange"),
    channelOrder: value("alignreg.channelOrder"),
    imageShape: value("alignreg.imageShape"),
    pictures: resize && {
      resize,
      cropShare,
      interpolation,
      exif,
      ...(transformBeforeCrop && { transformBeforeCrop }),
    },
    transforms: value("alignreg.transforms"),
    temperature: value("alignreg.temperature"),
    normalizes: where ?? (mean ? "before graph" : null),
    notes: foreign.notes,
  };
}

/** `classNames` as `train` wrote it; others write a key of that name too, in other forms. */
const legacyNames = (metadata: Metadata, read: () => string[] | undefined): string[] | undefined =>
  Object.hasOwn(metadata, "classNames") && metadata.classNames.trimStart().startsWith("[")
    ? read()
    : undefined;

/** Metadata that say it, over those that the classifier's file had. */
export function cardMetadata(classifier: Classifier): Record<string, string> {
  const { classNames, normalization, inputRange, channelOrder, imageShape, pictures, normalizesItself } =
    classifier;
  const { transforms, temperature } = classifier;
  const kept = Object.entries(classifier.metadata ?? {}).filter(([key]) => !Object.hasOwn(schema, key));
  const place = normalization ? "before graph" : normalizesItself ? "in graph" : "none";
  // Of a classifier that was not trained here, nobody has said what it takes.
  const isKnown = normalization !== undefined || normalizesItself === true || imageShape !== undefined;
  return {
    ...Object.fromEntries(kept),
    ...(classNames && { "alignreg.classNames": JSON.stringify(classNames) }),
    ...(isKnown && { "alignreg.normalization": place }),
    ...(normalization && {
      "alignreg.mean": JSON.stringify(normalization.mean),
      "alignreg.std": JSON.stringify(normalization.std),
    }),
    ...(inputRange !== undefined && { "alignreg.inputRange": String(inputRange) }),
    ...(channelOrder !== undefined && { "alignreg.channelOrder": channelOrder }),
    ...(imageShape && { "alignreg.imageShape": JSON.stringify(imageShape) }),
    ...(pictures && pictureMetadata(pictures)),
    ...(transforms && { "alignreg.transforms": JSON.stringify(transforms) }),
    ...(temperature !== undefined && { "alignreg.temperature": JSON.stringify(temperature) }),
  };
}

const pictureMetadata = ({
  resize,
  cropShare,
  interpolation,
  exif,
  transformBeforeCrop,
}: StatedPictures) => ({
  "alignreg.resize": resize,
  ...(cropShare !== undefined && cropShare !== 1 && { "alignreg.cropShare": JSON.stringify(cropShare) }),
  ...(interpolation !== undefined && { "alignreg.interpolation": interpolation }),
  ...(exif !== undefined && { "alignreg.exif": exif }),
  ...(transformBeforeCrop && { "alignreg.transformBeforeCrop": "true" }),
});

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
