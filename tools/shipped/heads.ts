/** Trains heads on kept features and tests them: how far their probabilities and their stability can be trusted. */
import {
  type Classifier,
  type Dataset,
  type FitOptions,
  evaluate,
  familyFromSpec,
  fit,
  split,
  withNewHead,
} from "../../src/index.ts";
import { type Method, type Shift, settings, training } from "./plan.ts";
import type { Head } from "./record.ts";

export interface Place {
  readonly backbone: Classifier;
  readonly train: Dataset;
  readonly test: Dataset;
  /** Of features. */
  readonly cache: string;
}

const quiet = { onNote: () => undefined };

/** A classifier as `alignreg train` makes one: validated on what its seed sets aside, with a temperature. */
export async function trainedHead(
  place: Place,
  shift: Shift,
  method: Method,
  seed: number,
  unfreezing: Pick<FitOptions, "unfreeze" | "unfreezeEpochs"> = {},
): Promise<Classifier> {
  const { train, validation } = split(place.train, settings.validation, seed);
  const model = withNewHead(place.backbone, { classNames: train.classNames, seed });
  const transforms = familyFromSpec(shift);
  const options = {
    ...training,
    ...quiet,
    method,
    transforms,
    validation,
    cache: place.cache,
    seed,
    ...unfreezing,
  };
  return (await fit(model, train, options)).model;
}

export async function testedHead(place: Place, shift: Shift, method: Method, seed: number): Promise<Head> {
  const model = await trainedHead(place, shift, method, seed);
  const options = { ...quiet, transforms: familyFromSpec(shift), cache: place.cache };
  const { cleanAccuracy, robustAccuracy, calibration, stability } = await evaluate(
    model,
    place.test,
    options,
  );
  return {
    ...{ shift, method, seed },
    clean: cleanAccuracy.value,
    robust: robustAccuracy.value,
    calibration,
    stability: stability!,
  };
}
