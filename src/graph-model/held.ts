/** What a node of a graph model makes: numbers that are known, lengths that may hang on the batch, or a value of the graph. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Shape, Tensor } from "../tensor/index.ts";

export type Held = Numbers | Lengths | Laid | Spaced;

/** Numbers that are known now, in TensorFlow's order of axes. */
export interface Numbers {
  readonly kind: "numbers";
  /** Of the node that makes them. */
  readonly name: string;
  readonly tensor: Tensor;
}

/** A length: `n`, or n times the number of images. */
export interface Length {
  readonly n: number;
  readonly perImage: boolean;
}

/** Whole numbers made of shapes: one (`isScalar`), or a list. */
export interface Lengths {
  readonly kind: "lengths";
  readonly values: readonly Length[];
  readonly isScalar: boolean;
}

/** Images laid apart into block[0]·block[1] smaller ones, which go on as the whole ones that they are of. */
export interface Spaced {
  readonly kind: "spaced";
  readonly inner: Laid;
  readonly block: readonly number[];
}

/**
 * A value that hangs on the images, as for a batch of one. Of four axes, TensorFlow's [N, H, W, C], it may be there channels
 * first, [N, C, H, W], as ONNX's operators want it; a value that is wanted in the other order is transposed, once.
 */
export class Laid {
  readonly kind = "laid";
  readonly #g: GraphBuilder;
  #last: Value | undefined;
  #first: Value | undefined;
  /** In TensorFlow's order of axes. */
  readonly shape: Shape;
  /** Whether it was made channels first. */
  readonly isFirst: boolean;

  private constructor(g: GraphBuilder, last: Value | undefined, first: Value | undefined) {
    this.#g = g;
    this.#last = last;
    this.#first = first;
    this.isFirst = first !== undefined;
    this.shape = last?.shape ?? [0, 2, 3, 1].map((axis) => first!.shape[axis]);
  }

  /** A value in TensorFlow's order of axes. */
  static last = (g: GraphBuilder, value: Value): Laid => new Laid(g, value, undefined);

  /** A value [N, C, H, W]; of other ranks, in TensorFlow's order of axes. */
  static first = (g: GraphBuilder, value: Value): Laid =>
    value.shape.length === 4 ? new Laid(g, undefined, value) : new Laid(g, value, undefined);

  /** In TensorFlow's order of axes. */
  get last(): Value {
    // Where there is but one place, no order of the axes changes that of the numbers.
    this.#last ??=
      this.shape[1] * this.shape[2] === 1
        ? this.#g.op1("Reshape", [this.#first!, this.#g.ints([0, ...this.shape.slice(1)])])
        : this.#g.transpose(this.#first!, [0, 2, 3, 1]);
    return this.#last;
  }

  /** [N, C, H, W]. */
  get first(): Value {
    this.#first ??= this.#g.transpose(this.#last!, [0, 3, 1, 2]);
    return this.#first;
  }

  /** As it was made. */
  get own(): Value {
    return this.isFirst ? this.first : this.last;
  }
}

/** Where an axis of [N, H, W, C] is in [N, C, H, W]. */
export const firstAxis = (axis: number): number => [0, 2, 3, 1][axis];
