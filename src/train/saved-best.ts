import { type Tensor, shapesEqual } from "../tensor/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { CheckpointError } from "./errors.ts";
import type { RunState } from "./run-state.ts";
import type { StepPlan } from "./step-plan.ts";
import { type ValidationPlan, bestEpoch } from "./validation.ts";
import { weightsOf } from "./weights.ts";

/**
 * The weights of the best epoch so far, as the checkpoint holds them; null before the first epoch's end.
 *
 * @throws CheckpointError when they are not those of the plan
 */
export function savedBest(
  { position, best }: Checkpoint,
  plan: StepPlan,
  state: RunState,
  validation: Pick<ValidationPlan<unknown>, "keep" | "by"> | null,
): ReadonlyMap<string, Tensor> | null {
  if (validation?.keep !== "best" || !bestEpoch(position.history, validation.by)) return null;
  for (const [name, { shape }] of weightsOf(plan, state.tensors)) {
    const saved = best?.get(name);
    if (saved?.dtype === "float32" && shapesEqual(saved.shape, shape)) continue;
    throw new CheckpointError(
      `The checkpoint holds ${saved ? `${saved.dtype} [${saved.shape}]` : "nothing"} for "${name}" of the best epoch; ` +
        `this run needs float32 [${shape}].`,
      "Delete the checkpoint to start over.",
    );
  }
  return best;
}
