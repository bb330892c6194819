/** What a contender is asked to time. Jobs cross to its process as JSON. */
import { z } from "zod";

export const jobSchema = z.object({
  /**
   * "step": a training step. "select": its selection pass alone: every view forward, each image's worst. "rotate": the
   * views of a batch. "evaluate": a test set's views, logits, accuracies and invariance score.
   */
  work: z.enum(["step", "select", "rotate", "evaluate"]),
  model: z.enum(["lenet", "cifarCnn", "resnet18"]),
  /** Channels of the model's first convolution, where it has such an option; null for its own. */
  width: z.number().int().min(1).nullable(),
  method: z.enum(["base", "rwa"]),
  /** How the contender goes about it, where it has more than one way. */
  way: z.enum(["careful", "channels last", "published", "torchvision"]),
  /** The angles of the views, counter-clockwise. */
  degrees: z.array(z.number()),
  /** A file of the tensors that every contender of a workload starts from; see inputs.ts. */
  inputs: z.string(),
});
export type Job = z.infer<typeof jobSchema>;

export const requestSchema = z.object({
  job: jobSchema,
  /** Steps that are not timed, before those that are. */
  warmUp: z.number().int().min(0),
  steps: z.number().int().min(1),
});
export type Request = z.infer<typeof requestSchema>;

export const blockSchema = z.object({
  /** Milliseconds of each step. */
  ms: z.array(z.number()),
  /** Numbers that contenders of the same work agree on; of training the losses of its first two steps, and its last. */
  check: z.record(z.string(), z.number()),
  /** High-water mark of the process's resident memory, in MiB; null where the system does not tell. */
  peakMegabytes: z.number().nullable(),
});
export type Block = z.infer<typeof blockSchema>;

/** λ of every step. */
export const ALIGNMENT_WEIGHT = 0.5;
export const MOMENTUM = 0.9;
/** By optimizer, the same in every contender. */
export const LEARNING_RATES = { adam: 1e-3, sgd: 1e-3 } as const;
