import { ModelError } from "../../onnx/index.ts";
import { storedOptimizer } from "./fresh-optimizer.ts";
import { type Hdf5File, openHdf5 } from "./hdf5/index.ts";
import { ownValue, storedJson } from "./stored-json.ts";
import type { StoredModel } from "./stored-model.ts";
import { storedWeights } from "./stored-weights.ts";

const weightsGroup = "model_weights";

/**
 * A whole model as HDF5, as Keras 2 saves it and Keras 3 does for names that end in .h5
 * (keras/src/legacy/saving/legacy_h5_format.py).
 */
export function readKerasH5(bytes: Uint8Array, name: string): StoredModel {
  const hdf5 = openHdf5(bytes);
  const attribute = (key: string, group = ""): string | undefined =>
    hdf5.attributes.get(group)?.get(key)?.[0];
  const modelConfig = attribute("model_config");
  if (modelConfig === undefined) {
    throw new ModelError(
      `it has no model_config: such a file holds weights without their layers. Save the whole model: ` +
        `model.save("model.keras")`,
    );
  }
  const training = attribute("training_config");
  const compiled = training === undefined ? undefined : storedJson(training, "its training_config");
  const layerWeights = weightsByLayer(hdf5);
  const weights = storedWeights(bytes, hdf5, {
    optimizer: storedOptimizer(ownValue(compiled, "optimizer_config")),
    isWeight: (path) => path.startsWith(`${weightsGroup}/`),
    isState: (path) => path.startsWith("optimizer_weights/"),
  });
  return {
    format: "h5",
    config: storedJson(modelConfig, "its model_config"),
    kerasVersion: attribute("keras_version") ?? attribute("keras_version", weightsGroup),
    tensors: weights.tensors,
    layerWeights,
    layerNames: new Map(layersOf(hdf5).map((layer) => [`${weightsGroup}/${layer}`, layer])),
    notes: weights.notes,
    withTensors: (values) => {
      const changed = weights.withTensors(values);
      return new Map([[name, changed === bytes ? bytes.slice() : changed]]);
    },
  };
}

const layersOf = (hdf5: Hdf5File): readonly string[] => listed(hdf5, weightsGroup, "layer_names") ?? [];

function weightsByLayer(hdf5: Hdf5File): Map<string, readonly string[]> {
  const layers = new Map<string, readonly string[]>();
  for (const layer of layersOf(hdf5)) {
    const group = `${weightsGroup}/${layer}`;
    const paths = (listed(hdf5, group, "weight_names") ?? []).map((name) => `${group}/${name}`);
    const lost = paths.find((path) => !hdf5.datasets.has(path));
    if (lost !== undefined) throw new ModelError(`it names a weight "${lost}" and does not have it`);
    if (paths.length > 0) layers.set(group, paths);
  }
  return layers;
}

/** A list of names; one that is too long for an attribute is continued in key0, key1, … */
function listed({ attributes }: Hdf5File, group: string, key: string): readonly string[] | undefined {
  const own = attributes.get(group);
  const whole = own?.get(key);
  if (whole) return whole;
  const parts: string[] = [];
  let index = 0;
  for (let part = own?.get(`${key}0`); part; part = own?.get(`${key}${index}`)) {
    parts.push(...part);
    index++;
  }
  return index > 0 ? parts : undefined;
}
