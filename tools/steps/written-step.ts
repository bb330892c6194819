/** What `step.json` says of a step that write.ts wrote. */
export interface WrittenStep {
  readonly model: "lenet" | "cifarCnn" | "resnet18";
  readonly method: "base" | "rwa";
  readonly optimizer: "adam" | "sgd";
  /** Images of a batch, and views of each, the image itself among them. */
  readonly batch: number;
  readonly views: number;
  /** The output that replaces each input of the state. */
  readonly next: Readonly<Record<string, string>>;
  /** What each step is fed beside batch and state. */
  readonly scalars: readonly Readonly<Record<string, number>>[];
  /** Of each step, by ONNX Runtime's CPU provider. */
  readonly losses: readonly number[];
}
