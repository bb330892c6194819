import type { CacheProgress } from "../features/index.ts";
import type { TrainingProgress } from "../train/index.ts";
import { count, duration, percent } from "./format.ts";
import type { Progress } from "./progress.ts";

/** Shows a training run; the end of each epoch is a milestone. */
export function showTraining(progress: Progress): (state: TrainingProgress) => void {
  return (state) => {
    const { step, totalSteps, epoch, epochs, loss, accuracy, imagesPerSecond, secondsLeft, validation } =
      state;
    const text = [
      `epoch ${epoch}/${epochs}`,
      `loss ${loss.toFixed(3)}`,
      `accuracy ${percent(accuracy)} %`,
      ...(validation
        ? [`validation ${percent(validation.clean)} % clean, ${percent(validation.robust)} % robust`]
        : []),
      `${count(imagesPerSecond)} images/s`,
      step < totalSteps ? `${duration(secondsLeft)} left` : "done",
    ].join("  ");
    progress.update(step, totalSteps, text, (step * epochs) % totalSteps === 0);
  };
}

/** Shows how the cache of features is filled. */
export function showCaching(progress: Progress): (state: CacheProgress) => void {
  return ({ done, isKept, total }) =>
    progress.update(
      done,
      total,
      `frozen part of ${count(total)} views${isKept ? ", kept from before" : ""}`,
      done === total,
    );
}

/** Shows how the validation images are tested after an epoch, whose own line has the scores. */
export function showValidation(progress: Progress): (done: number, total: number) => void {
  return (done, total) => progress.update(done, total, `validation, ${count(total)} views`);
}

/** Shows a test: predicting, then scoring, which keeps the thread busy and shows no steps of its own. */
export function showTest(progress: Progress): (done: number, total: number) => void {
  return (done, total) => {
    const text = done < total ? `testing ${count(total)} views` : "scoring";
    progress.update(done, total, text, done === total);
  };
}
