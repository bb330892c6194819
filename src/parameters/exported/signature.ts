/** The list of a module's tensors that PyTorch's newer exporter keeps with the graph. */
import type { Graph } from "../../onnx/index.ts";

/** A tensor that a module holds, or (`constant`) one that its code makes. */
export interface SignedTensor {
  /** As named_parameters() and named_buffers() have it. */
  readonly name: string;
  readonly kind: "parameter" | "buffer" | "constant";
}

/** What the signature says. */
export interface Signature {
  readonly listed: readonly SignedTensor[];
  /** By the names that calls use (`p_fc_weight`); one that stands for several tensors tells nothing. */
  readonly tensors: ReadonlyMap<string, SignedTensor>;
  /** What the model takes: `x`. */
  readonly inputs: ReadonlySet<string>;
}

const SIGNATURE = "pkg.torch.export.ExportedProgram.graph_signature";

const kinds: Readonly<Record<string, SignedTensor["kind"]>> = {
  PARAMETER: "parameter",
  BUFFER: "buffer",
  CONSTANT_TENSOR: "constant",
};
const listed = Object.keys(kinds).join("|");

/** `p_fc_weight: PARAMETER target='fc.weight'` */
const line = new RegExp(`^\\s*(\\S+):\\s+(${listed})\\s+target=(['"])(.*?)\\3`, "gm");
/** Up to 2.8: `InputSpec(kind=<InputKind.PARAMETER: 2>, arg=TensorArgument(name='p_fc_weight'), target='fc.weight', …)` */
const record = new RegExp(
  `InputSpec\\(kind=<InputKind\\.(${listed}):[^>]*>,\\s*arg=\\w+\\(name='([^']*)'[^)]*\\),\\s*target=(['"])(.*?)\\3`,
  "g",
);

/** The file's signature, in both forms that PyTorch has written; undefined where there is none, or none that names tensors. */
export function readSignature({ metadata }: Graph): Signature | undefined {
  const text = metadata?.[SIGNATURE];
  if (text === undefined) return undefined;
  const entries = [
    ...[...text.matchAll(line)].map((m) => [m[1], { name: m[4], kind: kinds[m[2]] }] as const),
    ...[...text.matchAll(record)].map((m) => [m[2], { name: m[4], kind: kinds[m[1]] }] as const),
  ];
  const listed = entries.map(([, tensor]) => tensor);
  if (!listed.some(({ kind }) => kind !== "constant")) return undefined;
  const tensors = new Map<string, SignedTensor>();
  const twice = new Set<string>();
  for (const [argument, tensor] of entries) {
    if (tensors.has(argument)) twice.add(argument);
    tensors.set(argument, tensor);
  }
  for (const argument of twice) tensors.delete(argument);
  const inputs = [
    ...text.matchAll(/^\s*(\S+):\s+USER_INPUT\b/gm),
    ...text.matchAll(/InputSpec\(kind=<InputKind\.USER_INPUT:[^>]*>,\s*arg=\w+\(name='([^']*)'/g),
  ];
  return { listed, tensors, inputs: new Set(inputs.map((m) => m[1])) };
}

/** The graph without what its signature says of tensors that are not the model's any more. */
export function withoutSigned(graph: Graph, gone: ReadonlySet<string>): Graph {
  const text = graph.metadata?.[SIGNATURE];
  if (text === undefined || gone.size === 0) return graph;
  const kept = text
    .replaceAll(new RegExp(`(${line.source}[^\\n]*\\n?)`, "gm"), (match, ...m: string[]) =>
      gone.has(m[4]) ? "" : match,
    )
    .replaceAll(record, (match, ...m: string[]) => (gone.has(m[3]) ? "" : match));
  return { ...graph, metadata: { ...graph.metadata, [SIGNATURE]: kept } };
}
