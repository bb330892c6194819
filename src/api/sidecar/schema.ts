/** The form of `classifier.json`: docs/metadata.md says what each member means. Later versions add members and change none. */
import { z } from "zod";
import { type StatedPictures, isStatedPictures } from "../../tensor/index.ts";

export const SIDECAR_SCHEMA = "alignreg-classifier";
export const SIDECAR_VERSION = 1;

/** What nobody has said is null, or left out. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish();

const hash = z.string().regex(/^[0-9a-f]{64}$/, "64 hex digits are needed");
const numbers = z.array(z.number()).min(1).readonly();
const side = z.int().positive();
const share = z.number().min(0).max(1);
const interval = z.object({ value: share, low: share, high: share });
const count = z.int().nonnegative();

/** Which class was taken for which, of the images of a test. */
const confusions = z.object({
  /** Images by class (row) and answer (column), in the order of `names`; null where those are many. */
  matrix: maybe(z.array(z.array(count).readonly()).readonly()),
  names: z.array(z.string()).readonly(),
  /** The most frequent first. */
  mistakes: z.array(z.object({ label: z.string(), answer: z.string(), images: count })).readonly(),
});

const scores = z.object({
  images: count,
  clean: interval,
  robust: interval,
  invariance: interval,
  confusions,
});

export const sidecarSchema = z.object({
  schema: z.literal(SIDECAR_SCHEMA),
  version: z.int(),
  model: maybe(z.string()),
  /** sha256 of the model's files, by name. */
  files: maybe(z.record(z.string(), hash)),
  architecture: maybe(z.string()),
  parameters: maybe(count),
  input: maybe(
    z.object({
      name: maybe(z.string()),
      layout: maybe(z.enum(["NCHW", "NHWC"])),
      imageShape: maybe(z.tuple([side, side, side]).readonly()),
      range: maybe(z.literal([1, 255])),
      channelOrder: maybe(z.enum(["rgb", "bgr"])),
      normalization: maybe(z.enum(["in graph", "before graph", "none"])),
      mean: maybe(numbers),
      std: maybe(numbers),
    }),
  ),
  logits: maybe(z.object({ name: maybe(z.string()), isOutput: maybe(z.boolean()) })),
  output: maybe(
    z.object({ name: z.string(), gives: z.enum(["logits", "softmax", "log softmax", "sigmoid"]) }),
  ),
  classNames: maybe(z.array(z.string()).min(1).readonly()),
  temperature: maybe(z.number().positive()),
  pictures: maybe(
    z.custom<StatedPictures>(isStatedPictures, "a rule for pictures is needed, as docs/metadata.md has it"),
  ),
  transforms: maybe(z.record(z.string(), z.unknown())),
  validation: maybe(
    z.object({
      epoch: maybe(count),
      clean: z.number(),
      robust: z.number(),
      cleanLoss: maybe(z.number()),
      robustLoss: maybe(z.number()),
      /** With intervals; files of earlier versions have none. */
      scores: maybe(scores),
    }),
  ),
  calibration: maybe(
    z.object({ temperature: z.number(), images: count, before: z.number(), after: z.number() }),
  ),
  training: maybe(
    z.object({
      alignreg: z.string(),
      from: z.string(),
      licence: maybe(z.string()),
      head: maybe(z.string()),
      data: z.object({
        name: z.string(),
        sha256: z.string(),
        images: count,
        /** Images of each class. */
        classes: z.array(z.tuple([z.string(), count]).readonly()).readonly(),
      }),
      heldOut: maybe(z.object({ of: count, validation: count, test: count })),
      method: z.string(),
      regularizer: maybe(z.string()),
      alignmentWeight: maybe(z.number()),
      transforms: maybe(z.object({ name: z.string(), views: count })),
      epochs: count,
      batchSize: count,
      optimizer: z.string(),
      learningRate: z.number(),
      seed: z.int(),
      trainedParameters: count,
    }),
  ),
});

export type Sidecar = z.infer<typeof sidecarSchema>;
export type TestScores = z.infer<typeof scores>;
export type TrainingFacts = NonNullable<Sidecar["training"]>;
