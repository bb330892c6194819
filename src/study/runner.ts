import { WriteError } from "../artifacts/index.ts";
import type { OnNote } from "../tensor/index.ts";
import { type Cell } from "./cell.ts";
import { type CellFailure, type CellState, scoresName } from "./cell-folder.ts";
import { type CellEnd, CellWorker } from "./cell-worker.ts";
import { familyNameOf } from "./family.ts";
import { type OverviewRow, type Unit, countUnits, overviewRows, unitsOf } from "./overview.ts";
import { Pace } from "./pace.ts";
import { type Arm, planOf } from "./plan.ts";
import { searchOf } from "./range-search.ts";
import type { CellJob, JobProgress, JobTimes } from "./run-cell.ts";
import { type Choice, type StudyState, settledChoice } from "./state.ts";
import type { PlacedStudy } from "./placed-study.ts";
import type { StudyFolder } from "./study-folder.ts";
import { type WorkItem, openWork } from "./work.ts";

export interface RunnerOptions {
  /** Cells trained at the same time, each in a process of its own. */
  readonly jobs: number;
  /** How often a failed cell is tried again in this run. */
  readonly retries: number;
  /** Seconds between checkpoints of a cell (default 15). */
  readonly checkpointSeconds?: number;
  /** For manifests. */
  readonly command: string;
  readonly onEvent?: (event: StudyEvent) => void;
  /** Hears of files of earlier runs that are damaged and made again, and of what could not be noted in a file. */
  readonly onNote?: OnNote;
  /** Stops the run: its processes end, and its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What happens in a run, for those who show it. */
export type StudyEvent =
  | { readonly kind: "started" | "progress"; readonly item: WorkItem }
  | { readonly kind: "done"; readonly item: WorkItem; readonly seconds: number }
  | {
      readonly kind: "failed";
      readonly item: WorkItem;
      readonly message: string;
      readonly isRetried: boolean;
    }
  /** What a cell noted, the first time that one did. */
  | { readonly kind: "note"; readonly item: WorkItem; readonly note: string }
  | { readonly kind: "chosen"; readonly choice: Choice };

/** A run's state at a moment. */
export interface StudyOverview {
  readonly rows: readonly OverviewRow[];
  readonly total: OverviewRow;
  /** Null while nothing is known of how long things take. */
  readonly secondsLeft: number | null;
  readonly running: readonly { readonly item: WorkItem; readonly progress: JobProgress | null }[];
}

/** Runs a study to its end, from wherever the folder's earlier runs have come. The folder must be open. */
export class StudyRunner {
  readonly #plan: readonly Arm[];
  readonly #cells: Map<string, CellState>;
  readonly #givenUp = new Set<string>();
  readonly #choices = new Map<string, Choice>();
  readonly #failures = new Map<string, number>();
  readonly #running = new Map<string, { item: WorkItem; progress: JobProgress | null; end: Promise<void> }>();
  readonly #workers: CellWorker[] = [];
  readonly #pace = new Pace();
  readonly #noted = new Set<string>();

  constructor(
    readonly placed: PlacedStudy,
    readonly folder: StudyFolder,
    readonly options: RunnerOptions,
  ) {
    this.#plan = planOf(placed.study);
    this.#cells = new Map();
    this.#load(this.#plan.flatMap(({ candidates }) => candidates.flatMap(({ cells }) => cells)));
    this.#load(this.#plan.flatMap((arm) => (arm.candidates.length > 0 ? [] : arm.cellsAt(arm.fixedLambda))));
    // What an earlier run has settled is not news.
    this.#choose();
  }

  /**
   * Resolves when nothing is left that can be done. Failed cells do not reject it: they show in the overview.
   *
   * @throws the signal's reason, once the cells' processes are gone
   */
  async run(): Promise<StudyOverview> {
    const { signal } = this.options;
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    signal?.addEventListener("abort", stop);
    try {
      await this.#mendConfigs();
      await this.#work(stopped);
      // Left by a run that did not come to clear it.
      for (const [id, { failure }] of this.#cells) {
        if (failure && !this.#givenUp.has(id)) this.folder.cell(id).clearFailure();
      }
      for (const worker of this.#workers) worker.stop();
    } catch (error) {
      await Promise.all(this.#workers.map((worker) => worker.end()));
      // What they told last is in the folder before it is given back.
      await Promise.all([...this.#running.values()].map(({ end }) => end));
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    return this.overview();
  }

  /** Of cells that are trained nobody else looks at them. */
  async #mendConfigs(): Promise<void> {
    const arms = this.#plan.map((arm) => [
      ...arm.candidates.flatMap(({ cells }) => cells),
      ...arm.cellsAt(this.#choices.get(arm.key)?.lambda ?? arm.fixedLambda),
    ]);
    for (const { id, config } of arms.flat()) {
      if (this.#cells.get(id)?.isTrained)
        await this.#unlessUnwritable(this.folder.cell(id).writeConfig(config));
    }
  }

  /** For what is of use only to those who look from outside: a full disk that has no room for it ends nothing. */
  async #unlessUnwritable(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      this.options.onNote?.(error.message);
    }
  }

  async #work(stopped: Promise<void>): Promise<void> {
    const { signal } = this.options;
    let isFirst = true;
    for (;;) {
      signal?.throwIfAborted();
      const choices = this.#choose();
      // In the order of the plan, whatever was settled first. Written before any work that follows from it.
      const all = this.#plan.flatMap(({ key }) => this.#choices.get(key) ?? []);
      if (isFirst || choices.length > 0) await this.folder.writeChoices(all);
      isFirst = false;
      for (const choice of choices) this.#tell({ kind: "chosen", choice });
      const open = openWork(this.#plan, this.#state()).filter(({ cell }) => !this.#running.has(cell.id));
      for (const item of open.slice(0, this.options.jobs - this.#running.size)) this.#start(item);
      if (this.#running.size === 0) return;
      // Taken before anything is awaited: by then the last may have ended, and a race of none has no end.
      const ends = [...this.#running.values()].map(({ end }) => end);
      const { secondsLeft } = this.overview();
      await this.#unlessUnwritable(
        this.folder.writeRunning({ cells: [...this.#running.keys()], secondsLeft }),
      );
      await Promise.race([...ends, stopped]);
    }
  }

  overview(): StudyOverview {
    const units = this.#units();
    return {
      rows: overviewRows(units),
      total: countUnits(units, null),
      secondsLeft: this.#pace.secondsLeft(units, this.options.jobs),
      running: [...this.#running.values()],
    };
  }

  /** Chooses λ wherever all candidates are settled; what was chosen now. */
  #choose(): Choice[] {
    const { lambda } = this.placed.study;
    if (lambda === null) return [];
    const open = this.#plan.filter(({ key, candidates }) => candidates.length > 0 && !this.#choices.has(key));
    return open.flatMap((arm) => {
      const choice = settledChoice(arm, this.#state(), lambda);
      if (choice === null) return [];
      this.#choices.set(arm.key, choice);
      if (choice.lambda !== null) this.#load(arm.cellsAt(choice.lambda));
      return choice;
    });
  }

  #start(item: WorkItem): void {
    const { cell } = item;
    const startedAt = performance.now();
    const running = { item, progress: null as JobProgress | null, end: Promise.resolve() };
    this.#running.set(cell.id, running);
    this.#tell({ kind: "started", item });
    const onProgress = (progress: JobProgress) => {
      running.progress = progress;
      this.#tell({ kind: "progress", item });
    };
    const onNote = (note: string) => {
      // Cells say the same of themselves with other numbers.
      const key = note.replaceAll(/[\d.,]+/g, "0");
      if (this.#noted.has(key)) return;
      this.#noted.add(key);
      this.#tell({ kind: "note", item, note });
    };
    running.end = this.#worker()
      .do(this.#job(item), { onProgress, onNote })
      .then((end) => this.#end(item, end, (performance.now() - startedAt) / 1000));
  }

  #worker(): CellWorker {
    const idle = this.#workers.find(({ isIdle }) => isIdle);
    if (idle) return idle;
    const worker = new CellWorker();
    this.#workers.push(worker);
    return worker;
  }

  async #end(item: WorkItem, end: CellEnd, seconds: number): Promise<void> {
    const { id } = item.cell;
    const folder = this.folder.cell(id);
    if (end.kind === "failed" && this.options.signal?.aborted) {
      // It was ended, and is gone on with by the next run.
      this.#running.delete(id);
      return;
    }
    const state = folder.read();
    const unmade = end.kind === "done" ? whatIsMissing(item, state) : null;
    const failure = end.kind === "failed" ? end : unmade && { message: unmade, stack: "" };
    if (failure) {
      await this.#record(id, failure);
      const failures = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, failures);
      if (failures > this.options.retries) this.#givenUp.add(id);
    } else {
      folder.clearFailure();
      if (end.kind === "done") this.#learn(item, end.result);
      this.#cells.set(id, { ...state, failure: null });
    }
    this.#running.delete(id);
    if (failure) {
      this.#tell({ kind: "failed", item, message: failure.message, isRetried: !this.#givenUp.has(id) });
    } else this.#tell({ kind: "done", item, seconds });
  }

  /** Notes a failure in the cell's folder; one that cannot be written to harms no other cell. */
  async #record(id: string, failure: Omit<CellFailure, "attempt">): Promise<void> {
    const folder = this.folder.cell(id);
    try {
      await folder.recordFailure(failure);
      this.#cells.set(id, folder.read());
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      this.options.onNote?.(error.message);
      this.#cells.set(id, { ...folder.read(), failure: { ...failure, attempt: 1 } });
    }
  }

  #job({ cell, evaluations }: WorkItem): CellJob {
    const { study, directory } = this.placed;
    return {
      cell,
      folder: this.folder.cell(cell.id).path,
      directory,
      evaluations: evaluations.map(({ part, family }) => ({
        part,
        family: [...study.families, ...(study.testFamilies ?? [])].find(
          (entry) => familyNameOf(entry) === family,
        )!,
      })),
      search: searchOf(study),
      augmentation: study.augmentation,
      checkpointSeconds: this.options.checkpointSeconds ?? 15,
      command: this.options.command,
    };
  }

  #learn({ arms: [arm] }: WorkItem, { trainingSeconds, evaluationSeconds }: JobTimes): void {
    const unit = { arm: arm.key, method: arm.column.method };
    if (trainingSeconds !== undefined) this.#pace.learn({ ...unit, kind: "training" }, trainingSeconds);
    for (const seconds of evaluationSeconds) this.#pace.learn({ ...unit, kind: "test" }, seconds);
  }

  #load(cells: readonly Cell[]): void {
    const ids = cells.map(({ id }) => id).filter((id) => !this.#cells.has(id));
    for (const [id, read] of this.folder.readCells(ids)) {
      // What was written is looked at once, before anything is made of it.
      const cut = read.isTrained ? this.folder.cell(id).trainingDamage() : [];
      [...read.damage, ...cut].forEach((what) => this.options.onNote?.(what));
      this.#cells.set(id, { ...read, isTrained: read.isTrained && cut.length === 0 });
    }
  }

  #state = (): StudyState => ({ cells: this.#cells, givenUp: this.#givenUp, choices: this.#choices });

  #units = (): Unit[] => unitsOf(this.#plan, this.#state(), new Set(this.#running.keys()));

  #tell = (event: StudyEvent): void => this.options.onEvent?.(event);
}

/** Why a job that ended well is not done; null when it is. Without this, what is damaged at once would be made for ever. */
function whatIsMissing({ evaluations }: WorkItem, { isTrained, scores, damage }: CellState): string | null {
  const isMade = evaluations.every(({ part, family }) => scores.has(scoresName(part, family)));
  return isTrained && isMade ? null : `Its files are not as they were written. ${damage.join(" ")}`.trim();
}
