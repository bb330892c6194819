/** What a converter of an operator is given, and how it takes its inputs. */
import { toInitializer, type WeightLayout } from "../keras/index.ts";
import { type GraphBuilder, ModelError, type Value } from "../onnx/index.ts";
import { type Shape, type Tensor, float32, normalizeAxis, numbersOf } from "../tensor/index.ts";
import type { NodeAttributes } from "./attributes.ts";
import { type Held, Laid, type Length, type Lengths } from "./held.ts";

/** Makes the outputs of a node. @throws ModelError, ShapeError with what stands against it, as a sentence's end */
export type OperatorConverter = (context: NodeContext) => Held | readonly Held[];

/** Named constants become initializers of their names; those that are used in two layouts, of two names. */
export class Constants {
  readonly #g: GraphBuilder;
  readonly #made = new Map<string, Value>();
  readonly #names = new Set<string>();

  /** @param taken  names that are of other values */
  constructor(g: GraphBuilder, taken: Iterable<string>) {
    this.#g = g;
    this.#names = new Set(taken);
  }

  /** @param layout  which of the forms it is, in words that tell them apart */
  get(name: string, layout: string, make: () => Tensor): Value {
    const key = `${layout} ${name}`;
    let value = this.#made.get(key);
    if (!value) {
      value = this.#g.initializer(this.#free(name), make(), { constant: true });
      this.#made.set(key, value);
    }
    return value;
  }

  #free(name: string): string {
    let free = name;
    for (let i = 2; this.#names.has(free); i++) free = `${name}:${i}`;
    this.#names.add(free);
    return free;
  }
}

export class NodeContext {
  constructor(
    readonly g: GraphBuilder,
    readonly op: string,
    readonly attributes: NodeAttributes,
    readonly inputs: readonly Held[],
    private readonly constants: Constants,
    /** Dilation of a convolution whose images are laid apart, of height and width. */
    readonly spacing: readonly number[] = [1, 1],
  ) {}

  /** The same node with other inputs. */
  with(inputs: readonly Held[], spacing = this.spacing): NodeContext {
    return new NodeContext(this.g, this.op, this.attributes, inputs, this.constants, spacing);
  }

  /** An input, whatever it is. */
  held(i: number): Held {
    const held = this.inputs.at(i);
    if (!held || i >= this.inputs.length) throw new ModelError(`it lacks its input ${i}`);
    return held;
  }

  /** An input that hangs on the images, or a constant in its place. */
  laid(i: number): Laid {
    const held = this.held(i);
    if (held.kind === "laid") return held;
    if (held.kind !== "numbers") throw new ModelError(notComputed(held));
    return Laid.last(this.g, this.#initializer(held.name, held.tensor));
  }

  /** Numbers that must be known. @param what  the input in words */
  numbers(i: number, what: string): Tensor {
    const held = this.held(i);
    if (held.kind !== "numbers") throw new ModelError(`its ${what} hangs on the images`);
    return held.tensor;
  }

  /** Whole numbers that must be known. */
  wholes(i: number, what: string): number[] {
    const numbers = numbersOf(this.numbers(i, what));
    if (!numbers.every(Number.isSafeInteger)) throw new ModelError(`its ${what} are no whole numbers`);
    return numbers;
  }

  /** The axis that an input names, of so many. */
  axis(i: number, rank: number): number {
    const [axis, ...others] = this.wholes(i, "axis");
    if (axis === undefined || others.length > 0) throw new ModelError("its axis is not one number");
    return normalizeAxis(axis, rank);
  }

  /** Whole numbers of which some may hang on the batch. */
  lengths(i: number, what: string): Lengths {
    const held = this.held(i);
    if (held.kind === "lengths") return held;
    return {
      kind: "lengths",
      isScalar: held.kind === "numbers" && held.tensor.shape.length === 0,
      values: this.wholes(i, what).map((n): Length => ({ n, perImage: false })),
    };
  }

  /** A weight in the form that ONNX's operator takes. */
  weight(i: number, what: string, rank: number, layout: (shape: Shape) => WeightLayout): Value {
    const held = this.held(i);
    const { shape, dtype, data } = this.numbers(i, what);
    if (held.kind !== "numbers" || dtype !== "float32" || shape.length !== rank) {
      throw new ModelError(`its ${what} is ${dtype} [${shape.join(", ")}], not float32 of ${rank} axes`);
    }
    const form = layout(shape);
    return this.constants.get(held.name, JSON.stringify(form), () => toInitializer(data, shape, form));
  }

  /**
   * An input beside a value [N, C, H, W]: a constant's axes are moved as those of the value were.
   *
   * @param i  of the input
   */
  besideFirst(i: number): Value {
    const held = this.held(i);
    if (held.kind === "laid") {
      if (held.shape.length === 0) return held.last;
      if (held.shape.length !== 4) {
        throw new ModelError(
          `it joins values of other ranks, [N, ${held.shape.slice(1).join(", ")}] among them`,
        );
      }
      return held.first;
    }
    if (held.kind !== "numbers") throw new ModelError(notComputed(held));
    const { dtype, shape, data } = held.tensor;
    if (shape.length === 0 || dtype !== "float32") return this.#initializer(held.name, held.tensor);
    if (shape.length > 4) throw new ModelError(`it joins images and a constant [${shape.join(", ")}]`);
    const whole = [...[1, 1, 1, 1].slice(shape.length), ...shape];
    const perm = [0, 3, 1, 2];
    // Without axes in front of the channels that say nothing.
    const lengths = perm.map((axis) => whole[axis]);
    const start = whole[0] === 1 ? 1 : 0;
    return this.constants.get(held.name, "beside channels first", () =>
      float32(lengths.slice(start), toInitializer(data, whole, { perm }).data as Float32Array),
    );
  }

  #initializer(name: string, tensor: Tensor): Value {
    return this.constants.get(name, "as it is", () => tensor);
  }
}

const notComputed = ({ kind }: Held): string =>
  kind === "lengths"
    ? "it computes with the size of a batch"
    : "it takes images that SpaceToBatchND laid apart, which only a convolution may";
