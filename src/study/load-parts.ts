import type { Loss, Method, MethodName, Regularizer, RegularizerName, LossName } from "../align/index.ts";
import { type Definitions, loadDefinition, loadGradients } from "../api/index.ts";
import { definitionSpecText, moduleOf } from "../options/index.ts";
import type { Optimizer, OptimizerName } from "../train/index.ts";
import { type OwnPart, type PartEntry, type PartKind, isOwn } from "./own-part.ts";

/**
 * Runs a module, and says what a study must know of what it defines.
 *
 * @param directory  of the study file
 * @throws UsageError for a module that cannot be used
 */
export async function readPart(kind: PartKind, entry: PartEntry, directory: string): Promise<OwnPart> {
  if (kind === "gradient") {
    await loadGradients(definitionSpecText(entry), directory);
    return { kind, entry, id: definitionSpecText(entry) };
  }
  const made = await loadDefinition(kind, entry, directory);
  return {
    ...{ kind, entry, id: made.name },
    ...(made.defines === "method" && { views: made.views, isRegularized: made.isRegularized }),
    ...(made.defines === "regularizer" && { letter: made.letter }),
  };
}

/** What the modules of a study's parts hold: SHA-256 by their paths. */
export async function partHashes(
  parts: readonly OwnPart[],
  directory: string,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const { kind, entry } of parts) {
    const [made] =
      kind === "gradient"
        ? await loadGradients(definitionSpecText(entry), directory)
        : [await loadDefinition(kind, entry, directory)];
    for (const sha256 of Object.values(made.modules ?? {})) hashes[moduleOf(entry).path] = sha256;
  }
  return hashes;
}

/** Parts as `fit` takes them: names as they are, definitions of modules. */
export interface FitParts {
  readonly method: MethodName | Method;
  readonly regularizer: RegularizerName | Regularizer | undefined;
  readonly loss: LossName | Loss | undefined;
  readonly optimizer: OptimizerName | Optimizer;
  readonly gradients: Definitions["gradient"][];
}

/** @throws UsageError for a module that cannot be used */
export async function fitParts(
  entries: {
    readonly method: PartEntry;
    readonly regularizer: PartEntry | null;
    readonly loss?: PartEntry;
    readonly optimizer: PartEntry;
    readonly gradients?: readonly PartEntry[];
  },
  directory: string,
): Promise<FitParts> {
  const named = async <Kind extends keyof Definitions>(kind: Kind, entry: PartEntry | null | undefined) =>
    entry !== null && entry !== undefined && isOwn(entry)
      ? loadDefinition(kind, entry, directory)
      : (entry ?? undefined);
  const gradients: Definitions["gradient"][] = [];
  for (const entry of entries.gradients ?? []) {
    gradients.push(...(await loadGradients(definitionSpecText(entry), directory)));
  }
  // Names were checked when the file was read.
  return {
    method: (await named("method", entries.method)) as MethodName | Method,
    regularizer: (await named("regularizer", entries.regularizer)) as
      RegularizerName | Regularizer | undefined,
    loss: (await named("loss", entries.loss)) as LossName | Loss | undefined,
    optimizer: (await named("optimizer", entries.optimizer)) as OptimizerName | Optimizer,
    gradients,
  };
}
