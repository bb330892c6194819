import { checkLimit } from "../options/index.ts";
import type { SessionOptions } from "../runtime/index.ts";
import { type Tensor, UsageError, sizeOf } from "../tensor/index.ts";
import type { BatchSource } from "./batch-source.ts";
import { type RunIdentity, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { blockSize } from "./block-size.ts";
import { DivergedError } from "./errors.ts";
import { type MemoryPlan, type StepForm, planMemory } from "./memory/plan-memory.ts";
import { MetricSums, type MetricsLine } from "./metrics.ts";
import { PartsRunner } from "./parts/parts-runner.ts";
import { RunState } from "./run-state.ts";
import { savedBest } from "./saved-best.ts";
import type { Schedule } from "./schedule.ts";
import { type StepMeasure } from "./step-graph.ts";
import type { StepPlan } from "./step-plan.ts";
import { type StepInputs, StepRunner } from "./step-runner.ts";
import { forWebgpu, withBlocks } from "./target.ts";
import {
  type ValidatedEpoch,
  type ValidationPlan,
  type ValidationScores,
  bestEpoch,
  isOutOfPatience,
} from "./validation.ts";
import { weightsOf } from "./weights.ts";

/** A training run, all choices made. */
export interface TrainingJob {
  readonly plan: StepPlan;
  readonly source: BatchSource;
  /** Labels of the samples at the given indices, [B]. */
  readonly labelsAt: (indices: Uint32Array) => BigInt64Array;
  /** A permutation of the samples for each epoch, from 0. */
  readonly orderOf: (epoch: number) => Uint32Array;
  readonly sampleCount: number;
  /** Images without a label that steps draw beside the samples, by an order of their own. */
  readonly unlabelled?: {
    readonly count: number;
    /** For each sample of a step. */
    readonly ratio: number;
    /** Where the one of a rank in pass `round` over them stands, as `orderOf` has samples. */
    readonly orderOf: (round: number) => Uint32Array;
  };
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly learningRate: number;
  readonly learningRateSchedule: Schedule;
  readonly alignmentWeight: number;
  readonly alignmentWeightSchedule: Schedule;
  readonly session: SessionOptions;
  /** "auto" takes the blocked lowering where it pays and the machine has it. */
  readonly lowering: "auto" | "plain";
  /** Where to save the run's state, and how often; null keeps none. */
  readonly checkpoint: {
    readonly path: string;
    readonly everySeconds: number;
    readonly identity: RunIdentity;
  } | null;
  /** Go on from the checkpoint if there is one. */
  readonly resume: boolean;
  /** Bytes that a step may take; more, and it goes in parts where it can. */
  readonly memory: number;
  /** Whether a step also goes in parts where BatchNormalization trains, which then normalises each by itself. */
  readonly mayNormalizeParts: boolean;
  /** Called once before the first step with what a step takes, expected. */
  readonly onMemory?: (plan: MemoryPlan) => void;
  /** What is done at the end of each epoch, if anything. */
  readonly validation: ValidationPlan<ReadonlyMap<string, Tensor>> | null;
  /** Where the run has several stages, each a job of its own: which one it is, and what those around it do. */
  readonly stage?: TrainingStage;
  /** A "step" line is written every so many steps. */
  readonly stepsPerLine: number;
  /** Stops the run between two steps: its reason is thrown. */
  readonly signal?: AbortSignal;
  /**
   * Called, and waited for, once before the first step: with the number of steps that earlier parts of the run have done,
   * and the lines of metrics that these wrote.
   */
  readonly onStart?: (step: number, history: readonly MetricsLine[]) => unknown;
  readonly onMetrics?: (line: MetricsLine) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** A stage of a run. Steps, epochs and lines of metrics are counted through all of them; the optimizer begins anew in each. */
export interface TrainingStage {
  /** From 0. */
  readonly index: number;
  /** What the stages before it did. */
  readonly before: StageLengths;
  readonly history: readonly MetricsLine[];
  /** Weights of the best epoch of those stages, where they are kept. */
  readonly best: ReadonlyMap<string, Tensor> | null;
  /** What the stages after it are to do. */
  readonly after: StageLengths;
}

export interface StageLengths {
  readonly steps: number;
  readonly epochs: number;
}

const onlyStage: TrainingStage = {
  index: 0,
  before: { steps: 0, epochs: 0 },
  history: [],
  best: null,
  after: { steps: 0, epochs: 0 },
};

/** The state of a run after a step, for a progress bar. */
export interface TrainingProgress {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  /** There may be fewer, where the run is validated. */
  readonly epochs: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  /** Since this process began. */
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** Of the last epoch that has ended. */
  readonly validation?: ValidationScores;
}

/** What each measure is called in messages. */
const measureTitles: Readonly<Record<StepMeasure, string>> = {
  loss: "loss",
  cleanLoss: "loss of the clean images",
  viewLoss: "loss of the views",
  alignment: "alignment term",
  correct: "count of correct predictions",
  spread: "spread of the logits of images without a label",
  gradientNorm: "norm of the gradient",
  criticLoss: "loss of the critic",
};

export interface TrainingResult {
  /** Trained weights and moved statistics by initializer name: of the epoch that is kept. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Those weights, where they are kept for being of the best epoch. */
  readonly best: ReadonlyMap<string, Tensor> | null;
  /** The epoch that is kept, where the run is validated, and its scores. */
  readonly kept: ValidatedEpoch | null;
  /** Steps of this stage: fewer than planned where it ran out of patience. */
  readonly steps: number;
  /** Those of this stage and of all before it. */
  readonly done: StageLengths;
  /** Bytes that a step may take, as they were when the run began. */
  readonly memory: number;
  /** Channels in a block of the lowering that was used; null for the plain one. */
  readonly block: number | null;
  readonly form: StepForm;
  /** Of the whole run, the parts before a resume included. */
  readonly history: readonly MetricsLine[];
}

export const stepsPerEpoch = (sampleCount: number, batchSize: number): number =>
  Math.ceil(sampleCount / batchSize);

/**
 * Runs the job to its end. A run that was killed and resumed ends in the same bits as one that was not.
 *
 * @throws DivergedError when the loss is not finite, CheckpointError when the checkpoint is of another run; the
 *         signal's reason
 */
export async function train(job: TrainingJob): Promise<TrainingResult> {
  const { checkpoint, sampleCount, batchSize, validation } = job;
  const target = await targeted(job);
  const perEpoch = stepsPerEpoch(sampleCount, batchSize);
  const totalSteps = perEpoch * job.epochs;
  const stage = job.stage ?? onlyStage;
  const found = checkpoint && job.resume ? readCheckpoint(checkpoint.path, checkpoint.identity) : null;
  const saved = found && (found.position.stage ?? 0) === stage.index ? found : null;
  const before = saved?.position.before ?? stage.before;
  const memory = saved?.position.memory ?? job.memory;
  const form = saved?.position.form ?? formOf(job, target);
  const plan = { ...target, reusesSelection: form.reusesSelection };
  const state = saved ? RunState.restored(plan, saved.tensors) : RunState.initial(plan);
  let window = new MetricSums(saved?.position.windowSums);
  let epochSums = new MetricSums(saved?.position.epochSums);
  const firstStep = saved?.position.step ?? 0;
  const history: MetricsLine[] = [...(saved?.position.history ?? stage.history)];
  let best = saved
    ? savedBest(saved, plan, state, validation)
    : stage.best && new Map([...weightsOf(plan, state.tensors), ...stage.best]);
  const ofStage = () => history.filter(({ epoch }) => epoch > before.epochs);
  const isOver = () => validation !== null && isOutOfPatience(ofStage(), validation);
  await job.onStart?.(before.steps + firstStep, [...history]);

  const runner = form.parts
    ? new PartsRunner(plan, form.parts, job.session)
    : new StepRunner(plan, job.session);
  const batches = batchesOf(job, perEpoch, before);
  const startedAt = performance.now();
  let savedAt = startedAt;
  let samplesDone = 0;
  const report = (
    kind: MetricsLine["kind"],
    step: number,
    sums: MetricSums,
    scores?: ValidationScores | null,
  ) => {
    const epoch = before.epochs + Math.ceil(step / perEpoch);
    const { learningRate } = rates(job, step - 1, before);
    const line = {
      kind,
      step: before.steps + step,
      epoch,
      learningRate,
      ...sums.means(),
      ...(scores && { validation: scores }),
    };
    history.push(line);
    job.onMetrics?.(line);
  };

  const diverged = async (step: number, what: string, value: number, inputs: StepInputs) => {
    // A gradient that is not finite shows in the first step's weights, and so in the second step's loss.
    const origin = step <= 1 ? await runner.originOfNonFinite(RunState.initial(plan), inputs) : undefined;
    return new DivergedError({
      what,
      value,
      step: before.steps + step + 1,
      ...rates(job, step, before),
      origin,
    });
  };
  const broken = state.firstNonFinite(plan);
  if (broken) {
    throw new UsageError(
      `The tensor "${broken.name}" is to be trained and holds ${broken.value} already. Leave it out of what trains ` +
        `(trainable), or repair the model.`,
    );
  }

  let stepsDone = firstStep;
  try {
    while (stepsDone < totalSteps && !(stepsDone % perEpoch === 0 && isOver())) {
      const step = stepsDone;
      job.signal?.throwIfAborted();
      const inputs = await batches.inputsOf(step);
      if (step + 1 < totalSteps) batches.readAhead(step + 1);
      const measures = await runner.run(state, inputs);
      const infinite = Object.entries(measures).find(([, value]) => !Number.isFinite(value));
      if (infinite)
        throw await diverged(step, measureTitles[infinite[0] as StepMeasure], infinite[1], inputs);

      const samples = inputs.labelled;
      const done = step + 1;
      samplesDone += samples;
      window.add(measures, samples);
      epochSums.add(measures, samples);
      const { loss, accuracy } = epochSums.means();
      if ((before.steps + done) % job.stepsPerLine === 0) {
        report("step", done, window);
        window = new MetricSums();
      }
      const isEpochEnd = done % perEpoch === 0;
      const isSaved =
        checkpoint && (isEpochEnd || performance.now() - savedAt > 1000 * checkpoint.everySeconds);
      // A finite loss can leave infinite weights behind; they are neither saved nor returned.
      const lost = isEpochEnd || isSaved ? state.firstNonFinite(plan) : undefined;
      if (lost) {
        // The epoch's losses are told all the same: they show how it came to that.
        if (isEpochEnd) report("epoch", done, epochSums);
        throw await diverged(step, `weights ("${lost.name}")`, lost.value, inputs);
      }
      if (isEpochEnd) {
        const weights = validation && weightsOf(plan, state.tensors);
        const scores = weights && (await validation.scoresOf(weights));
        report("epoch", done, epochSums, scores);
        epochSums = new MetricSums();
        if (
          weights &&
          validation.keep === "best" &&
          bestEpoch(history, validation.by)?.epoch === before.epochs + done / perEpoch
        )
          best = weights;
      }
      const now = performance.now();
      job.onProgress?.({
        step: before.steps + done,
        totalSteps: before.steps + totalSteps + stage.after.steps,
        epoch: before.epochs + Math.ceil(done / perEpoch),
        epochs: before.epochs + job.epochs + stage.after.epochs,
        loss,
        accuracy,
        imagesPerSecond: (1000 * samplesDone) / (now - startedAt),
        secondsLeft: ((now - startedAt) / 1000 / (done - firstStep)) * (totalSteps - done),
        validation: history.findLast((line) => line.validation)?.validation,
      });
      if (isSaved) {
        const position = {
          ...{ step: done, windowSums: window.sums, epochSums: epochSums.sums, history, form },
          ...(job.stage && { stage: stage.index, before, memory }),
        };
        const now = { position, tensors: state.saved(plan), best };
        await writeCheckpoint(checkpoint.path, now, checkpoint.identity);
        savedAt = performance.now();
      }
      stepsDone = done;
    }
  } finally {
    await runner.release();
  }
  const last = history.findLast((line) => line.validation);
  const kept = best && validation ? bestEpoch(history, validation.by) : last;
  return {
    weights: best ?? weightsOf(plan, state.tensors),
    best,
    done: { steps: before.steps + stepsDone, epochs: before.epochs + stepsDone / perEpoch },
    memory,
    kept: kept?.validation ? { epoch: kept.epoch, validation: kept.validation } : null,
    steps: stepsDone,
    block: plan.block ?? null,
    form,
    history,
  };
}

/** The plan in the form of the runtime that is to run it. */
async function targeted({ plan, lowering, session }: TrainingJob): Promise<StepPlan> {
  if (session.executionProvider === "webgpu") return forWebgpu(plan);
  return lowering === "plain" ? plan : withBlocks(plan, await blockSize(session));
}

/** How steps are run in the memory that the job allows. */
function formOf(
  { memory, mayNormalizeParts, batchSize, sampleCount, unlabelled, onMemory }: TrainingJob,
  plan: StepPlan,
): StepForm {
  const samples = Math.min(batchSize, sampleCount);
  const found = planMemory(plan, samples + unlabelledBeside(samples, unlabelled), memory, mayNormalizeParts);
  onMemory?.(found);
  return found.form;
}

/** The rates that hold at a step of the stage, from 0. */
const rates = (job: TrainingJob, step: number, before: StageLengths) => ({
  learningRate: job.learningRate * job.learningRateSchedule(step),
  alignmentWeight: job.alignmentWeight * job.alignmentWeightSchedule(before.steps + step),
});

/** Images without a label beside so many with one; one at least where there are any. */
const unlabelledBeside = (samples: number, unlabelled: TrainingJob["unlabelled"]): number =>
  unlabelled ? Math.max(1, Math.round(samples * unlabelled.ratio)) : 0;

interface Batches {
  /** The inputs of a step, made from its number alone. The next call overwrites the images. */
  inputsOf(step: number): Promise<StepInputs & { readonly labelled: number }>;
  /** Has a step's images read while another runs: the files of a folder are decoded meanwhile. */
  readAhead(step: number): void;
}

/** @param before  the stages before: orders, drawn views and masks go on from there */
function batchesOf(job: TrainingJob, perEpoch: number, before: StageLengths): Batches {
  const { source, plan, batchSize, seed } = job;
  const rowSize = source.viewsPerSample * sizeOf(plan.imageShape);
  const samples = Math.min(batchSize, job.sampleCount);
  const rows = samples + unlabelledBeside(samples, job.unlabelled);
  checkLimit("arrayBytes", 4 * rows * rowSize, `A batch of ${rows} images with their views`);
  const buffer = new Float32Array(rows * rowSize);
  let round: { number: number; indices: Uint32Array } | null = null;
  let order: { epoch: number; indices: Uint32Array } | null = null;
  /** The samples of a step, and behind them those without a label, which go on where the last step's ended. */
  const indicesOf = (step: number): Uint32Array => {
    const own = labelledOf(step);
    const { unlabelled } = job;
    if (!unlabelled) return own;
    const beside = unlabelledBeside(own.length, unlabelled);
    const inEpoch = step % perEpoch;
    const epoch = before.epochs + Math.floor(step / perEpoch);
    const most = unlabelledBeside(samples, unlabelled);
    const last = unlabelledBeside(job.sampleCount - (perEpoch - 1) * batchSize, unlabelled);
    const start = epoch * ((perEpoch - 1) * most + last) + inEpoch * most;
    const others = Uint32Array.from({ length: beside }, (_, i) => {
      const number = Math.floor((start + i) / unlabelled.count);
      if (round?.number !== number) round = { number, indices: unlabelled.orderOf(number) };
      return round.indices[(start + i) % unlabelled.count];
    });
    return Uint32Array.from([...own, ...others]);
  };
  const labelledOf = (step: number): Uint32Array => {
    const epoch = Math.floor(step / perEpoch);
    if (order?.epoch !== epoch) order = { epoch, indices: job.orderOf(before.epochs + epoch) };
    const start = (step - epoch * perEpoch) * batchSize;
    return order.indices.subarray(start, start + batchSize);
  };
  return {
    async inputsOf(step) {
      const indices = indicesOf(step);
      const images = buffer.subarray(0, indices.length * rowSize);
      await source.fill(indices, before.steps + step, images);
      const { learningRate, alignmentWeight } = rates(job, step, before);
      return {
        images,
        labels: job.labelsAt(indices),
        labelled: labelledOf(step).length,
        alignmentWeight,
        scalars: plan.optimizer.scalars(step + 1, learningRate),
        seed,
        // Of this stage, as the optimizers' states are.
        step,
        stepsBefore: before.steps,
      };
    },
    readAhead: (step) => source.readAhead?.(indicesOf(step)),
  };
}
