/** What a model's configuration says of its layers and how they are called. */
import type { LayerConfig, LayerTerm } from "../model-layer.ts";

/** A value inside a model: what one call of a layer gave. */
export interface CallReference {
  readonly layer: string;
  /** Which call of it. */
  readonly node: number;
  /** Which of the call's values. */
  readonly tensor: number;
}

/** A call's arguments, in which {@link Reference}s stand for values. */
export interface StoredCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** Marks a {@link CallReference} among arguments. */
export class Reference {
  readonly to: CallReference;

  constructor(to: CallReference) {
    this.to = to;
  }
}

export interface StoredLayer {
  readonly name: string;
  /** As the table of layers has it; operations begin with "ops.". */
  readonly className: string;
  /** An operation is no layer: it has no place among the weights. */
  readonly isOperation: boolean;
  readonly config: LayerConfig;
  readonly terms: ReadonlyMap<string, LayerTerm>;
  /** Its own, whatever the models around it say. */
  readonly trainable: boolean;
  /** Empty in a Sequential, whose layers follow one another. */
  readonly calls: readonly StoredCall[];
  /** A model inside the model. */
  readonly model?: StoredContainer;
  /** [N, …] of an InputLayer, or where the first layer says what it takes. */
  readonly batchShape?: readonly (number | null)[];
}

/** A Sequential or functional model. */
export interface StoredContainer {
  readonly name: string;
  readonly isSequential: boolean;
  readonly layers: readonly StoredLayer[];
  /** Of a functional model. */
  readonly inputs: readonly CallReference[];
  readonly outputs: readonly CallReference[];
  readonly trainable: boolean;
  /** What a Sequential without an InputLayer was built for. */
  readonly buildShape?: readonly (number | null)[];
}
