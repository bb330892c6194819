/** Weights of saved models whose names are longer than the layers' own. */
import * as tf from "@tensorflow/tfjs";

/** The parts of a saved model that name its weights. */
export interface WeightNames {
  readonly modelTopology: object;
  readonly weightSpecs: tf.io.WeightsManifestEntry[];
}

/**
 * The specifications with the names that the model of this topology has for its weights: without the names of models or
 * cells around the layer (`model/dense/kernel`, `dense_1/dense/kernel`), and without Python's `:0`. Null if they do not
 * become the model's own, one for one.
 */
export async function renamedWeights({
  modelTopology,
  weightSpecs,
}: WeightNames): Promise<tf.io.WeightsManifestEntry[] | null> {
  const wanted = await weightNames(modelTopology);
  const own = weightSpecs.filter(({ group }) => group !== "optimizer");
  for (const candidates of [withoutCell, withoutPrefix]) {
    const found = new Map(
      own.map(({ name }) => {
        const plain = name.replace(/:\d+$/, "");
        return [name, candidates(plain).find((candidate) => wanted.has(candidate))];
      }),
    );
    const names = new Set(found.values());
    if (names.size !== wanted.size || own.length !== wanted.size || names.has(undefined)) continue;
    if ([...found].every(([name, target]) => name === target)) return null;
    return weightSpecs.map((spec) => ({ ...spec, name: found.get(spec.name) ?? spec.name }));
  }
  return null;
}

/** Names that a weight may have in the model, best first: the inner name of two is a cell's, or the outer one a model's. */
const withoutPrefix = (name: string): string[] => {
  const parts = name.split("/");
  return parts.map((_, i) => parts.slice(i).join("/"));
};

const withoutCell = (name: string): string[] => {
  const parts = name.split("/");
  return [name, [...parts.slice(0, -2), parts.at(-1)].join("/"), ...withoutPrefix(name)];
};

async function weightNames(modelTopology: object): Promise<Set<string>> {
  try {
    const model = await tf.models.modelFromJSON({ modelTopology } as never);
    const names = new Set(model.weights.map(({ originalName }) => originalName));
    model.dispose();
    return names;
  } catch {
    // What cannot be built has no names; why it cannot is said by whoever loads it.
    return new Set();
  }
}
