/** A TensorFlow.js model as a list of layer calls: nested models opened, shared layers called as often as they are. */
import type * as tf from "@tensorflow/tfjs";
import { isModel } from "./is-model.ts";

export type Layer = tf.layers.Layer;

/** One use of a layer. Values are numbered; a layer that is used twice has two calls. */
export interface TfLayerCall {
  readonly layer: Layer;
  readonly inputs: readonly number[];
  readonly output: number;
  /** As TensorFlow.js has them: batch first (null), channels last. */
  readonly inputShapes: readonly (readonly (number | null)[])[];
}

/** The calls in an order in which they can run. Value 0 is the model's input. */
export interface TfLayerCalls {
  readonly calls: readonly TfLayerCall[];
  readonly output: number;
}

/**
 * The calls behind a model's first output, from its first input.
 *
 * @param model  built, with one input and one output
 */
export function layerCalls(model: tf.LayersModel): TfLayerCalls {
  const calls: TfLayerCall[] = [];
  let values = 1;

  /** Adds the calls of a model on the given values, and returns the values of its outputs. */
  function open(container: tf.LayersModel, inputs: readonly number[]): number[] {
    const known = new Map(container.inputs.map((tensor, i) => [tensor.id, inputs[i]]));
    const waiting = [...container.outputs];
    while (waiting.length > 0) {
      const tensor = waiting.at(-1)!;
      if (known.has(tensor.id)) {
        waiting.pop();
        continue;
      }
      const layer = tensor.sourceLayer;
      const { inputTensors, outputTensors } = layer.inboundNodes[tensor.nodeIndex];
      const missing = inputTensors.filter(({ id }) => !known.has(id));
      if (missing.length > 0) {
        waiting.push(...missing);
        continue;
      }
      const from = inputTensors.map(({ id }) => known.get(id)!);
      let to: number[];
      if (isModel(layer)) to = open(layer, from);
      else {
        to = [values++];
        calls.push({ layer, inputs: from, output: to[0], inputShapes: inputTensors.map((t) => t.shape) });
      }
      outputTensors.forEach(({ id }, i) => known.set(id, to[i]));
    }
    return container.outputs.map(({ id }) => known.get(id)!);
  }

  const [output] = open(model, [0]);
  return { calls, output };
}
