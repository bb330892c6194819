/** Weights of a safetensors file in the place of an ONNX graph's, by their names. */
import { dirname, join } from "node:path";
import { checkLimit, isRecord } from "../options/index.ts";
import type { Classifier } from "../models/index.ts";
import { readSafetensors } from "../onnx/index.ts";
import { namePatterns, separateParameters, tensorRoles, weightNames } from "../parameters/index.ts";
import { type Tensor, UsageError } from "../tensor/index.ts";
import { homesOf } from "../outside/index.ts";
import { readModelBytes } from "./read-model-bytes.ts";
import { findNamed, readFound } from "./read-named.ts";

/**
 * The tensors of a safetensors file, or of those that an index names.
 *
 * @throws UsageError for files that cannot be read, and an index that leads out of its folder or is not of its files; LimitError
 *         for files that are too large, alone or together
 */
export async function readWeights(path: string): Promise<Map<string, Tensor>> {
  if (!path.endsWith(".json")) return readSafetensors(await readModelBytes(path), path);
  const map = indexOf(await readModelBytes(path, "settingsBytes"));
  if (!map)
    throw new UsageError(`${path} is no index of safetensors files (a weight_map of names to files).`);
  const all = new Map<string, Tensor>();
  for (const { file, found } of await shardsOf(path, new Set(map.values()))) {
    const shard = join(dirname(path), file);
    const tensors = readSafetensors(await readFound(found, file, path), shard);
    const unlisted = [...tensors.keys()].filter((name) => !map.has(name));
    if (unlisted.length > 0) {
      throw new UsageError(
        `${path} does not list ${unlisted.length} tensors that its file ${file} holds: ${namePatterns(unlisted)}. ` +
          `Add them to it, or save the weights anew.`,
      );
    }
    for (const [name, tensor] of tensors) if (map.get(name) === file) all.set(name, tensor);
  }
  const missing = [...map.keys()].filter((name) => !all.has(name));
  if (missing.length > 0) {
    throw new UsageError(
      `${path} lists ${missing.length} tensors that its files do not hold: ${namePatterns(missing)}.`,
    );
  }
  return all;
}

/** Where the files of an index lie; what they hold together is bounded before the first is read. */
async function shardsOf(
  path: string,
  names: ReadonlySet<string>,
): Promise<{ readonly file: string; readonly found: string }[]> {
  const homes = await homesOf(path);
  const shards: { file: string; found: string }[] = [];
  let bytes = 0;
  for (const file of names) {
    const { path: found, size } = await findNamed(file, path, homes);
    bytes += size;
    shards.push({ file, found });
  }
  checkLimit("tensorBytes", bytes, `The index ${path}, with its files,`);
  return shards;
}

/** Which file holds a tensor, by the tensor's name; whatever that is, "__proto__" too. */
function indexOf(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const map = isRecord(json) && Object.hasOwn(json, "weight_map") ? json.weight_map : undefined;
  if (!isRecord(map) || !Object.values(map).every((file) => typeof file === "string")) return undefined;
  return new Map(Object.entries(map as Record<string, string>));
}

/** Counters that PyTorch keeps beside running statistics, which no graph has. */
const isCounter = (name: string): boolean => /(^|\.)num_batches_tracked$/.test(name);

/**
 * @param source  what messages call the file of weights
 * @param name    and the model
 * @throws UsageError for tensors that the graph does not have, or has in other shapes; no name is guessed
 */
export function withWeights(
  classifier: Classifier,
  weights: ReadonlyMap<string, Tensor>,
  source: string,
  name: string,
): Classifier {
  const { input, logits, metadata, notes = [] } = classifier;
  const graph = separateParameters(classifier.graph);
  const use = { input, logits, metadata };
  const own = graph.initializers;
  const given = [...weights].filter(([key]) => own.has(key) || !isCounter(key));
  const unknown = given.filter(([key]) => !own.has(key)).map(([key]) => key);
  const misfits = given.flatMap(([key, { shape, dtype }]) => {
    const has = own.get(key);
    if (!has || (has.dtype === dtype && has.shape.join() === shape.join())) return [];
    return [
      `"${key}" is ${dtype} [${shape.join(", ")}] there and ${has.dtype} [${has.shape.join(", ")}] in the graph`,
    ];
  });
  const kinds = new Map(tensorRoles(graph, use).map((role) => [role.name, role.kind]));
  const left = weightNames(graph, use).filter(
    (key) => !weights.has(key) && kinds.has(key) && kinds.get(key) !== "constant",
  );
  if (unknown.length > 0 || misfits.length > 0 || given.length === 0) {
    const faults = [
      ...(given.length === 0 ? ["it holds no weights"] : []),
      ...(unknown.length > 0
        ? [`${unknown.length} of its ${given.length} tensors are not in the graph (${namePatterns(unknown)})`]
        : []),
      ...(misfits.length > 0
        ? [`${misfits.length} have another shape or type (${misfits.slice(0, 8).join("; ")})`]
        : []),
      ...(left.length > 0 ? [`the graph's own ${namePatterns(left)} are not in it`] : []),
    ];
    throw new UsageError(
      `The weights ${source} are not those of ${name}: ${faults.join("; ")}. Export the model with the names of its module ` +
        `(docs/pytorch.md), give weights of the same module and number of classes, and rename what has another prefix.`,
    );
  }
  const kept =
    left.length === 0
      ? []
      : [
          `${source} has nothing for ${left.length} tensors of ${name}, which keep the file's own numbers: ${namePatterns(left)}.`,
        ];
  return {
    ...classifier,
    graph: { ...graph, initializers: new Map([...own, ...given]) },
    notes: [...notes, ...kept],
  };
}
