/** Names of the step graph's inputs; each `next` is the output that replaces the input. */
export const stepNames = {
  images: "images",
  labels: "labels",
  alignmentWeight: "alignmentWeight",
  scalar: (name: string) => `scalar:${name}`,
  slot: (i: number) => `slot:${i}`,
  state: (i: number, k: number) => `state:${i}:${k}`,
  buffer: (name: string) => `buffer:${name}`,
  critic: "critic",
  criticState: (k: number) => `critic:state:${k}`,
  criticScalar: (update: number, name: string) => `critic:${update}:${name}`,
  criticMix: (update: number) => `critic:${update}:mix`,
  next: (input: string) => `next:${input}`,
} as const;

/** Put before the value names of the passes through the model. */
export const passPrefixes = { select: "select/", train: "train/", terms: "terms/" } as const;

/** Whether an input of the step is one of the optimizer's scalars, as the learning rate is. */
export const isScalarName = (name: string): boolean =>
  name.startsWith("scalar:") || /^critic:\d+:/.test(name);
