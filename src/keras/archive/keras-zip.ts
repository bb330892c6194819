import { ModelError } from "../../onnx/index.ts";
import { storedOptimizer } from "./fresh-optimizer.ts";
import { type Hdf5File, openHdf5 } from "./hdf5/index.ts";
import { ownText, ownValue, storedJson } from "./stored-json.ts";
import type { StoredModel } from "./stored-model.ts";
import { storedWeights } from "./stored-weights.ts";
import { type ZipEntry, unzipped, withEntry, zipEntries } from "./zip.ts";

const configName = "config.json";
const weightsName = "model.weights.h5";

/**
 * A `.keras` file: a zip of config.json, metadata.json and model.weights.h5 (keras/src/saving/saving_lib.py, Keras 3.0 to
 * 3.15 and tf_keras 2.12 to 2.21). Other files in it, such as assets, stay as they are.
 */
export function readKerasZip(bytes: Uint8Array, name: string): StoredModel {
  const entries = zipEntries(bytes);
  const config = jsonOf(bytes, entries, configName);
  const metadata = entries.has("metadata.json") ? jsonOf(bytes, entries, "metadata.json") : undefined;
  const weightsFile = unzipped(bytes, entryOf(entries, weightsName));
  const hdf5 = openHdf5(weightsFile);
  const optimizer = storedOptimizer(ownValue(ownValue(config, "compile_config"), "optimizer"));
  const weights = storedWeights(weightsFile, hdf5, {
    optimizer,
    isWeight: isOfModel,
    isState: (path) => path.startsWith("optimizer/"),
  });
  return {
    format: "keras",
    config,
    kerasVersion: ownText(metadata, "keras_version"),
    tensors: weights.tensors,
    layerWeights: weightsByGroup(weights.tensors.keys()),
    layerNames: namesByGroup(hdf5),
    notes: weights.notes,
    withTensors: (values) => {
      const changed = weights.withTensors(values);
      const file = changed === weightsFile ? bytes.slice() : withEntry(bytes, entries, weightsName, changed);
      return new Map([[name, file]]);
    },
  };
}

/** Not the optimizer's or a metric's, which Keras stores beside the layers. */
const isOfModel = (path: string): boolean => !/^(optimizer|metrics|_compile_metrics|_metrics)\//.test(path);

function entryOf(entries: ReadonlyMap<string, ZipEntry>, name: string): ZipEntry {
  const entry = entries.get(name);
  if (entry) return entry;
  if (name === weightsName && entries.has("model.weights.npz")) {
    throw new ModelError(
      `it keeps its weights as NumPy arrays (model.weights.npz); save it with model.save("model.keras")`,
    );
  }
  const others = [...entries.keys()].slice(0, 5).map((other) => JSON.stringify(other));
  throw new ModelError(
    `it has no ${name}; it has ${others.join(", ") || "no files"}. Keras' model.save writes it`,
  );
}

function jsonOf(bytes: Uint8Array, entries: ReadonlyMap<string, ZipEntry>, name: string): unknown {
  return storedJson(new TextDecoder().decode(unzipped(bytes, entryOf(entries, name))), `its ${name}`);
}

/** "layers/conv2d/vars/0" belongs to "layers/conv2d", as its tensor 0. */
function weightsByGroup(paths: Iterable<string>): Map<string, readonly string[]> {
  const groups = new Map<string, { path: string; index: number }[]>();
  for (const path of paths) {
    const match = /^(?:(.*)\/)?vars\/(\d+)$/s.exec(path);
    if (!match) continue;
    const group = groups.get(match[1] ?? "") ?? [];
    group.push({ path, index: Number(match[2]) });
    groups.set(match[1] ?? "", group);
  }
  return new Map(
    [...groups].map(([group, members]) => [
      group,
      members.sort((a, b) => a.index - b.index).map(({ path }) => path),
    ]),
  );
}

/** Keras 3 notes a layer's own name beside its variables. */
function namesByGroup({ attributes }: Hdf5File): Map<string, string> {
  const names = new Map<string, string>();
  for (const [path, texts] of attributes) {
    const name = texts.get("name")?.[0];
    if (name !== undefined && path.endsWith("/vars") && isOfModel(path))
      names.set(path.slice(0, -"/vars".length), name);
  }
  return names;
}
