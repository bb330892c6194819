import { type GraphBuilder, ModelError, type Value } from "../../onnx/index.ts";
import { shown } from "../../options/index.ts";
import type { CallArguments, LayerConfig } from "../model-layer.ts";
import type { WeightLayout } from "../weight-layout.ts";

export type { LayerConfig };

/** Whose layers they are; in a few settings they differ. */
export type Dialect = "keras" | "tfjs";

/** What a converter is given besides the values. */
export interface LayerContext {
  readonly g: GraphBuilder;
  /** The layer's name, for its main node. */
  readonly name: string;
  readonly config: LayerConfig;
  readonly trainable: boolean;
  /** A weight's numbers, for what is a constant here; undefined where the layer has none. */
  readonly numbersOf: (role: string) => Float32Array | undefined;
  readonly call?: CallArguments;
  /** The weight of that name, e.g. "kernel", in a layout of the graph; null where the layer has none. */
  readonly weight: (role: string, layout?: WeightLayout) => Value | null;
}

/** What is asked before anything is built. */
export interface LayerFacts {
  readonly dialect: Dialect;
  readonly config: LayerConfig;
  /** As Keras has them: batch first (null), channels last. */
  readonly inputShapes: readonly (readonly (number | null)[])[];
  readonly call?: CallArguments;
}

/**
 * How one kind of layer becomes nodes. Values are channels first ([N, C, …]) where Keras has them channels
 * last ([N, …, C]); vectors [N, K] are the same in both.
 */
export interface LayerConverter {
  /** A sentence for each reason why this layer cannot be converted (default: none). */
  readonly problems?: (facts: LayerFacts) => string[];
  /** It gives several values, of which a call's `part` names one. */
  readonly hasParts?: true;
  readonly convert: (context: LayerContext, inputs: readonly Value[]) => Value;
}

/** A setting that is a word. @throws ModelError for anything else */
export function text(config: LayerConfig, key: string): string {
  const value = config[key];
  return typeof value === "string" ? value : wrongSetting(key, value, "a word");
}

/** A setting that is a number. @throws ModelError for anything else */
export function number(config: LayerConfig, key: string): number {
  const value = config[key];
  return Number.isFinite(value) ? (value as number) : wrongSetting(key, value, "a number");
}

/**
 * A setting that is a list of numbers, one for each axis, say.
 *
 * @param count  how many there are (default: any number)
 * @throws ModelError for anything else
 */
export function numbers(config: LayerConfig, key: string, count?: number): readonly number[] {
  const value = config[key];
  const isList = Array.isArray(value) && value.every(Number.isFinite);
  if (isList && (count === undefined || value.length === count)) return value as number[];
  return wrongSetting(key, value, count === undefined ? "a list of numbers" : `a list of ${count} numbers`);
}

/** A setting that is one number, or a list of them. @throws ModelError for anything else */
export const oneOrMore = (config: LayerConfig, key: string): readonly number[] =>
  Array.isArray(config[key]) ? numbers(config, key) : [number(config, key)];

/** A setting that is a shape, of which some lengths may be open. @throws ModelError for anything else */
export function lengths(config: LayerConfig, key: string): readonly (number | null)[] {
  const value = config[key];
  const isShape = Array.isArray(value) && value.every((n) => n === null || Number.isInteger(n));
  return isShape ? (value as (number | null)[]) : wrongSetting(key, value, "a list of lengths");
}

function wrongSetting(key: string, value: unknown, needed: string): never {
  throw new ModelError(
    `its ${key} must be ${needed}, not ${shown(value)}. The file is damaged: save the model anew.`,
  );
}

/** [N, C, …] -> [N, …, C]. */
export const channelsLast = (g: GraphBuilder, x: Value): Value =>
  g.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1].slice(0, x.shape.length));

/** [N, …, C] -> [N, C, …]. */
export const channelsFirst = (g: GraphBuilder, x: Value): Value => {
  const last = x.shape.length - 1;
  return g.transpose(x, last < 2 ? [0, 1] : [0, last, ...x.shape.slice(2).map((_, i) => i + 1)]);
};

/** Where an axis of a channels-last value of that rank is in the channels-first one. Negative axes count from the end. */
export function channelsFirstAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive === 0 || rank < 3) return positive;
  return positive === rank - 1 ? 1 : positive + 1;
}

/** Where each axis of a channels-last value of that rank comes from, for the channels-first one. */
export const channelsFirstOrder = (rank: number): number[] =>
  rank < 3 ? [0, 1].slice(0, rank) : [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/** A new shape for each image; the batch, whatever its size, stays. */
export const reshapeEach = (g: GraphBuilder, x: Value, shape: readonly number[]): Value =>
  g.op1("Reshape", [x, g.ints([0, ...shape])]);
