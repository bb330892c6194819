/** Tensors of files that go by the weights' names: `.h5`, and TensorFlow.js's folders. */
import type { StoredModel } from "../archive/index.ts";
import type { PlacedLayer } from "./groups.ts";
import type { WeightPlace } from "./roles.ts";

/** The root of an `.h5`. */
const ROOT = "model_weights/";

export class NamedTensors {
  readonly #stored: StoredModel;
  /** Paths by every end of their plain names that begins at a slash. */
  readonly #ends = new Map<string, string[]>();

  constructor(stored: StoredModel) {
    this.#stored = stored;
    for (const path of stored.tensors.keys()) {
      const parts = path.replace(/:\d+$/, "").split("/");
      for (let i = 0; i < parts.length; i++) {
        const end = parts.slice(i).join("/");
        this.#ends.set(end, [...(this.#ends.get(end) ?? []), path]);
      }
    }
  }

  /**
   * The path of a layer's weight: what ends in the names of the models around it, its own and the weight's; the innermost
   * alone where the file leaves the outer ones out. In an `.h5` it is below the outermost layer's group.
   */
  find({ layer, within }: PlacedLayer, { names }: WeightPlace, index: number): string | undefined {
    const chain = [...within, layer].map(({ name }) => name);
    const isHere = (path: string) =>
      this.#stored.format !== "h5" || path.startsWith(`${ROOT}${chain[0]}/`) || !path.startsWith(ROOT);
    for (let from = 0; from < chain.length; from++) {
      for (const name of names) {
        const found = (this.#ends.get([...chain.slice(from), name].join("/")) ?? []).filter(isHere);
        if (found.length > 0) return shortest(found);
      }
    }
    // A layer that was renamed after it was built: its weights kept their names, and come in their order.
    return within.length === 0 ? this.#stored.layerWeights.get(`${ROOT}${layer.name}`)?.[index] : undefined;
  }
}

/** The one with the fewest names around it. */
const shortest = (paths: readonly string[]): string =>
  paths.reduce((a, b) => (b.split("/").length < a.split("/").length ? b : a));
