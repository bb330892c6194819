/** A row of docs/frameworks.md: what became of one network, written by one exporter. tools/frameworks/results holds them. */
import { z } from "zod";

export const rowSchema = z.strictObject({
  net: z.string(),
  /** Where the network comes from: torchvision, timm, keras.applications, … */
  framework: z.string(),
  /** How it was written, as in `dynamo=True, optimize=False` or `.keras`. */
  exporter: z.string(),
  opset: z.int().optional(),
  /** "all" trainable parameters of the framework's train here, or the names of those that do not. Absent where refused. */
  trains: z.union([z.literal("all"), z.array(z.string())]).optional(),
  /** Of what does not train: what BatchNormalization's folding swallowed, and a note before the training names. */
  folded: z.array(z.string()).optional(),
  /** What trains here and is no parameter of the framework's. */
  besides: z.array(z.string()).optional(),
  /** Three steps beside the framework's own in float64: worst error of a tensor, relative to its largest weight. */
  numbers: z.number().optional(),
  /**
   * The weights back in the framework: worst error of its logits there from ours, relative to the largest; "refused" where
   * the loader refuses them rightly, or what else it said.
   */
  home: z.union([z.number(), z.string()]).optional(),
  /** By whom and why it is refused, in the words of the error. */
  refused: z.string().optional(),
  /** What to do instead; it was tried. */
  advice: z.string().optional(),
});
export type Row = z.infer<typeof rowSchema>;

/** A file of tools/frameworks/results. */
export const resultsSchema = z.strictObject({
  /** The versions that the rows hold for, by package. */
  versions: z.record(z.string(), z.string()),
  rows: z.array(rowSchema),
});
export type Results = z.infer<typeof resultsSchema>;
