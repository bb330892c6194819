/** Finds each layer's weights among the tensors of a file. */
import type { StoredModel } from "../archive/index.ts";
import type { StoredContainer, StoredLayer } from "../config/stored-layer.ts";
import type { LayerWeight } from "../model-layer.ts";
import { type Tensor, UsageError } from "../../tensor/index.ts";
import { type PlacedLayer, groupsOf } from "./groups.ts";
import { type WeightPlace, weightPlaces } from "./roles.ts";
import { NamedTensors } from "./named-tensors.ts";

/** A weight that knows where the file has it. */
export interface StoredWeight extends LayerWeight {
  readonly path: string;
}

/** By layer, then by role. */
export type StoredWeights = ReadonlyMap<StoredLayer, ReadonlyMap<string, StoredWeight>>;

/** Places of a file's tensors by number or by name. */
type Find = (placed: PlacedLayer, place: WeightPlace, index: number) => string | undefined;

/**
 * @throws UsageError for a weight that is missing, of another type, taken by two layers, or of no layer
 */
export function findWeights(model: StoredContainer, stored: StoredModel): StoredWeights {
  const isNumbered = [...stored.tensors.keys()].some((path) => /(^|\/)vars\/\d+$/.test(path));
  const named = isNumbered ? undefined : new NamedTensors(stored);
  const find: Find = named
    ? (placed, place, index) => named.find(placed, place, index)
    : ({ group }, { at }) => {
        const path = `${group}/${at}`;
        return stored.tensors.has(path) ? path : undefined;
      };
  const owners = new Map<string, string>();
  const names = new Set<string>();
  const found = new Map<StoredLayer, Map<string, StoredWeight>>();
  for (const placed of groupsOf(model, stored)) {
    const { layer, within } = placed;
    const title = [...within, layer].map(({ name }) => name).join("/");
    const own = new Map<string, StoredWeight>();
    for (const [i, place] of weightPlaces(layer).entries()) {
      const path = find(placed, place, i);
      // Counts how much a Normalization has seen; nothing is computed with it.
      if (place.role === "count") {
        if (path !== undefined) owners.set(path, title);
        continue;
      }
      if (path === undefined) throw missing(title, layer, place, isNumbered ? placed.group : undefined);
      const other = owners.get(path);
      if (other !== undefined) {
        throw new UsageError(
          `Two layers of the model, "${other}" and "${title}", would both have the weight "${path}" of the file. ` +
            `Give the layers different names, and save the model as .keras.`,
        );
      }
      owners.set(path, title);
      const values = floats(stored.tensors.get(path)!, path);
      own.set(place.role, { name: unique(names, `${title}/${place.names[0]}`), path, ...values });
    }
    if (own.size > 0) found.set(layer, own);
  }
  checkLeftOver(stored, owners);
  return found;
}

function unique(names: Set<string>, wanted: string): string {
  let name = wanted;
  for (let i = 1; names.has(name); i++) name = `${wanted}_${i}`;
  names.add(name);
  return name;
}

function floats({ dtype, shape, data }: Tensor, path: string): Pick<LayerWeight, "shape" | "values"> {
  if (dtype === "float32") return { shape, values: data };
  throw new UsageError(`The weight "${path}" is ${dtype}; only float32 trains. Save the model in float32.`);
}

const missing = (
  title: string,
  { className }: StoredLayer,
  { names, at }: WeightPlace,
  group: string | undefined,
): UsageError =>
  new UsageError(
    `The file has no weight "${names[0]}" of the layer "${title}" (${className})` +
      `${group === undefined ? "" : `, which would be at "${group}/${at}"`}. Call the model once, model(images), so that ` +
      `its layers are built, and save it anew.`,
  );

/** Tensors of which nothing is computed: states of random generators, and counters. */
const isIdle = (path: string, { dtype }: Tensor): boolean =>
  !dtype.startsWith("float") || /seed_generator|(^|\/)optimizer(\/|$)|optimizer_weights/.test(path);

function checkLeftOver({ tensors }: StoredModel, owners: ReadonlyMap<string, string>): void {
  const left = [...tensors].filter(([path, tensor]) => !owners.has(path) && !isIdle(path, tensor));
  if (left.length === 0) return;
  const listed = left.slice(0, 5).map(([path, { shape }]) => `"${path}" [${shape}]`);
  throw new UsageError(
    `The file has weights that belong to no layer that is known: ${listed.join(", ")}` +
      `${left.length > 5 ? ` and ${left.length - 5} more` : ""}. Its layers are listed with others, or a class of its own ` +
      `keeps them: build the model of Keras' layers, and save it anew.`,
  );
}
