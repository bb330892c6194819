/** Names of classes that travel with a TensorFlow.js model, in its user-defined metadata, which saved models keep. */
import type * as tf from "@tensorflow/tfjs";
import { isRecord } from "../options/index.ts";

/** The member of the metadata that is ours. */
const OWN = "alignreg";

/** The classes in the order of the outputs, as `fit` left them or `labels` says; undefined where nothing does. */
export function classNamesOf(model: tf.LayersModel): readonly string[] | undefined {
  const metadata = metadataOf(model);
  const own = metadata[OWN];
  const names = isRecord(own) ? own.classNames : metadata.labels;
  return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === "string")
    ? names
    : undefined;
}

/** Lets the model remember which of its outputs is which class; what others keep in its metadata stays. */
export function rememberClassNames(model: tf.LayersModel, classNames: readonly string[]): void {
  const metadata = metadataOf(model);
  const own = isRecord(metadata[OWN]) ? metadata[OWN] : {};
  model.setUserDefinedMetadata({ ...metadata, [OWN]: { ...own, classNames: [...classNames] } });
}

// What is loaded without metadata has none, whatever the types say.
const metadataOf = (model: tf.LayersModel): Record<string, unknown> => model.getUserDefinedMetadata() ?? {};
