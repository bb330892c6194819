/** Reads the configurations that Keras 2 and 3 and TensorFlow.js write. */
import { UsageError } from "../../tensor/index.ts";
import { type Json, isJson, needJson, needList, needText, property } from "./json.ts";
import { operationNames } from "../layers/index.ts";
import { type LayerKind, layerKind } from "./class-name.ts";
import { type KerasMajor, layerSettings, layerTerms } from "./layer-settings.ts";
import { callsOf, referencesOf } from "./read-calls.ts";
import type { StoredContainer, StoredLayer } from "./stored-layer.ts";

const containers = new Set(["Sequential", "Functional", "Model"]);
const MOST_NESTED = 64;

/**
 * @param config  config.json, the attribute model_config, or modelTopology
 * @throws UsageError for what is no Sequential or functional model
 */
export function readContainer(config: unknown, keras: KerasMajor): StoredContainer {
  const json = needJson(config, "the model");
  // TensorFlow.js's model.json and Keras' own converter wrap it.
  const inner = property(json, "model_config");
  const entry = isJson(inner) ? inner : json;
  const className = needText(property(entry, "class_name"), "the model's class_name");
  if (!containers.has(className)) {
    throw new UsageError(
      `The model is a ${className}, a class of its own whose layers the file does not list. Build it with ` +
        `keras.Sequential or keras.Model(inputs, outputs) (the functional API), copy its weights and save that, or ` +
        `export it: model.export("net.onnx", format="onnx").`,
    );
  }
  return containerOf(entry, className, keras, 0);
}

function containerOf(entry: Json, className: string, keras: KerasMajor, depth: number): StoredContainer {
  if (depth > MOST_NESTED) throw new UsageError(`The model nests models more than ${MOST_NESTED} deep.`);
  const raw = property(entry, "config");
  // The first Keras 2 wrote a Sequential's layers without more.
  const config: Json = Array.isArray(raw) ? { layers: raw } : needJson(raw, `the ${className}'s config`);
  const name = property(config, "name");
  const isSequential = className === "Sequential";
  const layers = needList(property(config, "layers"), `the ${className}'s layers`).map((layer) =>
    layerOf(needJson(layer, "a layer"), keras, depth),
  );
  const buildShape = property(config, "build_input_shape");
  return {
    name: typeof name === "string" ? name : className.toLowerCase(),
    isSequential,
    layers,
    inputs: isSequential ? [] : referencesOf(property(config, "input_layers"), "input_layers"),
    outputs: isSequential ? [] : referencesOf(property(config, "output_layers"), "output_layers"),
    trainable: property(config, "trainable") !== false,
    ...(Array.isArray(buildShape) && { buildShape: shapeOf(buildShape) }),
  };
}

function layerOf(entry: Json, keras: KerasMajor, depth: number): StoredLayer {
  const className = needText(property(entry, "class_name"), "a layer's class_name");
  const raw = needJson(property(entry, "config"), `a ${className}'s config`);
  const name = needText(property(entry, "name") ?? property(raw, "name"), `a ${className}'s name`);
  const kind =
    keras === 3 && isBareOperation(className, raw) ? bareOperation(className) : layerKind(entry, className);
  const isModel = containers.has(className) && Array.isArray(property(raw, "layers"));
  const config = isModel ? {} : layerSettings(raw, keras);
  const shape = property(raw, "batch_shape") ?? property(raw, "batch_input_shape");
  return {
    name,
    ...kind,
    config,
    terms: layerTerms(config),
    trainable: property(raw, "trainable") !== false,
    calls: callsOf(property(entry, "inbound_nodes"), name),
    ...(isModel && { model: containerOf(entry, className, keras, depth + 1) }),
    ...(Array.isArray(shape) && { batchShape: shapeOf(shape) }),
  };
}

/** An .h5 of Keras 3 does not say where a class is from; a layer's settings say whether it trains, an operation's do not. */
const isBareOperation = (className: string, raw: Json): boolean =>
  operationNames.has(className) && !Object.hasOwn(raw, "trainable");

const bareOperation = (className: string): LayerKind => ({
  className: `ops.${className}`,
  isOperation: true,
});

const shapeOf = (shape: readonly unknown[]): (number | null)[] =>
  shape.map((length) => (typeof length === "number" ? length : null));
