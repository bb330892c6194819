/** A file as it is run on images in any number. Nothing of Node is in here. */
import { phasesToRun } from "../lower/index.ts";
import type { Classifier } from "../models/index.ts";
import {
  type Graph,
  ModelError,
  describeNode,
  freeBatch,
  isRandom,
  modelOf,
  prunedGraph,
  upgradeGraph,
  writeModel,
} from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";

export interface RunnableFile {
  readonly bytes: Uint8Array;
  /** What our reader makes of it; null for a file that perhaps only ONNX Runtime can read. */
  readonly classifier: Classifier | null;
  /** The graph in `bytes`. */
  readonly graph: Graph | null;
}

/** What is run: the file, or where its batch is free by name only, a graph that holds to no number of images. */
export function atAnyBatch(
  { bytes, graph, classifier }: RunnableFile,
  [channels, height, width]: Shape,
): Pick<RunnableFile, "bytes" | "graph"> {
  const declared = graph?.inputs.find(({ name }) => name === classifier?.input);
  const batch = declared?.shape?.[0];
  // Images are fed in the number that the file states.
  if (!graph || !declared || (typeof batch === "number" && batch > 0)) return { bytes, graph };
  const layouts = [
    [channels, height, width],
    [height, width, channels],
  ];
  const image = layouts.find((lengths) =>
    lengths.every((n, i) => typeof declared.shape?.[i + 1] !== "number" || declared.shape[i + 1] === n),
  );
  const current = image && atCurrentOpset(graph);
  if (!current) return { bytes, graph };
  const free = freeBatch(current, declared.name, image, classifier?.logits);
  return free === current ? { bytes, graph } : { bytes: writeModel(modelOf(free)), graph: free };
}

/**
 * What a processor runs, faster where the model pools few channels: the same sums, with zeros among them.
 *
 * @param keep  the tensors that are read
 */
export function fasterFile(
  { bytes, graph }: Pick<RunnableFile, "bytes" | "graph">,
  keep: ReadonlySet<string>,
): Uint8Array {
  const current = graph && atCurrentOpset(graph);
  if (!current) return bytes;
  const faster = phasesToRun(current, keep);
  return faster === current ? bytes : writeModel(modelOf(faster));
}

/** What draws random numbers gives other logits each time. @throws UsageError */
export function checkSteady(graph: Graph, logits: string, title: string): void {
  const nodes = prunedGraph(graph, [logits]).nodes.filter(isRandom);
  if (nodes.length === 0) return;
  throw new UsageError(
    `${title} draws random numbers of its own (${nodes.map(describeNode).slice(0, 3).join(", ")}), so that its logits are ` +
      `others each time: Dropout2d, AlphaDropout, RReLU and the like do so in training mode. Export it in evaluation mode: ` +
      `model.eval().`,
  );
}

/** Undefined for operators' forms that are not known: ONNX Runtime has the last word on those. */
function atCurrentOpset(graph: Graph): Graph | undefined {
  try {
    return upgradeGraph(graph);
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}
