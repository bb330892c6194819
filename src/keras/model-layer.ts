/** A model as a list of calls of layers, whoever read it: TensorFlow.js, or we out of a file of Keras'. */
import type { Value } from "../onnx/index.ts";
import type { Shape } from "../tensor/index.ts";

/** A layer's settings, in TensorFlow.js's spelling of the keys (camelCase). */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** A layer's weight, in the model's own order of axes. */
export interface LayerWeight {
  /** Of the initializer that will stand for it: no other weight of the model has it. */
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** A regularizer or a constraint of a layer. */
export interface LayerTerm {
  readonly className: string;
  readonly config: LayerConfig;
}

export interface ModelLayer {
  readonly name: string;
  readonly className: string;
  readonly config: LayerConfig;
  /** Whether its weights train; that of the models around it counts. */
  readonly trainable: boolean;
  /** Its weights by their role, e.g. "kernel". */
  readonly weights: ReadonlyMap<string, LayerWeight>;
  /** Its regularizers and constraints by the names of its settings. */
  readonly terms: ReadonlyMap<string, LayerTerm>;
}

/** What stands for a value among the arguments of a call. */
export interface InputReference {
  /** Position among the call's inputs. */
  readonly input: number;
}

/** One use of a layer. Values are numbered; a layer that is used twice has two calls. */
export interface LayerCall {
  readonly layer: ModelLayer;
  readonly inputs: readonly number[];
  readonly output: number;
  /** With the batch (null) first and channels last, where they are known before anything is built. */
  readonly inputShapes?: readonly (readonly (number | null)[])[];
  readonly call?: CallArguments;
}

/** How a file calls a layer; for operations, which have no settings, and layers whose inputs have names. */
export interface CallArguments {
  /** As the file has them; {@link InputReference}s stand for values. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Which of the values that it gives is wanted. */
  readonly part: number;
}

/** The calls in an order in which they can run. Value 0 is the model's input. */
export interface LayeredModel {
  readonly name: string;
  /** [H, W, C]. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly calls: readonly LayerCall[];
  readonly output: number;
}

/** Whether an argument of a call is one of its inputs. */
export const isInput = (argument: unknown): argument is InputReference =>
  typeof argument === "object" && argument !== null && Object.hasOwn(argument, "input");

/** How often each layer is called. Not by name, which two nested models may each have given. */
export function usesOf(calls: readonly LayerCall[]): Map<ModelLayer, number> {
  const uses = new Map<ModelLayer, number>();
  for (const { layer } of calls) uses.set(layer, (uses.get(layer) ?? 0) + 1);
  return uses;
}

/** A value's shape as Keras has it: the batch (null) first, channels last. */
export const kerasShape = ({ shape }: Value): (number | null)[] =>
  shape.length < 3 ? [null, ...shape.slice(1)] : [null, ...shape.slice(2), shape[1]];
