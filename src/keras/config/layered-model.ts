/** A stored configuration as a list of calls: nested models opened, shared layers called as often as they are. */
import type { CallArguments, LayerCall, LayeredModel, ModelLayer } from "../model-layer.ts";
import { UsageError } from "../../tensor/index.ts";
import type { StoredWeights } from "../weights/find-weights.ts";
import type { KerasMajor } from "./layer-settings.ts";
import {
  type CallReference,
  Reference,
  type StoredCall,
  type StoredContainer,
  type StoredLayer,
} from "./stored-layer.ts";

/** More calls than any network has; nested models that double themselves end here. */
const MOST_CALLS = 50_000;

/**
 * @param imageShape  [C, H, W] for what the model leaves open of its images' size
 * @param keras  In Keras 3 each layer's own `trainable` counts, which freezing a model sets, and that of the whole; in Keras 2
 *               those of all models around it too.
 * @throws UsageError for a model that is no image classifier, or whose calls do not fit together
 */
export function layeredModel(
  model: StoredContainer,
  weights: StoredWeights,
  keras: KerasMajor,
  imageShape?: readonly [number, number, number],
): LayeredModel {
  const calls: LayerCall[] = [];
  const layers = new Map<StoredLayer, ModelLayer>();
  const [output] = open(model, [0], model.trainable);
  return { name: model.name, imageShape: imageShapeOf(model, imageShape), calls, output };

  /** Adds the calls of a model on the given values, and returns the values of its outputs. */
  function open(container: StoredContainer, inputs: readonly number[], isTrainable: boolean): number[] {
    return container.isSequential
      ? [openSequence(container, inputs, isTrainable)]
      : openFunctional(container, inputs, isTrainable);
  }

  function openSequence(
    container: StoredContainer,
    [input]: readonly number[],
    isTrainable: boolean,
  ): number {
    const body = container.layers.filter(({ className }) => className !== "InputLayer");
    return body.reduce((value, layer) => {
      const call: CallArguments = { args: [{ input: 0 }], kwargs: {}, part: 0 };
      return run(layer, [value], call, isTrainable);
    }, input);
  }

  function openFunctional(
    container: StoredContainer,
    inputs: readonly number[],
    isTrainable: boolean,
  ): number[] {
    const byName = new Map(container.layers.map((layer) => [layer.name, layer]));
    const known = new Map(container.inputs.map((reference, i) => [keyOf(reference), inputs[i]]));
    const firstNodes = firstNodesOf(container);
    const entered = new Set<string>();
    const waiting = [...container.outputs];
    while (waiting.length > 0) {
      const reference = waiting.at(-1)!;
      const key = keyOf(reference);
      if (known.has(key)) {
        waiting.pop();
        continue;
      }
      const layer = byName.get(reference.layer);
      const stored = layer?.calls[reference.node - (firstNodes.get(reference.layer) ?? 0)];
      if (!layer || !stored) {
        throw new UsageError(
          `The model "${container.name}" uses a value of "${reference.layer}" (call ${reference.node}) that its ` +
            `configuration does not have. The file is damaged: save it with Keras anew.`,
        );
      }
      const { references, call } = callOf(stored, reference.tensor);
      const missing = references.filter((other) => !known.has(keyOf(other)));
      if (missing.length > 0) {
        if (entered.has(key)) {
          throw new UsageError(
            `The layers of the model "${container.name}" wait for one another ("${layer.name}").`,
          );
        }
        entered.add(key);
        waiting.push(...missing);
        continue;
      }
      const from = references.map((other) => known.get(keyOf(other))!);
      known.set(key, run(layer, from, call, isTrainable));
    }
    return container.outputs.map((reference) => known.get(keyOf(reference))!);
  }

  /** One call of a layer, or of a model inside the model. */
  function run(
    layer: StoredLayer,
    inputs: readonly number[],
    call: CallArguments,
    isTrainable: boolean,
  ): number {
    if (layer.model) {
      const outputs = open(layer.model, inputs, isTrainable && (keras === 3 || layer.model.trainable));
      return outputs[call.part];
    }
    const output = calls.length + 1;
    if (output > MOST_CALLS) throw new UsageError(`The model has more than ${MOST_CALLS} calls of layers.`);
    calls.push({ layer: layerOf(layer, isTrainable), inputs, output, call });
    return output;
  }

  function layerOf(stored: StoredLayer, isTrainable: boolean): ModelLayer {
    const known = layers.get(stored);
    if (known) return known;
    const { name, className, config, terms } = stored;
    const made: ModelLayer = {
      name,
      className,
      config,
      terms,
      trainable: isTrainable && stored.trainable,
      weights: weights.get(stored) ?? new Map(),
    };
    layers.set(stored, made);
    return made;
  }
}

/**
 * Number of the first call that is listed, where it is not 0. Keras 2 counts the making of a model inside a model as a call of
 * it, which it does not list; TensorFlow.js and Keras 3 do not.
 */
function firstNodesOf({ layers, outputs }: StoredContainer): Map<string, number> {
  const last = new Map<string, number>();
  const see = (value: unknown): void => {
    if (value instanceof Reference) return note(value.to);
    if (Array.isArray(value)) value.forEach(see);
  };
  const note = ({ layer, node }: CallReference): void => {
    last.set(layer, Math.max(last.get(layer) ?? 0, node));
  };
  for (const { calls } of layers) {
    for (const { args, kwargs } of calls) [...args, ...Object.values(kwargs)].forEach(see);
  }
  outputs.forEach(note);
  const models = layers.filter(({ model }) => model !== undefined);
  return new Map(
    models.map(({ name, calls }) => [name, (last.get(name) ?? 0) + 1 > calls.length ? 1 : 0] as const),
  );
}

const keyOf = ({ layer, node, tensor }: CallReference): string => `${node} ${tensor} ${layer}`;

/** A call with its values taken out, in their order. */
function callOf(
  { args, kwargs }: StoredCall,
  part: number,
): { references: CallReference[]; call: CallArguments } {
  const references: CallReference[] = [];
  const replaced = (value: unknown): unknown => {
    if (value instanceof Reference) return { input: references.push(value.to) - 1 };
    return Array.isArray(value) ? value.map(replaced) : value;
  };
  const call = {
    args: args.map(replaced),
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, replaced(value)])),
    part,
  };
  return { references, call };
}

/** [H, W, C] of the model's one input. */
function imageShapeOf(
  model: StoredContainer,
  given: readonly [number, number, number] | undefined,
): readonly [number, number, number] {
  const { name, isSequential, inputs, outputs } = model;
  if (!isSequential && (inputs.length !== 1 || outputs.length !== 1)) {
    throw new UsageError(
      `An image classifier has one input and one output; the model "${name}" has ${inputs.length} and ` +
        `${outputs.length}. Make a model of the part that classifies, keras.Model(inputs, outputs), and save that.`,
    );
  }
  const stored = (batchShapeOf(model) ?? []).slice(1);
  const isOpen = stored.length === 3 && stored.some((n) => n === null);
  if (isOpen && !given) {
    throw new UsageError(
      `The model "${name}" leaves the size of its images open: [${stored.map((n) => n ?? "None").join(", ")}]. Give ` +
        `imageShape, [channels, height, width] (--image-size).`,
    );
  }
  const [channels, height, width] = given ?? [];
  const shape = isOpen ? stored.map((n, i) => n ?? [height, width, channels][i] ?? null) : stored;
  if (shape.length !== 3 || !shape.every((n) => n !== null && n > 0)) {
    throw new UsageError(
      `An image classifier takes images [height, width, channels] of a fixed size; the model "${name}" takes ` +
        `[${shape.map((n) => n ?? "?").join(", ")}]. Give its Input such a shape, ` +
        `keras.Input((height, width, channels)), with a Flatten or Reshape behind it if the next layer takes vectors.`,
    );
  }
  return shape as [number, number, number];
}

/** Of the input, or of a model inside that comes first. */
function batchShapeOf(model: StoredContainer): readonly (number | null)[] | undefined {
  const first = model.isSequential
    ? model.layers[0]
    : model.layers.find(({ name }) => name === model.inputs[0]?.layer);
  const own = first?.batchShape ?? model.buildShape;
  return own ?? (first?.model && batchShapeOf(first.model));
}
