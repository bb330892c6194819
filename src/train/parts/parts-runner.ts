import { type Session, type SessionOptions, createSession } from "../../runtime/index.ts";
import { type Tensor, float32, numbersOf, sizeOf } from "../../tensor/index.ts";
import { drawMask } from "../dropout-mask.ts";
import type { RunState } from "../run-state.ts";
import type { StepGraph } from "../step-graph.ts";
import type { StepPlan } from "../step-plan.ts";
import { stepNames } from "../step-names.ts";
import { type StepInputs, type StepMeasures, criticFeeds, drawnStep } from "../step-runner.ts";
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
import { type RowPart, evenParts, filledParts } from "./row-parts.ts";

/** Rows of images that the model goes over at once. */
export interface PartSizes {
  /** Where views are chosen, without a gradient. */
  readonly selection: number;
  /** Where the gradient is computed. */
  readonly gradient: number;
}

/**
 * Runs steps in parts: the same steps as a {@link StepRunner}'s, but for rounding, in a bounded amount of memory. Where
 * BatchNormalization trains they are others: it normalises each part by itself, and running statistics move by the mean of the
 * parts'.
 */
export class PartsRunner {
  readonly #plan: StepPlan;
  readonly #sizes: PartSizes;
  readonly #options: SessionOptions;
  readonly #widths: Widths;
  readonly #objectives = new Map<number, ObjectiveGraph>();
  #batchSize = 0;
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
    // Sessions of other sizes would keep their memory.
    if (trainsStatistics(this.#plan) && batchSize !== this.#batchSize) await this.release();
    this.#batchSize = batchSize;
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
      const part = { name: "selection", parts: filledParts(all.length, rows), of: all };
      const graph = (count: number) => plain(selectionGraph(this.#plan, count));
      feeds[partNames.z] = (await this.#forward(part, graph, model, inputs)).z;
    }
    const trained = async (): Promise<readonly number[]> => {
      if (!objective.choice) return all;
      const choice = await this.#run(`choice ${batchSize}`, () => plain(objective.choice!), feeds);
      return numbersOf(choice[partNames.rows]);
    };
    let statistics: Readonly<Record<string, Tensor>> = {};
    if (modesDiffer && objective.passes.has("training")) {
      const of = (await trained()).slice(0, objective.passes.get("training"));
      const part = { name: "training", parts: this.#gradientParts(of.length, batchSize), of };
      const made = await this.#forward(part, (count) => trainingGraph(this.#plan, count), model, inputs);
      feeds[partNames.trainingZ] = made.z;
      ({ statistics } = made);
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
    return this.#finish(state, { ...loss, ...statistics }, update);
  }

  /** Not found for steps in parts. */
  originOfNonFinite(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Parts of rows that train: where BatchNormalization does too, none is filled up with copies. */
  #gradientParts(count: number, batchSize: number): readonly RowPart[] {
    const { gradient } = this.#sizes;
    return trainsStatistics(this.#plan)
      ? evenParts(count, count / batchSize, gradient)
      : filledParts(count, gradient);
  }

  /** z of the images at the rows `of`, a part at a time, and the mean of the running statistics that the parts leave. */
  async #forward(
    { name, parts, of }: { name: string; parts: readonly RowPart[]; of: readonly number[] },
    graph: (rows: number) => StepGraph,
    model: Readonly<Record<string, Tensor>>,
    inputs: StepInputs,
  ): Promise<{ readonly z: Tensor; readonly statistics: Readonly<Record<string, Tensor>> }> {
    const width = this.#widths.logits + this.#widths.aligned;
    const z = float32([of.length, width]);
    const statistics: Record<string, Tensor & { readonly data: Float32Array }> = {};
    for (const part of parts) {
      const { places, rows } = part;
      const images = this.#images(inputs, pick(of, places), rows);
      const feeds = { ...model, [stepNames.images]: images };
      const made = await this.#run(
        `${name} ${rows}`,
        () => graph(rows),
        feeds,
        {},
        (mask) => this.#sliced(mask, inputs, of.length, part),
      );
      for (const [output, { shape, data }] of Object.entries(made)) {
        const values = data as Float32Array;
        if (output === partNames.z) {
          places.forEach((place, i) =>
            z.data.set(values.subarray(i * width, (i + 1) * width), place * width),
          );
        } else {
          const mean = (statistics[output] ??= float32(shape));
          values.forEach((value, i) => (mean.data[i] += (places.length / of.length) * value));
        }
      }
    }
    return { z, statistics };
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
    const width = this.#widths.logits + this.#widths.aligned;
    for (const [mode, count] of passes) {
      const dz = loss[partNames.gradientOf(mode)].data as Float32Array;
      // The preset's pass in training mode goes over the clean images, which come first.
      const of = chosen.slice(0, count);
      for (const part of this.#gradientParts(of.length, inputs.labels.length)) {
        const { places, rows } = part;
        // Rows that fill up the last part have no gradient, and so add nothing.
        const partDz = float32([rows, width]);
        places.forEach((place, i) =>
          partDz.data.set(dz.subarray(place * width, (place + 1) * width), i * width),
        );
        const feeds = {
          ...model,
          ...sums,
          [stepNames.images]: this.#images(inputs, pick(of, places), rows),
          [partNames.gradientOf(mode)]: partDz,
        };
        const results = Object.fromEntries(
          Object.entries(spare).map(([name, tensor]) => [stepNames.next(name), tensor]),
        );
        await this.#run(
          `gradient ${mode} ${rows}`,
          () => gradientGraph(this.#plan, rows, mode),
          feeds,
          results,
          (mask) => this.#sliced(mask, inputs, of.length, part),
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
    // What a critic has become is made with the objective, and running statistics are with the parts that train.
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
    inputs: StepInputs,
    all: number,
    { places, rows }: RowPart,
  ): Tensor {
    const row = shape.slice(1);
    const whole =
      this.#masks.get(name) ??
      (drawMask({ name, shape: [all, ...row], ratio }, inputs.seed, drawnStep(inputs)).data as Float32Array);
    this.#masks.set(name, whole);
    const size = sizeOf(row);
    const data = new Float32Array(rows * size);
    places.forEach((place, i) => data.set(whole.subarray(place * size, (place + 1) * size), i * size));
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

const pick = (of: readonly number[], places: readonly number[]): number[] => places.map((place) => of[place]);

/** Whether a row's gradient depends on the other rows of its part. */
export const trainsStatistics = ({ buffers }: StepPlan): boolean => buffers.length > 0;

const plain = (graph: StepGraph["graph"]): StepGraph => ({ graph, masks: [] });
