/** Where a file whose places are numbered has each layer: by its class, in the order of the configuration. */
import type { StoredModel } from "../archive/index.ts";
import type { StoredContainer, StoredLayer } from "../config/stored-layer.ts";

/** A layer and the models that it is in, the outermost of them (the model itself) left out. */
export interface PlacedLayer {
  readonly layer: StoredLayer;
  readonly within: readonly StoredLayer[];
  /** Its place in a file whose places are numbered. */
  readonly group: string;
}

/** Keras 3's name for a model's layers, and that of the last Keras 2. */
const lists = ["layers", "_layer_checkpoint_dependencies"] as const;

/** Every layer that is no model, in the configuration's order, with its place. */
export function groupsOf(model: StoredContainer, { tensors }: StoredModel): PlacedLayer[] {
  const list =
    lists.find((name) => [...tensors.keys()].some((path) => path.startsWith(`${name}/`))) ?? lists[0];
  const placed: PlacedLayer[] = [];
  const walk = (container: StoredContainer, base: string, within: readonly StoredLayer[]): void => {
    const counts = new Map<string, number>();
    for (const layer of container.layers) {
      if (layer.isOperation) continue;
      const kind = snakeCase(layer.className);
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      const group = `${base}${list}/${count === 0 ? kind : `${kind}_${count}`}`;
      if (layer.model) walk(layer.model, `${group}/`, [...within, layer]);
      else placed.push({ layer, within, group });
    }
  };
  walk(model, "", []);
  return placed;
}

/** As Keras writes a class: Conv2DTranspose -> conv2d_transpose, PReLU -> p_re_lu. */
export const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
