/** Steps in which an optimizer with usual rates hardly moves weights from where they begin. */
const fewSteps = 30;

/** Whether training is too short to be of use. */
export function fewStepsDoubts(run: { readonly epochs: number; readonly stepsPerEpoch: number }): string[] {
  const { epochs, stepsPerEpoch } = run;
  const steps = epochs * stepsPerEpoch;
  if (steps >= fewSteps) return [];
  return [
    `Training is ${steps} step${steps === 1 ? "" : "s"} in all (${epochs} epoch${epochs === 1 ? "" : "s"} of ` +
      `${stepsPerEpoch}), in which weights hardly move. Give more epochs, a smaller batch size or more images.`,
  ];
}
