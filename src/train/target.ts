/** Plans for a runtime other than the one that every step runs on. */
import { blocksPay, kernelMemories } from "../lower/index.ts";
import { upgradeGraph } from "../onnx/index.ts";
import { separateLayout, withMemories } from "./parameter-layout.ts";
import type { StepPlan } from "./step-plan.ts";

/** For the WebGPU provider, whose shaders bind ten tensors at most: each parameter in one of its own. */
export const forWebgpu = (plan: StepPlan): StepPlan => ({
  ...plan,
  target: "webgpu",
  layout: separateLayout(plan.layout),
});

/** In blocks of so many channels where that pays; the plan as it is elsewhere, and for null. */
export function withBlocks(plan: StepPlan, block: number | null): StepPlan {
  if (block === null) return plan;
  const graph = upgradeGraph(plan.classifier.graph);
  if (!blocksPay(graph, block)) return plan;
  return { ...plan, block, layout: withMemories(plan.layout, kernelMemories(graph, block)) };
}
