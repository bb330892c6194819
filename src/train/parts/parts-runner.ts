import { type Session, type SessionOptions, createSession } from "../../runtime/index.ts";
import { type Tensor, float32, numbersOf, sizeOf } from "../../tensor/index.ts";
import { drawMask } from "../dropout-mask.ts";
import type { RunState } from "../run-state.ts";
import type { StepGraph } from "../step-graph.ts";
import type { StepPlan } from "../step-plan.ts";
import { stepNames } from "../step-names.ts";
import { type StepInputs, type StepMeasures, criticFeeds } from "../step-runner.ts";
import {
  type GradientMode,
  type ObjectiveGraph,
  type Widths,
  gradientGraph,
  objectiveGraph,
  partNames,
  selectionGraph,
  trainingGraph,
  updateGraph,
  widthsOf,
} from "./parts-graphs.ts";

/** Rows of images that the model goes over at once. */
export interface PartSizes {
  /** Where views are chosen, without a gradient. */
  readonly selection: number;
  /** Where the gradient is computed. */
  readonly gradient: number;
}

/** Runs steps in parts: the same steps as a {@link StepRunner}'s, but for rounding, in a bounded amount of memory. */
export class PartsRunner {
  readonly #plan: StepPlan;
  readonly #sizes: PartSizes;
  readonly #options: SessionOptions;
  readonly #widths: Widths;
  readonly #objectives = new Map<number, ObjectiveGraph>();
  /** Of the step at hand, by name: drawn once for all rows. */
  readonly #masks = new Map<string, Float32Array>();
  readonly #sessions = new Map<string, { readonly session: Session; readonly masks: StepGraph["masks"] }>();

  constructor(plan: StepPlan, sizes: PartSizes, options: SessionOptions) {
    this.#plan = plan;
    this.#sizes = sizes;
    this.#options = options;
    this.#widths = widthsOf(plan);
  }

  /** One step. The state is advanced only when all measures are finite; they are returned either way. */
  async run(state: RunState, inputs: StepInputs): Promise<StepMeasures> {
    this.#masks.clear();
    const batchSize = inputs.labels.length;
    const objective = this.#objective(batchSize);
    const model = state.feeds();
    const isChosen = this.#plan.objective.method.views === "worst-case";
    const all = Array.from({ length: batchSize * this.#plan.viewsPerSample }, (_, row) => row);
    const feeds: Record<string, Tensor> = {
      ...model,
      [stepNames.labels]: { dtype: "int64", shape: [batchSize], data: inputs.labels },
      [stepNames.alignmentWeight]: float32([], [inputs.alignmentWeight]),
      ...criticFeeds(this.#plan, batchSize, inputs),
    };
    const { modesDiffer } = this.#widths;
    if (isChosen || !modesDiffer) {
      const { selection: rows } = this.#sizes;
      const part = () => ({ graph: selectionGraph(this.#plan, rows), masks: [] });
      feeds[partNames.z] = await this.#forward("selection", part, { rows, of: all }, model, inputs);
    }
    const trained = async (): Promise<readonly number[]> => {
      if (!objective.choice) return all;
      const choice = await this.#run(`choice ${batchSize}`, () => plain(objective.choice!), feeds);
      return numbersOf(choice[partNames.rows]);
    };
    if (modesDiffer && objective.passes.has("training")) {
      const { gradient: rows } = this.#sizes;
      const of = (await trained()).slice(0, objective.passes.get("training"));
      const part = () => trainingGraph(this.#plan, rows);
      feeds[partNames.trainingZ] = await this.#forward("training", part, { rows, of }, model, inputs);
    }
    const loss = await this.#run(`objective ${batchSize}`, () => plain(objective.graph), feeds);
    const rows = loss[partNames.rows] ? numbersOf(loss[partNames.rows]) : all;
    const sums = await this.#gradients(objective, rows, loss, model, inputs);
    const scalars: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(inputs.scalars))
      scalars[stepNames.scalar(name)] = float32([], [value]);
    const update = await this.#run(
      "update",
      () => plain(updateGraph(this.#plan)),
      { ...feeds, ...scalars, ...sums },
      state.results(),
    );
    return this.#finish(state, loss, update);
  }

  /** Not found for steps in parts. */
  originOfNonFinite(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** z of the images at the rows `of`, so many at a time. */
  async #forward(
    name: string,
    part: () => StepGraph,
    { rows, of }: { rows: number; of: readonly number[] },
    model: Readonly<Record<string, Tensor>>,
    inputs: StepInputs,
  ): Promise<Tensor> {
    const width = this.#widths.logits + this.#widths.aligned;
    const z = float32([of.length, width]);
    for (let start = 0; start < of.length; start += rows) {
      const taken = of.slice(start, start + rows);
      const feeds = { ...model, [stepNames.images]: this.#images(inputs, taken, rows) };
      const made = await this.#run(name, part, feeds, {}, (mask) =>
        this.#sliced(mask, inputs, of.length, start, rows),
      );
      const values = made[partNames.z].data as Float32Array;
      z.data.set(values.subarray(0, taken.length * width), start * width);
    }
    return z;
  }

  /** The gradient by every slot, summed over the parts of all passes that have one. */
  async #gradients(
    { passes }: ObjectiveGraph,
    chosen: readonly number[],
    loss: Readonly<Record<string, Tensor>>,
    model: Readonly<Record<string, Tensor>>,
    inputs: StepInputs,
  ): Promise<Record<string, Tensor>> {
    const { layout } = this.#plan;
    const empty = () => layout.slots.map(({ size }, i) => [partNames.sum(i), float32([size])] as const);
    let [sums, spare] = [Object.fromEntries(empty()), Object.fromEntries(empty())];
    const { gradient: rows } = this.#sizes;
    const width = this.#widths.logits + this.#widths.aligned;
    for (const [mode, count] of passes) {
      const dz = loss[partNames.gradientOf(mode)].data as Float32Array;
      // The preset's pass in training mode goes over the clean images, which come first.
      const of = chosen.slice(0, count);
      const part = () => gradientGraph(this.#plan, rows, mode);
      for (let start = 0; start < of.length; start += rows) {
        const taken = of.slice(start, start + rows);
        // Rows that fill up the last part have no gradient, and so add nothing.
        const partDz = float32([rows, width]);
        partDz.data.set(dz.subarray(start * width, (start + taken.length) * width));
        const feeds = {
          ...model,
          ...sums,
          [stepNames.images]: this.#images(inputs, taken, rows),
          [partNames.gradientOf(mode)]: partDz,
        };
        const results = Object.fromEntries(
          Object.entries(spare).map(([name, tensor]) => [stepNames.next(name), tensor]),
        );
        await this.#run(`gradient ${mode}`, part, feeds, results, (mask) =>
          this.#sliced(mask, inputs, of.length, start, rows),
        );
        [sums, spare] = [spare, sums];
      }
    }
    return sums;
  }

  #finish(
    state: RunState,
    loss: Readonly<Record<string, Tensor>>,
    update: Readonly<Record<string, Tensor>>,
  ): StepMeasures {
    const measures: Record<string, number> = {};
    for (const [name, value] of [...Object.entries(loss), ...Object.entries(update)]) {
      if (!handedOn.has(name) && !name.startsWith("next:")) measures[name] = Number(value.data[0]);
    }
    const penalty = update[partNames.penalty];
    if (penalty) measures.loss += Number(penalty.data[0]);
    // What a critic has become is made with the objective.
    const results = state.results();
    for (const [name, value] of Object.entries(loss)) {
      if (name.startsWith("next:")) (results[name].data as Float32Array).set(value.data as Float32Array);
    }
    if (Object.values(measures).every(Number.isFinite)) state.advance();
    return measures;
  }

  /** The images at some rows of the step's; filled up with the first of them to a whole part. */
  #images({ images }: StepInputs, taken: readonly number[], rows: number): Tensor {
    const { imageShape } = this.#plan;
    const size = sizeOf(imageShape);
    const shape = [rows, ...imageShape];
    const [first] = taken;
    const isRun = taken.length === rows && taken.every((row, i) => row === first + i);
    if (isRun) return float32(shape, images.subarray(first * size, (first + rows) * size));
    const data = new Float32Array(rows * size);
    for (let i = 0; i < rows; i++) {
      const row = taken[i] ?? first;
      data.set(images.subarray(row * size, (row + 1) * size), i * size);
    }
    return float32(shape, data);
  }

  /** A part of the mask that is drawn for all rows at once: dropout does not depend on the parts. */
  #sliced(
    { name, shape, ratio }: StepGraph["masks"][number],
    { seed, step }: StepInputs,
    all: number,
    start: number,
    rows: number,
  ): Tensor {
    const row = shape.slice(1);
    const whole =
      this.#masks.get(name) ??
      (drawMask({ name, shape: [all, ...row], ratio }, seed, step).data as Float32Array);
    this.#masks.set(name, whole);
    const size = sizeOf(row);
    const data = new Float32Array(rows * size);
    data.set(whole.subarray(start * size, Math.min(all, start + rows) * size));
    return float32(shape, data);
  }

  async #run(
    name: string,
    part: () => StepGraph,
    feeds: Readonly<Record<string, Tensor>>,
    results: Readonly<Record<string, Tensor>> = {},
    maskOf: (mask: StepGraph["masks"][number]) => Tensor = () => float32([]),
  ): Promise<Record<string, Tensor>> {
    let known = this.#sessions.get(name);
    if (!known) {
      const { graph, masks } = part();
      known = { session: await createSession(graph, this.#options), masks };
      this.#sessions.set(name, known);
    }
    const { session, masks } = known;
    const given = { ...feeds, ...Object.fromEntries(masks.map((mask) => [mask.name, maskOf(mask)])) };
    const wanted = new Set(session.inputNames);
    const outputs = new Set(session.outputNames);
    const only = (tensors: Readonly<Record<string, Tensor>>, names: ReadonlySet<string>) =>
      Object.fromEntries(Object.entries(tensors).filter(([key]) => names.has(key)));
    return session.run(only(given, wanted), only(results, outputs));
  }

  #objective(batchSize: number): ObjectiveGraph {
    const known = this.#objectives.get(batchSize) ?? objectiveGraph(this.#plan, batchSize, this.#widths);
    this.#objectives.set(batchSize, known);
    return known;
  }

  async release(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }
}

/** What one graph of a step gives the next; all other scalars are measures. */
const handedOn = new Set<string>([
  partNames.rows,
  partNames.penalty,
  ...(["training", "terms"] satisfies GradientMode[]).map(partNames.gradientOf),
]);

const plain = (graph: StepGraph["graph"]): StepGraph => ({ graph, masks: [] });
