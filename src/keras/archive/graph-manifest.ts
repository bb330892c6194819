/** A TensorFlow.js graph model's model.json: nodes of TensorFlow's own operators, and which bytes are which constant. */
import { ModelError } from "../../onnx/index.ts";
import { ownText, ownValue, storedJson } from "./stored-json.ts";
import { type WeightGroup, weightGroups } from "./weights-manifest.ts";

export interface GraphManifest {
  readonly json: unknown;
  /** Its nodes, as parsed. */
  readonly nodes: readonly unknown[];
  readonly groups: readonly WeightGroup[];
}

/** Whether a parsed model.json says that it is one, or has the nodes of one (old converters do not say it). */
export const isGraphModel = (json: unknown): boolean =>
  ownText(json, "format") === "graph-model" ||
  Array.isArray(ownValue(ownValue(json, "modelTopology"), "node"));

/**
 * @returns undefined for anything else than a graph model
 * @throws ModelError for files outside its folder, and for weights that are not read
 */
export function graphManifest(modelJson: Uint8Array): GraphManifest | undefined {
  const json = storedJson(new TextDecoder().decode(modelJson), "it");
  if (!isGraphModel(json)) return undefined;
  const nodes = ownValue(ownValue(json, "modelTopology"), "node");
  const manifest = ownValue(json, "weightsManifest");
  if (!Array.isArray(nodes) || !Array.isArray(manifest)) {
    throw new ModelError(
      "it is a graph model without nodes (modelTopology) or without a weightsManifest. Give a model.json as tensorflowjs_converter " +
        "writes it",
    );
  }
  return { json, nodes: nodes as unknown[], groups: weightGroups(manifest) };
}
