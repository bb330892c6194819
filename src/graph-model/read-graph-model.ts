import {
  graphManifest,
  joined,
  modelJsonName,
  numbersAt,
  ofFile,
  placesOf,
  plainBytes,
  quantizedShare,
} from "../keras/archive/index.ts";
import { type Graph, ModelError } from "../onnx/index.ts";
import { checkLimit } from "../options/index.ts";
import { type Tensor, sizeOf } from "../tensor/index.ts";
import { buildGraph, problemsOf } from "./build-graph.ts";
import { UnsupportedOperatorsError } from "./errors.ts";
import { type GraphNode, graphNodes, neededNodes } from "./graph-nodes.ts";
import { type GraphOutput, graphSignature } from "./signature.ts";
import { takenInput } from "./taken-input.ts";

export interface GraphModel {
  readonly graph: Graph;
  /** What a user should know, a sentence each. */
  readonly notes: readonly string[];
}

export interface GraphModelOptions {
  /** One image, [C, H, W], for a model that leaves the size of its images open. */
  readonly imageShape?: readonly [channels: number, height: number, width: number];
}

/** Whether the files of a folder are those of a graph model. */
export const isGraphModel = (files: ReadonlyMap<string, Uint8Array>, name: string): boolean => {
  const modelJson = files.get(modelJsonName);
  return modelJson !== undefined && ofFile(name, () => graphManifest(plainBytes(modelJson))) !== undefined;
};

/**
 * A TensorFlow.js graph model (model.json with TensorFlow's own operators, as tensorflowjs_converter writes it of SavedModels and
 * TF Hub's modules) as a graph of ONNX. Quantized weights are read as the numbers that they stand for. Outputs that need operators
 * which are not known are left out, with a note, as long as one is left.
 *
 * @param files  bytes by path relative to the folder
 * @param name   of the model, for messages
 * @throws ModelError, UsageError for what is damaged, is no graph model, or takes no images; UnsupportedOperatorsError
 */
export function readGraphModel(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  { imageShape }: GraphModelOptions = {},
): GraphModel {
  return ofFile(name, () => {
    const manifest = graphManifest(plainBytes(files.get(modelJsonName) ?? new Uint8Array()));
    if (!manifest) throw new ModelError("it is no graph model");
    const specs = manifest.groups.flatMap(({ weights }) => weights);
    checkLimit("tensorBytes", 4 * specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0), name);
    const nodes = graphNodes(manifest.nodes);
    const { outputs, inputShapes } = graphSignature(manifest.json, nodes);
    const usable = usableOutputs(nodes, outputs, name);
    const input = takenInput(neededNodes(nodes, usable), inputShapes, name, imageShape);
    const weights = new Map<string, Tensor>();
    for (const group of manifest.groups) {
      const bytes = joined(group, files);
      for (const { spec, start } of placesOf(group)) weights.set(spec.name, numbersAt(bytes, start, spec));
    }
    const quantized = quantizedShare(specs);
    return {
      graph: buildGraph({ name, nodes, outputs: usable, weights }, input),
      notes: [
        ...input.notes,
        ...(quantized === undefined ? [] : [`${quantized}.`]),
        ...leftOutNotes(
          nodes,
          outputs.filter((output) => !usable.includes(output)),
        ),
      ],
    };
  });
}

/** @throws UnsupportedOperatorsError, ModelError where no output can be made */
function usableOutputs(
  nodes: ReadonlyMap<string, GraphNode>,
  outputs: readonly GraphOutput[],
  name: string,
): readonly GraphOutput[] {
  if (outputs.length === 0) throw new ModelError("it has no outputs");
  const usable = outputs.filter((output) => problemsOf(nodes, [output]).length === 0);
  if (usable.length === 0) throw new UnsupportedOperatorsError(name, problemsOf(nodes, outputs));
  return usable;
}

const leftOutNotes = (nodes: ReadonlyMap<string, GraphNode>, outputs: readonly GraphOutput[]): string[] =>
  outputs.map((output) => {
    const [{ layer, className }] = problemsOf(nodes, [output]);
    return `The output "${output.name}" is left out: it needs ${className} ("${layer}"), which is not supported.`;
  });
