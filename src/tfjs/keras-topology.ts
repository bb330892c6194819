/** What saved models say that TensorFlow.js does not read as it is meant. */
import * as tf from "@tensorflow/tfjs";
import { isAugmentation } from "../keras/index.ts";

/**
 * A model's topology as TensorFlow.js can read it, with classes registered for augmentation layers that it does not know.
 *
 * @param topology  the modelTopology of a model.json
 */
export function readableTopology(topology: object): {
  readonly topology: object;
  readonly notes: readonly string[];
} {
  const unknown = new Set<string>();
  const mended = JSON.parse(JSON.stringify(topology), (key, value: unknown) => {
    if (key === "class_name" && typeof value === "string" && isAugmentation(value) && !isRegistered(value)) {
      unknown.add(value);
    }
    // TensorFlow.js 4.22 writes a depthwise layer's regularizer as its constraint too, and then cannot read it.
    const isRegularizer = (value as { class_name?: unknown } | null)?.class_name === "L1L2";
    return key === "depthwise_constraint" && isRegularizer ? null : value;
  }) as object;
  for (const className of unknown) registerIdentity(className);
  const notes = [...unknown].map(
    (className) =>
      `TensorFlow.js has no layer ${className}: it hands on its input as it is, in training with TensorFlow.js too. ` +
      `Register a class of that name before loading to have its own.`,
  );
  return { topology: mended, notes };
}

const isRegistered = (className: string): boolean =>
  Object.hasOwn(tf.serialization.SerializationMap.getMap().classNameMap, className);

/** A layer of that class, which keeps its settings for when the model is saved. */
function registerIdentity(className: string): void {
  class Identity extends tf.layers.Layer {
    static readonly className = className;
    readonly #settings: tf.serialization.ConfigDict;

    constructor(settings: tf.serialization.ConfigDict) {
      super(settings);
      this.#settings = settings;
    }

    override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
      return shape;
    }

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => [inputs].flat()[0].clone());
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...this.#settings, ...super.getConfig() };
    }
  }
  tf.serialization.registerClass(Identity);
}
