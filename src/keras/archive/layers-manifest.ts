/** A TensorFlow.js layers model's model.json: the configuration and the weights. */
import { ModelError } from "../../onnx/index.ts";
import { isGraphModel } from "./graph-manifest.ts";
import { ownText, ownValue, storedJson } from "./stored-json.ts";
import { type WeightGroup, weightGroups } from "./weights-manifest.ts";

export interface LayersManifest {
  readonly json: unknown;
  /** The model's configuration: a class name and its config. */
  readonly config: unknown;
  readonly kerasVersion: string | undefined;
  readonly groups: readonly WeightGroup[];
}

/** @throws ModelError for what is no layers model, for files outside its folder, and for weights that are not read */
export function layersManifest(modelJson: Uint8Array): LayersManifest {
  const json = storedJson(new TextDecoder().decode(modelJson), "it");
  if (isGraphModel(json)) {
    throw new ModelError(
      `it is a graph model, which keeps no layers: loadClassifier, evaluate and predict read it, and a new head can be trained ` +
        `on it (--backbone). For its layers convert the original with tensorflowjs_converter --output_format=tfjs_layers_model`,
    );
  }
  if (ownValue(json, "weight_map") !== undefined) {
    throw new ModelError(
      `it lists files of weights without their layers, as model.save_weights writes it. Save the whole model: ` +
        `model.save("model.keras")`,
    );
  }
  const topology = ownValue(json, "modelTopology");
  const manifest = ownValue(json, "weightsManifest");
  if (typeof topology !== "object" || topology === null || !Array.isArray(manifest)) {
    throw new ModelError(
      "it has no modelTopology or no weightsManifest. Pass a saved layers model's model.json",
    );
  }
  return {
    json,
    config: ownValue(topology, "model_config") ?? topology,
    kerasVersion: ownText(topology, "keras_version"),
    groups: weightGroups(manifest),
  };
}
