import { type Tensor, float32, random, sizeOf } from "../tensor/index.ts";
import type { StepGraph } from "./step-graph.ts";

/** A dropout mask: 1/(1 − ratio) where a unit stays, 0 where it is dropped. */
export function drawMask(
  { name, shape, ratio }: StepGraph["masks"][number],
  seed: number,
  step: number,
): Tensor {
  const rng = random(seed, name, step);
  const kept = 1 / (1 - ratio);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (rng.uniform() < ratio ? 0 : kept)),
  );
}
