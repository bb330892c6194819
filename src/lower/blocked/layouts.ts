/**
 * Which memory each tensor of a graph under construction lies in. Rules ask for the form they need, and what is not
 * there yet is converted once.
 */
import type { GraphBuilder, Value, ValueType } from "../../onnx/index.ts";
import { type ConvCall, type Finish, conv, reorderInput, reorderOutput } from "./operators.ts";

/**
 * How a tensor is held that is not plain:
 *
 * - blocked: its value's memory is [N, C/b, H, W, b].
 * - pending: a convolution that is not emitted yet, as what reads it may fuse with it. Read once.
 * - repeatable: a convolution that costs less to compute again than to keep; only poolings read it.
 * - phases: the pixels (s·i + r, s·j + c) of each (r, c), row by row, as blocked tensors [N, C, H/s, W/s]; null is zero.
 *   Its sums over each channel's pixels are those of a smaller tensor, sameSums, if there is one.
 * - weight: a kernel [Co, Ci, kh, kw], by blocks in the memory that direct convolutions take, by taps as [kh·kw, Ci, Co].
 */
export type Held =
  | {
      readonly kind: "blocked";
      readonly value: Value;
      readonly isRectified?: boolean;
      readonly sameSums?: Value;
    }
  | { readonly kind: "pending"; readonly make: (finish: Finish) => Value; readonly finish: Finish }
  | { readonly kind: "repeatable"; readonly call: ConvCall }
  | {
      readonly kind: "phases";
      readonly stride: readonly [number, number];
      readonly parts: readonly (Value | null)[];
      readonly sameSums?: Value;
    }
  | { readonly kind: "weight"; readonly by: "blocks" | "taps"; readonly value: Value };

export class Layouts {
  /** By the name of the value that stands for the tensor; no node makes it. */
  readonly #held = new Map<string, Held>();
  readonly #plain = new Map<string, Value>();
  /** Blocked copies of plain tensors, and what repeatable convolutions made. */
  readonly #blocked = new Map<string, Value>();

  constructor(
    readonly g: GraphBuilder,
    /** Channels in a block. */
    readonly block: number,
  ) {}

  /** A value that stands for a tensor held so. */
  hold(held: Held, { dtype, shape }: ValueType): Value {
    const value: Value = { name: this.g.uniqueName(held.kind), dtype, shape };
    this.#held.set(value.name, held);
    return value;
  }

  holdBlocked = (value: Value): Value => this.hold({ kind: "blocked", value }, value);

  /** A convolution, which waits for what reads it where that is one node. */
  holdPending(pending: Omit<Held & { kind: "pending" }, "kind">, like: ValueType, mayWait: boolean): Value {
    const value = this.hold({ kind: "pending", ...pending }, like);
    if (!mayWait) this.blocked(value);
    return value;
  }

  held = (value: Value): Held | undefined => this.#held.get(value.name);

  /** True for images that are held in blocks in some way. */
  isBlocked(value: Value): boolean {
    const held = this.held(value);
    return held !== undefined && held.kind !== "weight";
  }

  /** Whether ReLU would change nothing. */
  isRectified(value: Value): boolean {
    const held = this.held(value);
    if (held?.kind === "pending") return held.finish.activation === "Relu";
    if (held?.kind === "repeatable") return held.call.activation === "Relu";
    return held?.kind === "blocked" && held.isRectified === true;
  }

  /** Whether its channels make whole blocks. */
  canBlock = ({ shape, dtype }: ValueType): boolean =>
    shape.length === 4 && shape[1] % this.block === 0 && dtype === "float32";

  /** The tensor in plain memory. */
  plain(value: Value): Value {
    const held = this.held(value);
    if (!held) return value;
    const known = this.#plain.get(value.name);
    if (known) return known;
    const made =
      held.kind === "weight" ? this.#plainWeight(held, value.shape) : this.#plainImages(this.blocked(value));
    this.#plain.set(value.name, made);
    return made;
  }

  /** The tensor [N, C, H, W] in blocked memory; C must be a multiple of the block. */
  blocked(value: Value): Value {
    const held = this.held(value);
    if (held?.kind === "blocked") return held.value;
    if (held?.kind === "pending") return this.#settle(value, held.make(held.finish));
    if (held?.kind === "phases") return this.#settle(value, this.#join(held.parts, held.stride, value));
    const known = this.#blocked.get(value.name);
    if (known) return known;
    const made = held?.kind === "repeatable" ? conv(this.g, held.call) : reorderInput(this.g, value);
    this.#blocked.set(value.name, made);
    return made;
  }

  /** The tensor's memory as what it is, [N, C/b, H, W, b]. */
  view(value: Value): Value {
    const [n, c, h, w] = value.shape;
    return this.g.reshape(this.blocked(value), [n, c / this.block, h, w, this.block]);
  }

  /** The inverse of {@link view}. */
  fromView = (view: Value): Value => {
    const [n, c, h, w, b] = view.shape;
    return this.holdBlocked(this.g.reshape(view, [n, c * b, h, w]));
  };

  /** A vector [C] as it broadcasts over views. */
  perChannel = (vector: Value): Value =>
    this.g.reshape(vector, [1, vector.shape[0] / this.block, 1, 1, this.block]);

  #settle(value: Value, made: Value): Value {
    const held = this.held(value);
    const isRectified = this.isRectified(value);
    const sameSums = held?.kind === "phases" ? held.sameSums : undefined;
    this.#held.set(value.name, { kind: "blocked", value: made, isRectified, sameSums });
    return made;
  }

  /** ReorderOutput knows float32 alone; masks take a transposition. */
  #plainImages(blocked: Value): Value {
    if (blocked.dtype === "float32") return reorderOutput(this.g, blocked);
    const [n, c, h, w] = blocked.shape;
    const view = this.g.reshape(blocked, [n, c / this.block, h, w, this.block]);
    return this.g.reshape(this.g.transpose(view, [0, 1, 4, 2, 3]), blocked.shape);
  }

  #plainWeight({ by, value }: Held & { kind: "weight" }, shape: readonly number[]): Value {
    const { g, block: b } = this;
    const [co, ci, kh, kw] = shape;
    if (by === "taps") return g.reshape(g.transpose(value, [2, 1, 0]), shape);
    const view = g.reshape(value, [co / b, ci / b, kh * kw, b, b]);
    return g.reshape(g.transpose(view, [0, 4, 1, 3, 2]), shape);
  }

  /** Pixels of the phases side by side, first within rows, then row by row. */
  #join(
    parts: readonly (Value | null)[],
    [rows, columns]: readonly [number, number],
    whole: ValueType,
  ): Value {
    const { g, block: b } = this;
    const [n, c, h, w] = whole.shape;
    const [height, width] = [h / rows, w / columns];
    const pixels = n * (c / b) * height;
    const zero = () => g.full([pixels, width, b], 0, whole.dtype);
    const joined = Array.from({ length: rows }, (_, r) => {
      const row = parts.slice(r * columns, (r + 1) * columns);
      const side = row.map((part) => (part ? g.reshape(part, [pixels, width, b]) : zero()));
      return g.reshape(g.concat(side, 2), [pixels, 1, w * b]);
    });
    return g.reshape(g.concat(joined, 1), whole.shape);
  }
}
