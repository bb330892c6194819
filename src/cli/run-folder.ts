import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { clearOrigins, originsIn } from "../api/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkFolder } from "./output-path.ts";

/** Where a training run writes. */
export class RunFolder {
  readonly model: string;
  readonly weights: string;
  readonly metrics: string;
  readonly manifest: string;
  /** Only while the run is unfinished. */
  readonly checkpoint: string;

  constructor(readonly path: string) {
    this.model = join(path, "model.onnx");
    this.weights = join(path, "weights.safetensors");
    this.metrics = join(path, "metrics.jsonl");
    this.manifest = join(path, "manifest.json");
    this.checkpoint = join(path, "checkpoint.onnx");
  }

  /**
   * "unfinished": there is a checkpoint to go on from. "finished": there are results. "model": a model that no run of
   * ours left there. "free": nothing that a run would destroy.
   */
  state(): "free" | "unfinished" | "finished" | "model" {
    if (existsSync(this.checkpoint)) return "unfinished";
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
    if (choice.overwrite || state === "free" || (choice.resume && state !== "model")) return;
    const found = {
      unfinished: "an unfinished run (checkpoint.onnx); go on with --resume",
      finished: "a finished run (model.onnx)",
      model: `${this.#models().join(" and ")} without the manifest.json of a run`,
    };
    throw new UsageError(
      `${this.path} already holds ${found[state]}. Start over with --overwrite, or choose another --out.`,
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
    return [this.model, ...originsIn(this.path), this.weights, this.metrics, this.manifest];
  }

  /** Removes the files of an earlier run; others stay. */
  clear(): void {
    for (const file of [this.checkpoint, this.model, this.weights, this.manifest, this.metrics])
      rmSync(file, { force: true });
    clearOrigins(this.path);
  }
}
