/** What a file says of its own tensors. */
import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type SignedTensor, readSignature } from "./exported/index.ts";

/** A module's tensors by name, as the file lists them. */
export interface StatedTensors {
  readonly parameters: ReadonlySet<string>;
  readonly buffers: ReadonlySet<string>;
}

/** Keys of a file's metadata: a JSON list of names each. */
export const tensorKeys = { parameters: "alignreg.parameters", buffers: "alignreg.buffers" } as const;

/**
 * The tensors that the file lists, by its own metadata before the exporter's; undefined where it lists none.
 *
 * @throws UsageError for a list of ours that cannot be read
 */
export function statedTensors(
  graph: Graph,
  metadata: Readonly<Record<string, string>> = {},
): StatedTensors | undefined {
  const { parameters, buffers } = tensorKeys;
  if (metadata[parameters] === undefined && metadata[buffers] !== undefined) {
    throw new UsageError(
      `The model's metadata list ${buffers} and not ${parameters}. Give both lists, or neither.`,
    );
  }
  if (metadata[parameters] !== undefined) {
    return {
      parameters: namesIn(metadata[parameters], parameters),
      buffers: namesIn(metadata[buffers] ?? "[]", buffers),
    };
  }
  const signature = readSignature(graph);
  if (!signature) return undefined;
  const named = (wanted: SignedTensor["kind"]) =>
    new Set(signature.listed.filter(({ kind }) => kind === wanted).map(({ name }) => name));
  return { parameters: named("parameter"), buffers: named("buffer") };
}

/** A JSON list of names. @throws UsageError for anything else */
export function namesIn(text: string, key: string): ReadonlySet<string> {
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    names = undefined;
  }
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return new Set(names);
  throw new UsageError(
    `The model's metadata give ${key} as ${text.slice(0, 80)}; a JSON list of names is needed.`,
  );
}
