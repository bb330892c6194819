import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Definable, Definition } from "../options/index.ts";

/** One update rule, as graph nodes. Every operation is elementwise, so it takes parameters of any shape. */
export interface Optimizer extends Definition<"optimizer"> {
  /** In words, with the convention of its weight decay where it has one. */
  readonly title: string;
  /** How many tensors of the parameter's shape it keeps between steps; all start at zero. */
  readonly stateCount: number;
  /** How much it shrinks parameters; 0: not. */
  readonly weightDecay: number;
  /**
   * Scalars fed at each step, by name; the names are the same at every step.
   *
   * @param step          1 for the first
   * @param learningRate  of this step
   */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** The parameter and the state after the step, of the same shapes. */
  update(g: GraphBuilder, inputs: UpdateInputs): { parameter: Value; state: readonly Value[] };
}

/** What `defineOptimizer` takes: an optimizer, whose members with defaults may be left out. */
export type OptimizerDefinition = Pick<Optimizer, "update"> &
  Partial<Pick<Optimizer, "title" | "stateCount" | "weightDecay" | "scalars">> &
  Definable<"optimizer">;

export interface UpdateInputs {
  readonly parameter: Value;
  readonly gradient: Value;
  readonly state: readonly Value[];
  /** Weight decay leaves it alone. */
  readonly isSpared?: boolean;
  /** The fed scalars by name. */
  readonly scalar: Readonly<Record<string, Value>>;
}
