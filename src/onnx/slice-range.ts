import { ShapeError, normalizeAxis } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import { type InferenceNode, constantNumbers, required } from "./infer/rule.ts";

/** What Slice takes of one axis: `length` elements, `start`, `start + step`, …; all inside the axis. */
export interface SlicedAxis {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Slice's starts, ends, axes and steps (opset 10 form, all constant) with negative and out-of-range ones resolved. */
export function slicedAxes(node: InferenceNode): SlicedAxis[] {
  const { shape } = required(node, 0);
  const starts = constantNumbers(node, 1) ?? [];
  const ends = constantNumbers(node, 2) ?? [];
  const axes = constantNumbers(node, 3) ?? starts.map((_, i) => i);
  const steps = constantNumbers(node, 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length)) {
    throw new ShapeError(
      `${describeNode(node)} has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes, ${steps.length} steps; ` +
        `it needs as many of each.`,
    );
  }
  return axes.map((given, i) => {
    const axis = normalizeAxis(given, shape.length);
    const size = shape[axis];
    const step = steps[i];
    if (step === 0) throw new ShapeError(`${describeNode(node)} has step 0 on axis ${axis}.`);
    const resolve = (index: number) => (index < 0 ? index + size : index);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (index: number) => Math.min(Math.max(index, low), high);
    const start = step > 0 ? clamp(resolve(starts[i])) : Math.max(clamp(resolve(starts[i])), 0);
    const end = clamp(resolve(ends[i]));
    return { axis, start, step, length: Math.max(0, Math.ceil((end - start) / step)) };
  });
}
