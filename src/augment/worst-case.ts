import { ShapeError } from "../tensor/index.ts";

/**
 * For each sample the member with the greatest loss: a*(x) = argmax over A of CE(f(a(x)), y), the paper's
 * definition. Ties go to the lower index, so the identity wins them. NaN counts as the greatest of all, so that
 * a diverged model shows instead of being passed over.
 *
 * @param losses  [A, N], member-major
 * @returns       [N], member indices
 */
export function worstCasePerSample(losses: Float32Array, members: number, samples: number): Int32Array {
  checkLosses(losses, members, samples);
  return Int32Array.from({ length: samples }, (_, sample) =>
    indexOfGreatest(members, (member) => losses[member * samples + sample]),
  );
}

/**
 * The one member whose mean loss over the batch is greatest, as the authors' Python package selects. Ties and
 * NaN as in {@link worstCasePerSample}.
 *
 * @param losses  [A, N], member-major
 */
export function worstCasePerBatch(losses: Float32Array, members: number, samples: number): number {
  checkLosses(losses, members, samples);
  const means = Array.from({ length: members }, (_, member) => {
    let sum = 0;
    for (let sample = 0; sample < samples; sample++) sum += losses[member * samples + sample];
    return sum / samples;
  });
  return indexOfGreatest(members, (member) => means[member]);
}

function indexOfGreatest(count: number, valueAt: (index: number) => number): number {
  let greatest = 0;
  for (let index = 1; index < count; index++) {
    const value = valueAt(index);
    const best = valueAt(greatest);
    if (value > best || (Number.isNaN(value) && !Number.isNaN(best))) greatest = index;
  }
  return greatest;
}

function checkLosses(losses: Float32Array, members: number, samples: number): void {
  if (members < 1 || samples < 1 || losses.length !== members * samples) {
    throw new ShapeError(
      `Expected losses [${members} members, ${samples} samples], at least one of each; ` +
        `the array has ${losses.length} values. Pass one loss per member and sample, member-major.`,
    );
  }
}
