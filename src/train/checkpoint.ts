/**
 * Checkpoints: a run's state between two steps, as an ONNX file without nodes, whose initializers are the state's
 * tensors and whose metadata say where the run was. Written whole or not at all, so a kill at any moment leaves the old
 * one or the new one.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { DamagedFileError, readFileOfOurs, writeWhole } from "../artifacts/index.ts";
import { CURRENT_OPSET, readModel, writeModel } from "../onnx/index.ts";
import { type Tensor, UsageError } from "../tensor/index.ts";
import { CheckpointError } from "./errors.ts";
import { stepFormSchema } from "./memory/plan-memory.ts";
import { type MetricsLine, metricsLineSchema } from "./metrics.ts";

const VERSION = "1";
const deleteIt = "Delete it to start over.";

const positionSchema = z.object({
  /** Steps done. */
  step: z.number().int().nonnegative(),
  /** Sums since the last line of metrics, and since the epoch began. */
  windowSums: z.record(z.string(), z.number()),
  epochSums: z.record(z.string(), z.number()),
  /** Lines of metrics so far. */
  history: z.array(metricsLineSchema),
  /** How its steps are run; before it was written down they were whole. */
  form: stepFormSchema.optional(),
  /** Which stage of the run it is in; left out by runs of one. `step` is of this stage … */
  stage: z.number().int().nonnegative().optional(),
  /** … and these are of those before it. */
  before: z.object({ steps: z.number().int(), epochs: z.number().int() }).optional(),
  /** Bytes that steps may take in the stages to come. */
  memory: z.number().optional(),
});

/** Where a run was. */
export interface Position extends Omit<z.infer<typeof positionSchema>, "history"> {
  readonly history: readonly MetricsLine[];
}

export interface Checkpoint {
  readonly position: Position;
  /** The state's. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Weights of the best epoch so far by initializer name; null where none are kept. */
  readonly best: ReadonlyMap<string, Tensor> | null;
}

/** Put before the names of the best epoch's weights. */
const BEST = "best:";

/** What must be the same for a run to go on: any JSON-like record. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** Writes a checkpoint atomically. */
export async function writeCheckpoint(
  path: string,
  { position, tensors, best }: Checkpoint,
  identity: RunIdentity,
): Promise<void> {
  const bytes = writeModel({
    irVersion: 8,
    producer: "alignreg checkpoint",
    metadata: { version: VERSION, identity: JSON.stringify(identity), position: JSON.stringify(position) },
    graph: {
      name: "checkpoint",
      inputs: [],
      outputs: [],
      nodes: [],
      initializers: new Map([
        ...tensors,
        ...[...(best ?? [])].map(([name, tensor]) => [`${BEST}${name}`, tensor] as const),
      ]),
      opsets: new Map([["", CURRENT_OPSET]]),
    },
  });
  await writeWhole(path, bytes);
}

/** The stage that a checkpoint is of; 0 where there is none, or where reading it is going to say what is wrong with it. */
export function savedStage(path: string): number {
  try {
    const bytes = readFileOfOurs(path, deleteIt);
    if (bytes === null) return 0;
    return positionSchema.parse(JSON.parse(readModel(bytes, path).metadata.position)).stage ?? 0;
  } catch {
    return 0;
  }
}

/**
 * Reads a checkpoint; null when there is none.
 *
 * @throws CheckpointError when it is damaged, or another configuration wrote it
 */
export function readCheckpoint(path: string, identity: RunIdentity): Checkpoint | null {
  let metadata: Readonly<Record<string, string>>;
  let tensors: ReadonlyMap<string, Tensor>;
  let position: Position;
  let saved: RunIdentity;
  try {
    const bytes = readFileOfOurs(path, deleteIt);
    if (bytes === null) return null;
    const model = readModel(bytes, path);
    metadata = model.metadata;
    tensors = model.graph.initializers;
    if (metadata.version !== VERSION) {
      throw new UsageError(`its version is ${metadata.version ?? "not stated"}; ${VERSION} is needed.`);
    }
    position = positionSchema.parse(JSON.parse(metadata.position ?? "null"));
    saved = z.record(z.string(), z.unknown()).parse(JSON.parse(metadata.identity ?? "null"));
  } catch (cause) {
    const what =
      cause instanceof z.ZodError
        ? "it does not say where the run was."
        : cause instanceof DamagedFileError
          ? `${cause.reason}.`
          : (cause as Error).message;
    throw new CheckpointError(`The checkpoint ${path} cannot be read: ${what}`, deleteIt, { cause });
  }
  const current = JSON.parse(JSON.stringify(identity)) as RunIdentity;
  const differing = [...new Set([...Object.keys(saved), ...Object.keys(current)])].filter(
    // What was not asked for is null; an option that came later was not.
    (key) => !isDeepStrictEqual(saved[key] ?? null, current[key] ?? null),
  );
  if (differing.length > 0) {
    if (differing.every((key) => key === "data")) {
      throw new CheckpointError(
        `The images are others than those that the checkpoint ${path} was trained on: their hash is ` +
          `${JSON.stringify(saved.data)} there, ${JSON.stringify(current.data)} now.`,
        "Put back what was changed, added or taken away, or choose another output folder.",
      );
    }
    const changes = differing.map(
      (k) => `${k}: ${JSON.stringify(saved[k])} there, ${JSON.stringify(current[k])} now`,
    );
    throw new CheckpointError(
      `The checkpoint ${path} belongs to another run (${changes.join("; ")}).`,
      "Resume with the same options, or choose another output folder.",
    );
  }
  return { position, ...parted(tensors) };
}

/** The state's tensors, and those of the best epoch. */
function parted(all: ReadonlyMap<string, Tensor>): Pick<Checkpoint, "tensors" | "best"> {
  const ofBest = [...all].filter(([name]) => name.startsWith(BEST));
  return {
    tensors: new Map([...all].filter(([name]) => !name.startsWith(BEST))),
    best:
      ofBest.length === 0 ? null : new Map(ofBest.map(([name, tensor]) => [name.slice(BEST.length), tensor])),
  };
}
