/** What a training says of the model that it made, for the file beside it. */
import { type HeldOut, type ImageSource, classCounts, sampleCount } from "../data/index.ts";
import { definitionName } from "../options/index.ts";
import { sizeOf } from "../tensor/index.ts";
import { isAligned, methods } from "../align/index.ts";
import type { FitResult } from "./fit.ts";
import type { FitSettings } from "./resolve-fit-options.ts";
import { version } from "./version.ts";
import type { TrainingRecord } from "./sidecar/describe.ts";
import { testScores } from "./sidecar/test-scores.ts";

/** What the training was started with, as far as `fit` does not know it. */
export interface TrainingOrigin {
  /** A backbone or an architecture by name, or the name of a file. */
  readonly from: string;
  /** The backbone's, where it is known. */
  readonly licence?: string;
  /** As "linear", or "100 units". */
  readonly head?: string;
  readonly heldOut: HeldOut | null;
}

export function trainingRecord(
  { model, trained, kept, calibration, validated, manifest }: FitResult,
  data: ImageSource,
  { from, licence, head, heldOut }: TrainingOrigin,
): TrainingRecord {
  const settings = manifest.config as unknown as FitSettings & {
    readonly transforms: { readonly name: string; readonly members: readonly unknown[] } | null;
  };
  const method = typeof settings.method === "string" ? methods[settings.method] : settings.method;
  const { isRegularized = false, views } = method;
  const { transforms } = settings;
  const { initializers } = model.graph;
  const counts = classCounts(data);
  return {
    validation: kept && {
      epoch: kept.epoch,
      ...kept.validation,
      scores: validated && testScores(validated),
    },
    calibration,
    training: {
      alignreg: version,
      from,
      licence,
      head,
      data: {
        name: data.name,
        sha256: data.hash,
        images: sampleCount(data),
        classes: data.classNames.map((name, i) => [name, counts[i]] as const),
      },
      heldOut: heldOut && {
        of: heldOut.images,
        validation: heldOut.validation.length,
        test: heldOut.test.length,
      },
      method: definitionName(settings.method),
      regularizer: isRegularized ? definitionName(settings.regularizer) : null,
      alignmentWeight: isAligned({ isRegularized, views }) ? settings.alignmentWeight : null,
      transforms: transforms && { name: transforms.name, views: transforms.members.length },
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      optimizer: definitionName(settings.optimizer),
      learningRate: settings.learningRate,
      seed: settings.seed,
      trainedParameters: trained.reduce((sum, name) => {
        const value = initializers.get(name);
        return sum + (value ? sizeOf(value.shape) : 0);
      }, 0),
    },
  };
}
