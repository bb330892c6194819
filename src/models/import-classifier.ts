/** A classifier out of an ONNX file that somebody else's exporter wrote. */
import { type Graph, type GraphNode, type Model, type ValueInfo } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import type { Normalization } from "./normalization.ts";

export interface ImportOptions {
  /** Name of the logits (default: the first output; where that is a softmax, what goes into it). */
  output?: string;
  /** What the pixels are normalised by before they enter the graph (default: what the file says, else nothing). */
  normalization?: Normalization;
  /** What to call the model in messages, e.g. its path. */
  source?: string;
}

/** Where a file says what its images are normalised by: a JSON list of numbers each. */
const normalizationKeys = { mean: "alignreg.mean", std: "alignreg.std" } as const;

/**
 * Finds the images and the logits of a model, and what its images are normalised by.
 *
 * @throws UsageError when it does not take one batch of float32 images
 */
export function importClassifier(model: Model, options: ImportOptions = {}): Classifier {
  const { source = "The model", output } = options;
  const { graph, metadata } = model;
  const input = imageInput(graph, source);
  if (output === undefined && graph.outputs.length === 0) throw new UsageError(`${source} has no output.`);
  return {
    graph,
    input: input.name,
    logits: output ?? beforeSoftmax(graph, graph.outputs[0].name),
    normalization: options.normalization ?? recordedNormalization(metadata),
    metadata,
  };
}

/** The input that holds the images. */
function imageInput({ inputs }: Graph, source: string): ValueInfo {
  const described = inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape ?? "?"}]`).join(", ");
  if (inputs.length !== 1) {
    throw new UsageError(
      `${source} has ${inputs.length} inputs (${described || "none"}); an image classifier has one, the images. ` +
        `Export it with the images as its only argument.`,
    );
  }
  const [input] = inputs;
  if (input.dtype !== "float32" || (input.shape !== null && input.shape.length !== 4)) {
    throw new UsageError(
      `${source} takes ${described}; an image classifier takes float32 [N, C, H, W] or [N, H, W, C]. ` +
        `Export it with such an input.`,
    );
  }
  return input;
}

/** The logits behind an output that is a softmax or its logarithm; other outputs are logits themselves. */
function beforeSoftmax(graph: Graph, output: string): string {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  for (let name = output; ;) {
    const node: GraphNode | undefined = producers.get(name);
    if (node?.opType === "Softmax" || node?.opType === "LogSoftmax") return node.inputs[0];
    if (node?.opType !== "Identity") return output;
    name = node.inputs[0];
  }
}

/** What a file's metadata say of the normalisation. */
export function recordedNormalization(metadata: Readonly<Record<string, string>>): Normalization | undefined {
  const [mean, std] = [metadata[normalizationKeys.mean], metadata[normalizationKeys.std]];
  if (mean === undefined || std === undefined) return undefined;
  return { mean: numbersIn(mean), std: numbersIn(std) };
}

/** Metadata that say what a model's images are normalised by. */
export const normalizationMetadata = (normalization: Normalization | undefined): Record<string, string> =>
  normalization
    ? {
        [normalizationKeys.mean]: JSON.stringify(normalization.mean),
        [normalizationKeys.std]: JSON.stringify(normalization.std),
      }
    : {};

function numbersIn(text: string): number[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    values = undefined;
  }
  if (Array.isArray(values) && values.every((v) => typeof v === "number")) return values;
  throw new UsageError(`The model's metadata give "${text}" for a mean or std; a list of numbers is needed.`);
}
