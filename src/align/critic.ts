import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Random, Shape } from "../tensor/index.ts";

/** A parameter of a critic, and how it starts. */
export interface CriticParameter {
  readonly name: string;
  readonly shape: Shape;
  /** Initial values in reading order. */
  initial(rng: Random): Float32Array;
}

/** A small network that learns to tell the representations of clean images from those of their views. */
export interface Critic {
  /** Updates of the critic for each of the model. */
  readonly steps: number;
  /** Of its own Adam optimizer. */
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** For representations of `features` numbers. */
  parameters(features: number): readonly CriticParameter[];
  /**
   * What the critic minimises.
   *
   * @param z, zView  representations, [N, K], without a gradient to the model
   * @param mix       uniform numbers in [0, 1) drawn for this update, [N, 1]
   * @returns         a scalar
   */
  loss(g: GraphBuilder, parameters: readonly Value[], z: Value, zView: Value, mix: Value): Value;
  /** A parameter as it may be after an update; null where any will do. */
  constrain: ((g: GraphBuilder, parameter: Value) => Value) | null;
}
