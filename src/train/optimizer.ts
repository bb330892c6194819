import type { GraphBuilder, Value } from "../onnx/index.ts";

/** One update rule, as graph nodes. Every operation is elementwise, so it takes parameters of any shape. */
export interface Optimizer {
  /** How many tensors of the parameter's shape it keeps between steps; all start at zero. */
  readonly stateCount: number;
  /** How much it shrinks parameters (default 0: not). */
  readonly weightDecay?: number;
  /**
   * Scalars fed at each step, by name.
   *
   * @param step          1 for the first
   * @param learningRate  of this step
   */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** The parameter and the state after the step. */
  update(g: GraphBuilder, inputs: UpdateInputs): { parameter: Value; state: Value[] };
}

export interface UpdateInputs {
  readonly parameter: Value;
  readonly gradient: Value;
  readonly state: readonly Value[];
  /** Weight decay leaves it alone. */
  readonly isSpared?: boolean;
  /** The fed scalars by name. */
  readonly scalar: Readonly<Record<string, Value>>;
}
