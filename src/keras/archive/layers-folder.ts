import { ModelError } from "../../onnx/index.ts";
import { type Tensor, UsageError } from "../../tensor/index.ts";
import { graphManifest } from "./graph-manifest.ts";
import { type LayersManifest, layersManifest } from "./layers-manifest.ts";
import { ofFile, plainBytes } from "./read-keras-file.ts";
import { ownValue } from "./stored-json.ts";
import type { StoredModel } from "./stored-model.ts";
import { joined, numbersAt, placesOf, quantizedShare } from "./stored-groups.ts";
import { checkFits } from "./stored-tensors.ts";
import { type WeightGroup, storedBytes } from "./weights-manifest.ts";

export const modelJsonName = "model.json";

/**
 * A TensorFlow.js layers model: model.json and the files of weights that it names, as TensorFlow.js' own `model.save`
 * and tensorflowjs_converter 4.22 (Keras 2 and 3) write it. Quantized weights are read as the numbers that they stand
 * for, and written as float32.
 *
 * @param files  bytes by path relative to the folder
 * @param name   of the folder or file, for errors
 * @throws ModelError for what is no layers model, and for files that are missing or of another size than it says
 */
export function readLayersFolder(files: ReadonlyMap<string, Uint8Array>, name: string): StoredModel {
  return ofFile(name, () => {
    const modelJson = files.get(modelJsonName);
    if (!modelJson) throw new ModelError(`it has no ${modelJsonName}`);
    const manifest = layersManifest(modelJson);
    const contents = manifest.groups.map((group) => joined(group, files));
    const tensors = new Map<string, Tensor>();
    manifest.groups.forEach((group, index) => {
      for (const { spec, start } of placesOf(group)) {
        if (!spec.isState) tensors.set(spec.name, numbersAt(contents[index], start, spec));
      }
    });
    return {
      format: "tfjs",
      config: manifest.config,
      kerasVersion: manifest.kerasVersion,
      tensors,
      layerWeights: new Map(),
      layerNames: new Map(),
      notes: notesOf(manifest),
      withTensors: (values) => withTensors(files, { manifest, contents, tensors }, values),
    };
  });
}

/** The files that a layers or graph model's model.json names, which its folder must have, with their bytes together. */
export function filesOfLayers(modelJson: Uint8Array, name: string): readonly Omit<WeightGroup, "weights">[] {
  return ofFile(name, () => {
    const bytes = plainBytes(modelJson);
    return (graphManifest(bytes) ?? layersManifest(bytes)).groups;
  });
}

/** @throws ModelError for the files of a graph model, and of what is no model */
export function checkHasLayers(files: ReadonlyMap<string, Uint8Array>, name: string): void {
  ofFile(name, () => layersManifest(plainBytes(files.get(modelJsonName)!)));
}

/**
 * A layers model with all of its weights in one file, as Teachable Machine has it.
 *
 * @param weightsName  what the file is called
 * @returns model.json and that file
 */
export function singleFile(
  files: ReadonlyMap<string, Uint8Array>,
  weightsName: string,
): ReadonlyMap<string, Uint8Array> {
  const { json, groups } = layersManifest(files.get(modelJsonName)!);
  const [first, ...others] = groups.map((group) => joined(group, files));
  const bytes = new Uint8Array(others.reduce((sum, part) => sum + part.length, first?.length ?? 0));
  let at = 0;
  for (const part of [first ?? new Uint8Array(), ...others]) {
    bytes.set(part, at);
    at += part.length;
  }
  const specs = (ownValue(json, "weightsManifest") as { weights: unknown[] }[]).flatMap(
    ({ weights }) => weights,
  );
  const weightsManifest = [{ paths: [weightsName], weights: specs }];
  return new Map([
    [modelJsonName, new TextEncoder().encode(JSON.stringify({ ...(json as object), weightsManifest }))],
    [weightsName, bytes],
  ]);
}

function notesOf({ groups }: LayersManifest): string[] {
  const weights = groups.flatMap((group) => group.weights);
  const quantized = quantizedShare(weights);
  const notes = quantized === undefined ? [] : [`${quantized}, and written as float32.`];
  if (weights.some(({ isState }) => isState)) {
    notes.push(
      `The folder has an optimizer's state, of its own weights. Saved with other weights it keeps its old state: ` +
        `compile the model again before you train on in TensorFlow.js.`,
    );
  }
  return notes;
}

function withTensors(
  files: ReadonlyMap<string, Uint8Array>,
  {
    manifest,
    contents,
    tensors,
  }: {
    manifest: LayersManifest;
    contents: readonly Uint8Array[];
    tensors: ReadonlyMap<string, Tensor>;
  },
  values: ReadonlyMap<string, Tensor>,
): Map<string, Uint8Array> {
  for (const [name, value] of values) {
    const own = tensors.get(name);
    if (!own) throw new UsageError(`The model has no weight "${name}".`);
    checkFits(name, value, own);
  }
  const named = [modelJsonName, ...manifest.groups.flatMap(({ paths }) => paths)];
  const written = new Map<string, Uint8Array>(
    named.map((path) => [path, Uint8Array.from(files.get(path) ?? [])]),
  );
  if (values.size === 0) return written;
  manifest.groups.forEach((group, index) => {
    const parts = placesOf(group).map(({ spec, start }) => {
      const value = values.get(spec.name) ?? tensors.get(spec.name);
      if (!value) return contents[index].subarray(start, start + storedBytes(spec));
      return new Uint8Array(value.data.buffer as ArrayBuffer, value.data.byteOffset, value.data.byteLength);
    });
    split(group, parts, written);
  });
  const isQuantized = manifest.groups.some((group) =>
    group.weights.some(({ stored, dtype, isState }) => !isState && stored.dtype !== dtype),
  );
  if (isQuantized) written.set(modelJsonName, unquantized(manifest));
  return written;
}

/** A group's new bytes in its own files: as long as they were, or evenly longer where weights were quantized. */
function split(
  { paths, byteLength }: WeightGroup,
  parts: readonly Uint8Array[],
  written: Map<string, Uint8Array>,
): void {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  let start = 0;
  paths.forEach((path, index) => {
    const length = total === byteLength ? (written.get(path)?.length ?? 0) : Math.ceil(total / paths.length);
    const end = index === paths.length - 1 ? total : Math.min(total, start + length);
    written.set(path, bytes.slice(start, end));
    start = end;
  });
}

/** model.json without the quantization of the model's weights. */
function unquantized({ json, groups }: LayersManifest): Uint8Array {
  const states = new Set(
    groups.flatMap(({ weights }) => weights.filter(({ isState }) => isState).map(({ name }) => name)),
  );
  const weightsManifest = (ownValue(json, "weightsManifest") as { weights: { name: string }[] }[]).map(
    (group) => ({
      ...group,
      weights: group.weights.map((weight) =>
        states.has(weight.name)
          ? weight
          : Object.fromEntries(Object.entries(weight).filter(([key]) => key !== "quantization")),
      ),
    }),
  );
  return new TextEncoder().encode(JSON.stringify({ ...(json as object), weightsManifest }));
}
