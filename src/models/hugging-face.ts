/**
 * What a folder of Hugging Face's transformers says: `config.json` names the classes, `preprocessor_config.json` what becomes of
 * images. Image processors differ in few members; each is read where it is there.
 */
import { z } from "zod";
import { type Interpolation, UsageError } from "../tensor/index.ts";
import { preprocessingOfBytes } from "./affine-pixels.ts";
import type { BesideFacts } from "./beside-facts.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { statedKernel } from "./stated-kernel.ts";

const perChannel = z.union([z.number(), z.array(z.number()).min(1)]);
const length = z.number().positive();
const size = z.union([
  length,
  z.tuple([length, length]),
  z.looseObject({
    height: length.nullish(),
    width: length.nullish(),
    shortest_edge: length.nullish(),
    longest_edge: length.nullish(),
  }),
]);
type Size = z.infer<typeof size>;

const config = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
  num_channels: z.int().positive().nullish(),
  problem_type: z.string().nullish(),
});

const preprocessor = z.looseObject({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  do_resize: z.boolean().nullish(),
  size: size.nullish(),
  resample: z.int().nullish(),
  crop_pct: z.number().positive().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: size.nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  /** EfficientNet's: 1 is subtracted from what was scaled. */
  rescale_offset: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: perChannel.nullish(),
  image_std: perChannel.nullish(),
  /** EfficientNet's: what was normalised is divided by image_std once more. */
  include_top: z.boolean().nullish(),
  do_flip_channel_order: z.boolean().nullish(),
});
type Preprocessor = z.infer<typeof preprocessor>;

/** Whether a JSON file is one of transformers'. */
export const isHuggingFaceConfig = (json: unknown): boolean =>
  typeof json === "object" &&
  json !== null &&
  ("model_type" in json || "architectures" in json || "id2label" in json);

/** @throws UsageError for members of other types than they have */
export function huggingFaceClasses(json: unknown, source: string): BesideFacts {
  const { architectures, id2label, problem_type } = parsed(config, json, source);
  const notes: string[] = [];
  if (architectures && !architectures.some((name) => /ForImageClassification/.test(name))) {
    notes.push(`${source} is of ${architectures.join(", ")}, which is no image classifier by its name.`);
  }
  if (problem_type === "multi_label_classification") {
    notes.push(`${source} says that an image may be of several classes; training takes each to be of one.`);
  }
  const names = id2label ? inOrder(id2label) : undefined;
  if (id2label && !names) {
    notes.push(
      `id2label in ${source} does not number its ${Object.keys(id2label).length} classes from 0 on; it is not used.`,
    );
  }
  // What transformers writes where nobody has named the classes.
  const isNamed = names?.some((name, i) => name !== `LABEL_${i}`);
  return { ...(isNamed && { classNames: names }), source, notes };
}

function inOrder(record: Readonly<Record<string, string>>): string[] | undefined {
  const count = Object.keys(record).length;
  const names = Array.from({ length: count }, (_, i) =>
    Object.hasOwn(record, String(i)) ? record[String(i)] : undefined,
  );
  return count > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

/**
 * @param configured  config.json, which may tell the channels
 * @throws UsageError for members of other types than they have
 */
export function huggingFacePixels(json: unknown, configured: unknown, source: string): BesideFacts {
  const said = parsed(preprocessor, json, source);
  const told = config.safeParse(configured);
  const channels = (told.success ? told.data.num_channels : undefined) ?? lengthOf(said.image_mean) ?? 3;
  const notes: string[] = [];
  if (said.do_normalize == null && said.image_mean != null) {
    notes.push(
      `${source} gives image_mean and does not say do_normalize; as in transformers, nothing is subtracted.`,
    );
  }
  const arranged = arrangement(said, source);
  if (arranged.note !== undefined) notes.push(arranged.note);
  return {
    ...pixels(said, channels, source),
    ...(arranged.pictures && { pictures: arranged.pictures }),
    ...(said.do_flip_channel_order === true && { channelOrder: "bgr" as const }),
    source,
    notes,
  };
}

function pixels(said: Preprocessor, channels: number, source: string): Preprocessing {
  const listed = (values: z.infer<typeof perChannel> | null | undefined, name: string): number[] => {
    if (values == null) {
      throw new UsageError(
        `${source} says do_normalize and gives no ${name}. Write it there, or say do_normalize false.`,
      );
    }
    if (typeof values === "number") return Array<number>(channels).fill(values);
    if (values.length === channels) return values;
    throw new UsageError(
      `${source} gives ${values.length} numbers as ${name} for images of ${channels} channels.`,
    );
  };
  // Older files, of feature extractors, say nothing of a scaling that they do.
  const factor = said.do_rescale === false ? 1 : (said.rescale_factor ?? 1 / 255);
  let scale = Array<number>(channels).fill(factor);
  let offset: number[] = scale.map(() => (said.do_rescale !== false && said.rescale_offset ? -1 : 0));
  if (said.do_normalize) {
    const [mean, std] = [listed(said.image_mean, "image_mean"), listed(said.image_std, "image_std")];
    if (std.some((s) => s <= 0))
      throw new UsageError(`${source} gives image_std ${std.join(", ")}; above 0 is needed.`);
    const again = said.include_top ? std : std.map(() => 1);
    offset = offset.map((b, c) => (b - mean[c]) / std[c] / again[c]);
    scale = scale.map((a, c) => a / std[c] / again[c]);
  }
  return preprocessingOfBytes({ scale, offset }, factor === 1);
}

/** Pillow's kernels by number. */
const kernels: readonly Interpolation[] = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];

/** How the images were brought to their size: a rule that is done here, or a note of one that is not. */
function arrangement(said: Preprocessor, source: string): Pick<BesideFacts, "pictures"> & { note?: string } {
  if (said.do_resize === false || said.size == null) {
    if (!said.do_center_crop || said.crop_size == null) return {};
    return notDone(
      source,
      `cut to the central ${shownSize(sidesOf(said.crop_size))}`,
      sidesOf(said.crop_size),
    );
  }
  const edge = edgeOf(said.size);
  const sides = sidesOf(said.size);
  const centre = said.do_center_crop && said.crop_size != null ? sidesOf(said.crop_size) : undefined;
  const known = said.resample == null ? undefined : kernels.find((_, number) => number === said.resample);
  const { kernel, kernelNote: note } = statedKernel(said.resample, known, source);
  if (edge !== undefined && said.crop_pct != null && !centre) {
    const resize =
      edge >= WARPED
        ? ({ resize: "stretch" } as const)
        : ({ resize: "crop", cropShare: said.crop_pct } as const);
    return { pictures: { ...resize, ...kernel, size: [edge, edge] }, note };
  }
  if (edge !== undefined) {
    const isDone = centre && centre[0] === centre[1] && centre[0] <= edge;
    if (isDone)
      return { pictures: { resize: "crop", cropShare: centre[0] / edge, ...kernel, size: centre }, note };
    const cut = centre ? `, then cut to the central ${shownSize(centre)}` : "";
    return notDone(source, `resized until the shorter edge is ${edge}${cut}`, centre);
  }
  if (!sides) return {};
  const isCut = centre && (centre[0] !== sides[0] || centre[1] !== sides[1]);
  if (!isCut) return { pictures: { resize: "stretch", ...kernel, size: sides }, note };
  return notDone(
    source,
    `stretched to ${shownSize(sides)}, then cut to the central ${shownSize(centre)}`,
    centre,
  );
}

const shownSize = (size: readonly number[] | undefined): string => size?.join("×") ?? "size";

function notDone(source: string, how: string, final: readonly number[] | undefined) {
  const size = final ? ` (--image-size ${final[0] === final[1] ? final[0] : final.join("x")})` : "";
  return {
    note:
      `By ${source} images were ${how}, which is not done here: they come to the data's imageSize${size} as its resize says ` +
      `(--resize). Scores may differ from the original's for it.`,
  };
}

/** From this size on ConvNeXt's preprocessor stretches images and cuts nothing. */
const WARPED = 384;

const edgeOf = (given: Size): number | undefined =>
  typeof given === "object" && !Array.isArray(given) ? (given.shortest_edge ?? undefined) : undefined;

function sidesOf(given: Size): [number, number] | undefined {
  if (typeof given === "number") return [given, given];
  if (Array.isArray(given)) return [given[0], given[1]];
  return given.height != null && given.width != null ? [given.height, given.width] : undefined;
}

const lengthOf = (values: z.infer<typeof perChannel> | null | undefined): number | undefined =>
  Array.isArray(values) ? values.length : undefined;

function parsed<T>(schema: z.ZodType<T>, json: unknown, source: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new UsageError(
    `${source}: ${path.map(String).join(".") || "the file"}: ${message}. Mend it, or move it away from the model.`,
  );
}
