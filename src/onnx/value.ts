import type { DType, Shape, Tensor } from "../tensor/index.ts";
import type { Attributes } from "./attribute.ts";

/** A value in a graph under construction: its name, element type and static shape. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Its contents, where they are known before the graph runs. */
  readonly constant?: Tensor;
  /** The tensors of a sequence, which is no value that a graph can hold. */
  readonly parts?: readonly Value[];
}

/** A node whose inputs and outputs are typed values; a null input is an omitted optional one. */
export interface TypedNode {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** What inference says of one output. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}
