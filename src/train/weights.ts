import { type Tensor, float32 } from "../tensor/index.ts";
import { unpack } from "./parameter-layout.ts";
import type { StepPlan } from "./step-plan.ts";
import { stepNames } from "./step-names.ts";

/** Trained weights and moved statistics by initializer name, copied out of a run's state by the names of the step's inputs. */
export function weightsOf(
  { layout, buffers }: StepPlan,
  state: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const flats = layout.slots.map((_, i) => state.get(stepNames.slot(i))!.data as Float32Array);
  const weights = unpack(layout, flats);
  for (const { name, shape } of buffers) {
    const { data } = state.get(stepNames.buffer(name))!;
    weights.set(name, float32(shape, (data as Float32Array).slice()));
  }
  return weights;
}
