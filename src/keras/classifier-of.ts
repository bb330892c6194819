/** A Keras model out of a file as a classifier that can be written back. */
import type { Classifier } from "../models/index.ts";
import { type Tensor, float32 } from "../tensor/index.ts";
import type { StoredModel } from "./archive/index.ts";
import { buildModel } from "./build-model.ts";
import { layeredModel } from "./config/layered-model.ts";
import type { KerasMajor } from "./config/layer-settings.ts";
import { readContainer } from "./config/read-container.ts";
import { frozenNotes } from "./frozen-notes.ts";
import { trainingNotes } from "./training-notes.ts";
import { listOfProblems } from "./errors.ts";
import { trainingProblems } from "./layer-problems.ts";
import type { LayerCall } from "./model-layer.ts";
import { checkPolicies } from "./config/policies.ts";
import { type StoredWeight, findWeights } from "./weights/find-weights.ts";
import { fromInitializer } from "./weight-layout.ts";

export interface KerasClassifier {
  readonly classifier: Classifier;
  /**
   * Why it cannot be trained as Keras would train it, a message; null where it can. Predictions are Keras' either way.
   */
  readonly trainingRefusal: string | null;
  /**
   * The file again, by name, with the numbers of these initializers (the classifier's own names) in Keras' order of axes.
   * What has the same array as before keeps its bytes.
   */
  readonly written: (initializers: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Uint8Array>;
}

export interface KerasOptions {
  /** What to call the model in messages, e.g. its path (default: its name). */
  readonly source?: string;
  /** One image, [C, H, W], for a model that leaves the size of its images open. */
  readonly imageShape?: readonly [channels: number, height: number, width: number];
}

/**
 * @param stored  as `readKerasFile` and `readLayersFolder` give it
 * @throws UnsupportedLayerError that lists every layer without a counterpart; UsageError for a model that is no image
 *         classifier, and for weights that do not fit
 */
export function classifierOf(
  stored: StoredModel,
  { source, imageShape }: KerasOptions = {},
): KerasClassifier {
  const keras = kerasMajor(stored);
  const container = readContainer(stored.config, keras);
  checkPolicies(container);
  const weights = findWeights(container, stored);
  const model = layeredModel(
    source === undefined ? container : { ...container, name: source },
    weights,
    keras,
    imageShape,
  );
  const built = buildModel(model, {
    advice: `Replace them, or export the model: model.export("net.onnx", format="onnx").`,
    dialect: "keras",
  });
  const { classifier } = built;
  const notes = [
    ...stored.notes,
    ...(classifier.notes ?? []),
    ...frozenNotes(model.calls),
    ...trainingNotes(model.calls),
  ];
  const problems = trainingProblems(model.calls);
  return {
    classifier: {
      ...classifier,
      ...(notes.length > 0 && { notes }),
      metadata: parameterLists(model.calls, new Set(classifier.graph.initializers.keys())),
    },
    trainingRefusal:
      problems.length === 0
        ? null
        : listOfProblems(
            `The model "${model.name}" has layers that would train otherwise than in Keras:`,
            problems,
          ),
    written: (initializers) => {
      const values = new Map<string, Tensor>();
      for (const { weight, layout } of built.weights) {
        const trained = initializers.get(weight.name);
        if (!trained || trained === classifier.graph.initializers.get(weight.name)) continue;
        const numbers = fromInitializer(trained.data as Float32Array, weight.shape, layout);
        values.set((weight as StoredWeight).path, float32(weight.shape, numbers));
      }
      return stored.withTensors(values);
    },
  };
}

/** What a TensorFlow.js folder says is the program that wrote it: its own layers are as Keras 2's. */
function kerasMajor({ kerasVersion, tensors, format }: StoredModel): KerasMajor {
  const major = Number(/^\d+/.exec(kerasVersion ?? "")?.[0] ?? NaN);
  if (major >= 3) return 3;
  if (major > 0) return 2;
  const isNumbered = [...tensors.keys()].some((path) => path.startsWith("layers/"));
  return format === "keras" || isNumbered ? 3 : 2;
}

const STATISTICS = ["moving_mean", "moving_variance"];

/** What trains by default, and what does not: as Keras' `trainable_weights`. */
function parameterLists(calls: readonly LayerCall[], held: ReadonlySet<string>): Record<string, string> {
  const parameters = new Set<string>();
  const buffers = new Set<string>();
  for (const { layer } of calls) {
    for (const [role, { name }] of layer.weights) {
      if (!held.has(name)) continue;
      const trains = layer.trainable && !STATISTICS.includes(role) && layer.className !== "Normalization";
      (trains ? parameters : buffers).add(name);
    }
  }
  return {
    "alignreg.parameters": JSON.stringify([...parameters]),
    "alignreg.buffers": JSON.stringify([...buffers]),
  };
}
