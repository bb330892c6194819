/** What `.keras` and `.h5` have in common: an HDF5 file whose weights are read and, later, replaced. */
import type { Tensor } from "../../tensor/index.ts";
import { type StoredOptimizer, freshVariables } from "./fresh-optimizer.ts";
import type { Dataset, Hdf5File } from "./hdf5/index.ts";
import { checkPrecision, patched, storedTensor } from "./stored-tensors.ts";

export interface StoredWeights {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly notes: readonly string[];
  /** The HDF5 file with other numbers, its optimizer fresh; the same array when no number differs. */
  readonly withTensors: (values: ReadonlyMap<string, Tensor>) => Uint8Array;
}

/**
 * @param optimizer  as the configuration has it; undefined for a model that was not compiled
 * @param isWeight  whether a data set is the model's own
 * @param isState   whether it is the optimizer's
 */
export function storedWeights(
  bytes: Uint8Array,
  { datasets }: Hdf5File,
  {
    optimizer,
    isWeight,
    isState,
  }: {
    optimizer: StoredOptimizer | undefined;
    isWeight: (path: string) => boolean;
    isState: (path: string) => boolean;
  },
): StoredWeights {
  const chosen = (isChosen: (path: string) => boolean): Map<string, Dataset> =>
    new Map([...datasets].filter(([path]) => isChosen(path)));
  const weights = chosen(isWeight);
  const state = chosen(isState);
  for (const [path, dataset] of weights) checkPrecision(path, dataset);
  const fresh = optimizer ? freshVariables(optimizer, state) : undefined;
  const hasMoved = fresh
    ? patched(bytes, state, fresh) !== undefined
    : [...state.values()].some(({ shape }) => shape.length > 0);
  return {
    tensors: new Map([...weights].map(([path, dataset]) => [path, storedTensor(bytes, dataset)])),
    notes: hasMoved ? [optimizerNote(optimizer, fresh !== undefined)] : [],
    withTensors: (values) => {
      const changed = patched(bytes, weights, values);
      if (!changed) return bytes;
      return (fresh && patched(changed, state, fresh)) ?? changed;
    },
  };
}

const optimizerNote = (optimizer: StoredOptimizer | undefined, isKnown: boolean): string =>
  isKnown
    ? `The file's optimizer (${optimizer?.name}) has taken steps from its own weights. Saved with other weights, it ` +
      `begins anew: the same options, no step taken.`
    : `The file's optimizer (${optimizer?.name ?? "of no name"}) has taken steps from its own weights, and how it begins is ` +
      `not known here. Saved with other weights, the file keeps its old state: call model.compile again before you ` +
      `train on in Keras.`;
