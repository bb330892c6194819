import type { RuleEntry } from "../autodiff/index.ts";
import type { Objective } from "../align/index.ts";
import type { Classifier } from "../models/index.ts";
import type { Shape } from "../tensor/index.ts";
import type { CriticPlan } from "./critic-plan.ts";
import type { Optimizer } from "./optimizer.ts";
import type { ParameterLayout } from "./parameter-layout.ts";

/** Everything that shapes a step, apart from the batch. */
export interface StepPlan {
  readonly classifier: Classifier;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly layout: ParameterLayout;
  /** Channels in a block of the blocked lowering; left out for the plain one. */
  readonly block?: number;
  /** "webgpu" for operators that this provider has and computes rightly. */
  readonly target?: "webgpu";
  /** Running variances of BatchNormalization nodes that keep their statistics (default: none do). */
  readonly frozenStatistics?: ReadonlySet<string>;
  /** Initializers that steps change without a gradient: running statistics. */
  readonly buffers: readonly { readonly name: string; readonly shape: Shape }[];
  /** Largest global l2 norm of the gradient; null for no clipping. */
  readonly clipNorm: number | null;
  /** Classes of the data, of which the model must tell at least as many apart; left out, it is not checked. */
  readonly classes?: number;
  /** One image, [C, H, W]. */
  readonly imageShape: Shape;
  /** Images per sample that a step is fed: 1, 2 (clean and drawn view), or the size of the family. */
  readonly viewsPerSample: number;
  /** What the objective's regularizer trains beside the model; null for one without. */
  readonly critic: CriticPlan | null;
  /** A user's gradient rules, by operator, before ours. */
  readonly ownRules?: ReadonlyMap<string, RuleEntry>;
  /** Whether training takes its values from the selection pass where that is exact (default: it does). */
  readonly reusesSelection?: boolean;
  /** Leaves operators that we know nothing of in the form that states their shapes: to be counted, not run. */
  readonly isCounted?: boolean;
}
