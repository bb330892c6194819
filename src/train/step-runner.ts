import { type Session, type SessionOptions, createSession } from "../runtime/index.ts";
import { type Tensor, float32, random } from "../tensor/index.ts";
import { drawMask } from "./dropout-mask.ts";
import { originOfNonFinite } from "./non-finite-origin.ts";
import type { RunState } from "./run-state.ts";
import { type StepGraph, type StepMeasure, buildStepGraph } from "./step-graph.ts";
import type { StepPlan } from "./step-plan.ts";
import { stepNames } from "./step-names.ts";

/** What one step is fed besides the state. */
export interface StepInputs {
  readonly images: Float32Array;
  readonly labels: BigInt64Array;
  readonly alignmentWeight: number;
  /** The optimizer's scalars by name. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Seed and step number: they alone decide the dropout masks, with the steps of the stages before. */
  readonly seed: number;
  readonly step: number;
  /** Steps of the run's stages before this one: what is drawn goes on from there (default: 0). */
  readonly stepsBefore?: number;
}

/** The number by which a step draws. */
export const drawnStep = ({ step, stepsBefore = 0 }: Pick<StepInputs, "step" | "stepsBefore">): number =>
  stepsBefore + step;

export type StepMeasures = Partial<Record<StepMeasure, number>>;

/**
 * Runs steps on ONNX Runtime. Graphs fix their batch size, so a last partial batch has a session of its own; one
 * session is live at a time, as idle ones keep threads that steal the cores.
 */
export class StepRunner {
  readonly #plan: StepPlan;
  readonly #options: SessionOptions;
  readonly #graphs = new Map<number, StepGraph>();
  #live: { batchSize: number; session: Session } | null = null;

  constructor(plan: StepPlan, options: SessionOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** One step. The state is advanced only when all measures are finite; they are returned either way. */
  async run(state: RunState, inputs: StepInputs): Promise<StepMeasures> {
    const batchSize = inputs.labels.length;
    const feeds = this.#feeds(state, inputs);
    const session = await this.#session(batchSize);
    const wanted = new Set(session.inputNames);
    const outputs = await session.run(
      Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))),
      state.results(),
    );
    const measures: Record<string, number> = {};
    for (const [name, value] of Object.entries(outputs)) {
      if (!name.startsWith("next:")) measures[name] = Number(value.data[0]);
    }
    if (Object.values(measures).every(Number.isFinite)) state.advance();
    return measures;
  }

  /**
   * Where the first number that is not finite comes from in a step that made some: a few words that name a node of the
   * model; undefined where none does.
   */
  originOfNonFinite(state: RunState, inputs: StepInputs): Promise<string | undefined> {
    return originOfNonFinite(this.#graph(inputs.labels.length).graph, this.#feeds(state, inputs));
  }

  #feeds(state: RunState, inputs: StepInputs): Record<string, Tensor> {
    const batchSize = inputs.labels.length;
    const { masks } = this.#graph(batchSize);
    const { viewsPerSample, imageShape } = this.#plan;
    const feeds: Record<string, Tensor> = {
      ...state.feeds(),
      [stepNames.images]: float32([batchSize * viewsPerSample, ...imageShape], inputs.images),
      [stepNames.labels]: { dtype: "int64", shape: [batchSize], data: inputs.labels },
      [stepNames.alignmentWeight]: float32([], [inputs.alignmentWeight]),
    };
    for (const [name, value] of Object.entries(inputs.scalars))
      feeds[stepNames.scalar(name)] = float32([], [value]);
    Object.assign(feeds, criticFeeds(this.#plan, batchSize, inputs));
    for (const mask of masks) feeds[mask.name] = drawMask(mask, inputs.seed, drawnStep(inputs));
    return feeds;
  }

  async release(): Promise<void> {
    await this.#live?.session.release();
    this.#live = null;
  }

  #graph(batchSize: number): StepGraph {
    const known = this.#graphs.get(batchSize) ?? buildStepGraph(this.#plan, batchSize);
    this.#graphs.set(batchSize, known);
    return known;
  }

  async #session(batchSize: number): Promise<Session> {
    if (this.#live?.batchSize !== batchSize) {
      await this.release();
      this.#live = { batchSize, session: await createSession(this.#graph(batchSize).graph, this.#options) };
    }
    return this.#live.session;
  }
}

/** The scalars and random mixes of the critic's updates within this step. */
export function criticFeeds(
  { critic: plan }: StepPlan,
  batchSize: number,
  inputs: Pick<StepInputs, "seed" | "step" | "stepsBefore">,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  const { seed, step } = inputs;
  if (!plan) return feeds;
  const { steps, learningRate } = plan.critic;
  for (let update = 0; update < steps; update++) {
    const scalars = plan.optimizer.scalars(step * steps + update + 1, learningRate);
    for (const [name, value] of Object.entries(scalars))
      feeds[stepNames.criticScalar(update, name)] = float32([], [value]);
    const rng = random(seed, "critic mix", drawnStep(inputs), update);
    feeds[stepNames.criticMix(update)] = float32(
      [batchSize, 1],
      Float32Array.from({ length: batchSize }, () => rng.uniform()),
    );
  }
  return feeds;
}
