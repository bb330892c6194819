/** A temperature from training to answers: fitted on the validation images, kept in the file, used and tested. */
import { expect, test } from "vitest";
import { data, greyLevels, options, smallNet } from "../../test/small-run.ts";
import { calibrationError, fitTemperature, predictMembers, withLabels } from "../evaluate/index.ts";
import { classifierFile, evaluate, fit, loadClassifier, predict } from "./index.ts";
import { openTestable } from "./open-testable.ts";
import { identity } from "../augment/index.ts";

const quiet = { onNote: () => undefined };
const validation = greyLevels(90, 2);
const { model, calibration, manifest } = await fit(smallNet(), data, {
  ...options,
  ...quiet,
  epochs: 6,
  learningRate: 0.01,
  validation,
});
const file = classifierFile(model);

test("it is that of the validation images by the weights that are kept", async () => {
  const opened = await openTestable(model, data.shape, {});
  const labelled = withLabels(validation, validation.labels, 3);
  const { logits } = await predictMembers(opened.predict, labelled, { members: [identity] });
  await opened.release();
  const fitted = fitTemperature(logits[0], validation.labels, 3) as { temperature: number };
  expect(calibration!.temperature).toBeCloseTo(fitted.temperature, 5);
  expect(calibration!.images).toBe(90);
  expect(calibration!.before).toBeCloseTo(calibrationError(logits, validation.labels, 3), 5);
  expect(model.temperature).toBe(calibration!.temperature);
  expect(manifest.config.calibration).toEqual(calibration);
});

test("it is in the file, and evaluate says what it does, clean and under shifts", async () => {
  expect((await loadClassifier(file)).temperature).toBe(model.temperature);
  const test = greyLevels(200, 3);
  const { calibration: scores, hardest } = await evaluate(file, test, {
    ...quiet,
    transforms: options.transforms,
    hardest: 200,
  });
  expect(scores.temperature).toBe(model.temperature);
  const one = await evaluate({ ...model, temperature: undefined }, test, {
    ...quiet,
    transforms: options.transforms,
  });
  expect(one.calibration).toMatchObject({
    temperature: null,
    clean: { after: null },
    shifted: { after: null },
  });
  expect(one.calibration.clean.before).toBeCloseTo(scores.clean.before, 6);
  expect(scores.clean.after).not.toBeCloseTo(scores.clean.before, 4);
  expect(scores.shifted.after).not.toBeCloseTo(scores.shifted.before, 4);
  // Confidences of a test's images are of the softmax itself.
  expect(hardest.clean).toHaveLength(200);
});

test("predict divides by it, and answers the same class", async () => {
  const pixels = { data: new Uint8ClampedArray(4 * 64).fill(130), width: 8, height: 8 };
  const [at, plain] = await Promise.all([
    predict(file, pixels, quiet),
    predict({ ...model, temperature: undefined }, pixels, quiet),
  ]);
  expect(at.classIndex).toBe(plain.classIndex);
  const powers = plain.probabilities.map((p) => p ** (1 / model.temperature!));
  const sum = powers.reduce((a, b) => a + b);
  at.probabilities.forEach((p, k) => expect(p).toBeCloseTo(powers[k] / sum, 6));
});

test("a few validation images give none, which is said; neither do trainings without, and the old one goes", async () => {
  const notes: string[] = [];
  const few = await fit(model, data, {
    ...options,
    validation: greyLevels(12, 4),
    onNote: (note) => notes.push(note),
  });
  expect([few.calibration, few.model.temperature]).toEqual([null, undefined]);
  expect(notes.join()).toMatch(/no temperature by the validation images: 12 images are too few/);
  const without = await fit(model, data, { ...options, ...quiet });
  expect([without.calibration, without.model.temperature]).toEqual([null, undefined]);
});
