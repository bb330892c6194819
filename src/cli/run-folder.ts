import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { CARD_NAME, originsIn, sidecarName } from "../api/index.ts";
import { checkPlaces } from "../artifacts/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkFolder } from "./output-path.ts";
import { recordOf, runOptionsFile } from "./run-record.ts";

/** Where a training run writes. */
export class RunFolder {
  readonly model: string;
  /** What the model's metadata say, for JavaScript. */
  readonly sidecar: string;
  /** What it is, how good, and how it is run, for people. */
  readonly card: string;
  readonly weights: string;
  readonly metrics: string;
  readonly manifest: string;
  /** Only while the run is unfinished. */
  readonly checkpoint: string;
  /** The run's options, as long. */
  readonly options: string;
  #isBegun = false;

  constructor(readonly path: string) {
    this.model = join(path, "model.onnx");
    this.sidecar = join(path, sidecarName("model.onnx"));
    this.card = join(path, CARD_NAME);
    this.weights = join(path, "weights.safetensors");
    this.metrics = join(path, "metrics.jsonl");
    this.manifest = join(path, "manifest.json");
    this.checkpoint = join(path, "checkpoint.onnx");
    this.options = join(path, "options.json");
  }

  /**
   * "unfinished": there is a checkpoint to go on from. "begun": there is none yet; what an earlier run left may still be
   * there. "finished": there are results. "model": a model that no run of ours left there. "free": nothing that a run would
   * destroy.
   */
  state(): "free" | "unfinished" | "begun" | "finished" | "model" {
    if (existsSync(this.checkpoint)) return "unfinished";
    if (existsSync(this.options)) return "begun";
    if (!existsSync(this.model)) return originsIn(this.path).length > 0 ? "model" : "free";
    return existsSync(this.manifest) ? "finished" : "model";
  }

  /**
   * Checks that a run may write here.
   *
   * @throws UsageError when the folder cannot be written, or holds what `choice` does not allow to touch
   */
  async check(choice: { resume: boolean; overwrite: boolean }): Promise<void> {
    await checkFolder(this.path);
    const state = this.state();
    const isFree = state === "free" || (state === "begun" && this.#models().length === 0);
    if (isFree && !choice.overwrite) this.#checkNoStrangers();
    if (choice.overwrite || isFree || (choice.resume && state !== "model")) return this.#checkFiles();
    const found = {
      unfinished: "an unfinished run (checkpoint.onnx); go on with --resume",
      begun: `a run that is to replace ${this.#models().join(" and ")}; go on with --resume`,
      finished: "a finished run (model.onnx)",
      model: `${this.#models().join(" and ")} without the manifest.json of a run`,
      free: "",
    };
    throw new UsageError(
      `${this.path} already holds ${found[state]}. Start over with --overwrite, or choose another --out.`,
    );
  }

  /** @throws UsageError when something that is no file lies where one is to be written */
  #checkFiles(): void {
    checkPlaces([
      ...[this.checkpoint, this.options, this.metrics, this.weights],
      ...[this.sidecar, this.card, this.model, this.manifest],
    ]);
  }

  /** @throws UsageError for files of the names that lie beside a model, where there is none: they are somebody else's */
  #checkNoStrangers(): void {
    const there = [this.sidecar, this.card].filter((path) => existsSync(path)).map((path) => basename(path));
    if (there.length === 0) return;
    throw new UsageError(
      `${this.path} already holds ${there.join(" and ")}, which the run would replace, and no model. Choose another --out, or replace ` +
        `${there.length === 1 ? "it" : "them"} with --overwrite.`,
    );
  }

  /** The model's files that are there, by name: model.onnx, and beside it the form that the model came in. */
  #models(): string[] {
    return [...(existsSync(this.model) ? [this.model] : []), ...originsIn(this.path)].map((path) =>
      basename(path),
    );
  }

  /** What a finished run has written. */
  written(): string[] {
    return [
      ...[this.model, this.sidecar, this.card, ...originsIn(this.path)],
      ...[this.weights, this.metrics, this.manifest],
    ];
  }

  /**
   * Notes the run's options. The results of an earlier run stay until those of this one take their place, its checkpoint
   * does not.
   *
   * @param isResumed  whether there may be a checkpoint to go on from
   * @throws WriteError
   */
  async begin(flags: object, isResumed: boolean): Promise<void> {
    this.#isBegun = !existsSync(this.options);
    await runOptionsFile.write(this.options, recordOf(flags));
    if (!isResumed) rmSync(this.checkpoint, { force: true });
  }

  /** Says that the run is finished: there is nothing to go on with. */
  finish(): void {
    // In this order: without options it would be gone on with by the manifest's, without a checkpoint from the start.
    rmSync(this.options, { force: true });
    rmSync(this.checkpoint, { force: true });
  }

  /** Takes back what a run that failed before its first checkpoint has begun. */
  discardIfUnused(): void {
    if (this.#isBegun && !existsSync(this.checkpoint)) rmSync(this.options, { force: true });
  }
}
