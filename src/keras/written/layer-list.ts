/** The layers of a model under construction, in order, as model.json holds them. */
import type { Shape } from "../../tensor/index.ts";

/** A weight as TensorFlow.js loads it: float32, in the layer's own order of axes. */
export interface WrittenWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface WrittenLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
  readonly weights: readonly WrittenWeight[];
}

/** What a layer is made of; the list names it. */
export interface LayerParts {
  readonly className: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  /** By the names that the layer has for them, in its order. */
  readonly weights?: readonly WrittenWeight[];
}

export class LayerList {
  readonly #layers: WrittenLayer[] = [];
  readonly #taken = new Map<string, number>();

  get layers(): readonly WrittenLayer[] {
    return this.#layers;
  }

  /** @returns the layer's name: what it is, and a number */
  add({ className, config = {}, inputs, weights = [] }: LayerParts): string {
    const kind = className.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
    const number = (this.#taken.get(kind) ?? 0) + 1;
    this.#taken.set(kind, number);
    const name = `${kind}_${number}`;
    this.#layers.push({
      className,
      name,
      config,
      inputs,
      weights: weights.map((weight) => ({ ...weight, name: `${name}/${weight.name}` })),
    });
    return name;
  }
}
