/** What is measured of models on their way to an app: as data, before anything runs. */
import type { MethodName } from "../../src/index.ts";

/** How every head is trained; written into the record. */
export const training = {
  epochs: 30,
  batchSize: 64,
  learningRate: 1e-3,
  schedule: { kind: "cosine" },
} as const;

export const settings = {
  backbone: "efficientnet-lite0",
  imageSize: 224,
  resize: "stretch",
  /** Set aside of the training photographs, by each seed: the temperature is fitted on it. */
  validation: 0.2,
  seeds: [0, 1, 2],
  /** Runs of a model on one image, after ten that are not counted. */
  timed: 200,
} as const;

export const shifts = ["rotation:-30,-15,15,30", "brightness+contrast:0.25+blur"] as const;
export type Shift = (typeof shifts)[number];

export const methods = ["base", "vwa", "rwa"] as const satisfies readonly MethodName[];
export type Method = (typeof methods)[number];

/**
 * The model whose files are compared. Its last layers train in a second stage, because the backbone's kernels are halves as they come: of a
 * head alone a file of halves would lose nothing.
 */
export const shipped = {
  shift: shifts[0],
  method: "rwa",
  seed: 0,
  unfreezing: { unfreeze: { last: 5 }, unfreezeEpochs: 3 },
} as const;

/** int8 is made by Python, where there is one: `--python`. */
export const forms = ["float32", "float16", "int8"] as const;
export type Form = (typeof forms)[number];
