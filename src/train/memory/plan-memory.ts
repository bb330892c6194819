/** How a step is run so that it fits into memory: whole, without values kept from the choice, or in parts. */
import { z } from "zod";
import { sizeOf } from "../../tensor/index.ts";
import { evaluationForm } from "../evaluation-form.ts";
import {
  gradientGraph,
  objectiveGraph,
  selectionGraph,
  trainingGraph,
  widthsOf,
} from "../parts/parts-graphs.ts";
import { evenParts } from "../parts/row-parts.ts";
import { buildStepGraph } from "../step-graph.ts";
import type { StepPlan } from "../step-plan.ts";
import { trainsStatistics } from "../parts/parts-runner.ts";
import { keepsImagesApart } from "../step-model.ts";
import { peakBytes } from "./peak-bytes.ts";

/**
 * Above this, values kept from the choice cost more memory than they save time: EfficientNet-Lite0 with 13 views, batch 4,
 * takes 3.2 GB and 1.04 s with them, 0.8 GB and 1.17 s without (bench/step-memory.ts).
 */
const MOST_KEPT = 2 ** 30;

/** As checkpoints hold it: a resumed run must not choose another form, or its bits would differ. */
export const stepFormSchema = z.object({
  reusesSelection: z.boolean(),
  /** Rows that the model goes over at once; null for all. */
  parts: z
    .object({ selection: z.number().int().positive(), gradient: z.number().int().positive() })
    .nullable(),
});

/** The form that a step is run in. */
export type StepForm = z.infer<typeof stepFormSchema>;

export interface MemoryPlan {
  readonly form: StepForm;
  /** What a step takes, expected: values, and the state's two copies. */
  readonly bytes: number;
  /** What it would take whole. */
  readonly wholeBytes: number;
  /** Why it is not split although it should be; null where it fits. */
  readonly refusal: string | null;
  /** Images by whose statistics BatchNormalization normalises where that is not the whole batch; else null. */
  readonly normalizedBy: number | null;
}

/**
 * @param given      the step, as its target runs it
 * @param batchSize  samples of the largest step
 * @param limit      bytes that a step may take
 * @param mayNormalizeParts  whether a part may be normalised by its own statistics where BatchNormalization trains
 */
export function planMemory(
  given: StepPlan,
  batchSize: number,
  limit: number,
  mayNormalizeParts = false,
): MemoryPlan {
  const plan = { ...given, isCounted: true };
  const state = stateBytes(plan);
  const bytesOf = (changed: StepPlan): number => state + peakBytes(buildStepGraph(changed, batchSize).graph);
  const wholeBytes = bytesOf(plan);
  const whole = (reusesSelection: boolean, bytes: number, refusal: string | null = null): MemoryPlan => ({
    form: { reusesSelection, parts: null },
    bytes,
    wholeBytes,
    refusal,
    normalizedBy: null,
  });
  if (wholeBytes <= Math.min(limit, MOST_KEPT)) return whole(true, wholeBytes);
  const withoutReuse = bytesOf({ ...plan, reusesSelection: false });
  if (withoutReuse <= limit) return whole(withoutReuse === wholeBytes, withoutReuse);
  const refusal = splitRefusal(plan, mayNormalizeParts);
  if (refusal !== null) return whole(false, withoutReuse, refusal);

  const widths = widthsOf(plan);
  const objective = objectiveGraph(plan, batchSize, widths);
  // The whole batch's z and its gradient, and the sums of the gradients twice.
  const fixed = 2 * state + peakBytes(objective.graph);
  const rows = Math.max(...objective.passes.values());
  const isNormalized = trainsStatistics(plan);
  // Even parts have two sizes, each with graphs of its own.
  const graphs = isNormalized ? 2 : 1;
  const gradientBytes = (part: number): number =>
    graphs *
    (Math.max(
      ...[...objective.passes.keys()].map((mode) => peakBytes(gradientGraph(plan, part, mode).graph)),
    ) +
      (widths.modesDiffer ? peakBytes(trainingGraph(plan, part).graph) : 0));
  const gradient = largestPart(rows, (part) => fixed + 2 * gradientBytes(part) <= limit);
  const left = limit - fixed - gradientBytes(gradient);
  const views = batchSize * plan.viewsPerSample;
  const selectionBytes = (part: number): number => peakBytes(selectionGraph(plan, part));
  const selection = largestPart(views, (part) => selectionBytes(part) <= left);
  const bytes = fixed + gradientBytes(gradient) + selectionBytes(selection);
  return {
    form: { reusesSelection: false, parts: { selection, gradient } },
    bytes,
    wholeBytes,
    refusal: null,
    normalizedBy: isNormalized
      ? Math.min(...evenParts(rows, rows / batchSize, gradient).map((part) => part.rows))
      : null,
  };
}

/** The largest power of two up to `rows` that fits; 1 where none does. */
function largestPart(rows: number, fits: (part: number) => boolean): number {
  let part = 2 ** Math.floor(Math.log2(rows));
  while (part > 1 && !fits(part)) part /= 2;
  return part;
}

/** What the state is written into, and the copies that the runtime hands back. */
function stateBytes({ layout, optimizer, buffers, critic }: StepPlan): number {
  const slots = layout.slots.reduce((sum, { size }) => sum + size, 0) * (1 + optimizer.stateCount);
  const statistics = buffers.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const ofCritic = critic ? critic.initial.length * (1 + critic.optimizer.stateCount) : 0;
  return 2 * 4 * (slots + statistics + ofCritic);
}

/** Why the rows of a step cannot go one after the other; null where they can. */
function splitRefusal(plan: StepPlan, mayNormalizeParts: boolean): string | null {
  if (plan.target === "webgpu") return "on WebGPU a step runs whole";
  const { graph, input, channelsLast } = plan.classifier;
  const [channels, ...spatial] = plan.imageShape;
  const image = channelsLast ? [...spatial, channels] : plan.imageShape;
  // Masks are drawn for all rows at once, and so dropout keeps them apart.
  const withoutDropout = evaluationForm(graph, input).nodes.map((node) =>
    node.opType === "Dropout"
      ? { ...node, opType: "Identity", inputs: node.inputs.slice(0, 1), attributes: {} }
      : node,
  );
  const rest = { ...graph, nodes: withoutDropout };
  if (keepsImagesApart(plan, image, rest)) return null;
  const running = new Set([...(plan.frozenStatistics ?? []), ...plan.buffers.map(({ name }) => name)]);
  if (!keepsImagesApart({ ...plan, frozenStatistics: running }, image, rest))
    return "a layer mixes the images of a batch";
  // Its views are evaluated by statistics that the clean images have moved, all of them.
  if (plan.objective.terms !== "mean")
    return "BatchNormalization trains, by an objective of two modes (compat)";
  return mayNormalizeParts
    ? null
    : "BatchNormalization trains (parts, --parts, lets each part be normalised by itself)";
}
