/** What a file says of its own tensors. */
import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";

/** A module's tensors by name, as the file lists them. */
export interface StatedTensors {
  readonly parameters: ReadonlySet<string>;
  readonly buffers: ReadonlySet<string>;
}

/** Keys of a file's metadata: a JSON list of names each. */
export const tensorKeys = { parameters: "alignreg.parameters", buffers: "alignreg.buffers" } as const;

/** Where PyTorch's newer exporter lists the module's tensors, in the graph's metadata. */
const SIGNATURE = "pkg.torch.export.ExportedProgram.graph_signature";

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
  const signature = graph.metadata?.[SIGNATURE];
  return signature === undefined ? undefined : fromSignature(signature);
}

/**
 * Both forms that PyTorch has written: a line for each input, as in `p_fc_weight: PARAMETER target='fc.weight'`, and (up to
 * 2.8) a record, as in `InputSpec(kind=<InputKind.PARAMETER: 2>, arg=…, target='fc.weight', …)`.
 */
function fromSignature(text: string): StatedTensors | undefined {
  const entries = [
    ...text.matchAll(/^\s*\S+:\s+(PARAMETER|BUFFER)\s+target=(['"])(.*?)\2/gm),
    ...text.matchAll(
      /InputSpec\(kind=<InputKind\.(PARAMETER|BUFFER):[^>]*>,\s*arg=\w+\([^)]*\),\s*target=(['"])(.*?)\2/g,
    ),
  ];
  if (entries.length === 0) return undefined;
  const named = (kind: string) => new Set(entries.filter((e) => e[1] === kind).map((e) => e[3]));
  return { parameters: named("PARAMETER"), buffers: named("BUFFER") };
}

function namesIn(text: string, key: string): ReadonlySet<string> {
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
