import { modelJsonName } from "../../keras/archive/index.ts";
import type { Classifier } from "../../models/index.ts";
import { isRecord } from "../../options/index.ts";
import { dividedLogits } from "./divided-logits.ts";
import type { Exportable } from "./exportable.ts";

/**
 * The files of a model that came as a TensorFlow.js folder and is fed as Teachable Machine's are, with its weights of now: the layers
 * are its own, with the temperature in the last kernel. Null for any other, and where the temperature has no such place.
 */
export function ownLayers({ classifier, pictures }: Exportable): ReadonlyMap<string, Uint8Array> | null {
  const { graph, origin, logits, temperature = 1 } = classifier;
  const isCropped = !pictures || (pictures.resize === "crop" && (pictures.cropShare ?? 1) === 1);
  if (origin?.format !== "tfjs" || !isCropped || !takesTeachable(classifier)) return null;
  const divided = temperature === 1 ? graph : dividedLogits(graph, logits, temperature);
  if (!divided) return null;
  const files = origin.written(divided.initializers);
  return endsInSoftmax(files.get(modelJsonName)) ? files : null;
}

/** Whether the layers give probabilities: their last is a softmax, or has one. */
function endsInSoftmax(modelJson: Uint8Array | undefined): boolean {
  const json: unknown = JSON.parse(new TextDecoder().decode(modelJson));
  const topology = member(json, "modelTopology");
  const last = lastLayer(member(topology, "model_config") ?? topology);
  return (
    member(last, "class_name") === "Softmax" || member(member(last, "config"), "activation") === "softmax"
  );
}

/** Of a model of models, the last layer of the last one; where a model has several outputs, there is none. */
function lastLayer(layer: unknown): unknown {
  const config = member(layer, "config");
  const layers = Array.isArray(config) ? config : member(config, "layers");
  if (!Array.isArray(layers)) return layer;
  const outputs = member(config, "output_layers");
  const [first] = Array.isArray(outputs) ? (outputs.flat(2) as unknown[]) : [];
  const isEnd = (one: unknown) => (member(one, "name") ?? member(member(one, "config"), "name")) === first;
  return lastLayer(first === undefined ? layers.at(-1) : layers.find(isEnd));
}

const member = (record: unknown, name: string): unknown =>
  isRecord(record) && Object.hasOwn(record, name) ? record[name] : undefined;

/** x/127 − 1 of bytes x. */
const takesTeachable = ({ normalization, inputRange = 1, channelOrder = "rgb" }: Classifier): boolean =>
  normalization !== undefined &&
  channelOrder === "rgb" &&
  [...normalization.mean, ...normalization.std].every((n) => Math.abs(n * (255 / inputRange) - 127) < 1e-4);
