import { ShapeError } from "../../tensor/index.ts";
import { describeNode } from "../attribute.ts";
import { UnsupportedOpError } from "../errors.ts";
import type { ValueType } from "../value.ts";
import { convolutionInference } from "./convolution.ts";
import { einsumInference } from "./einsum.ts";
import { elementwiseInference } from "./elementwise.ts";
import { generatedInference } from "./generated.ts";
import { indexingInference } from "./indexing.ts";
import { linearInference } from "./linear.ts";
import { normalizationInference } from "./normalization.ts";
import { opaqueInference } from "../opaque.ts";
import { partsInference } from "./parts.ts";
import { poolingInference } from "./pooling.ts";
import { reduceInference } from "./reduce.ts";
import { reshapeInference } from "./reshape.ts";
import { resizeInference } from "./resize.ts";
import type { InferenceNode, InferenceRule } from "./rule.ts";
import { samplingInference } from "./sampling.ts";

/** Inference rules by operator; those of other domains than ONNX's own are keyed `domain.opType`. */
const inferenceRules: ReadonlyMap<string, InferenceRule> = new Map(
  Object.entries<InferenceRule>({
    ...elementwiseInference,
    ...linearInference,
    ...reduceInference,
    ...einsumInference,
    ...reshapeInference,
    ...partsInference,
    ...indexingInference,
    ...generatedInference,
    ...resizeInference,
    ...samplingInference,
    ...convolutionInference,
    ...poolingInference,
    ...normalizationInference,
    ...opaqueInference,
  }),
);

/** More rules, by `domain.opType`, for operators that a later stage defines. */
export type InferenceExtension = ReadonlyMap<string, InferenceRule>;

export const qualifiedName = (domain: string, opType: string): string =>
  domain === "" ? opType : `${domain}.${opType}`;

/** Element type and static shape of each output of a node. @throws UnsupportedOpError, ShapeError, ModelError */
export function inferOutputs(
  node: InferenceNode & { readonly domain: string },
  extension?: InferenceExtension,
): ValueType[] {
  const key = qualifiedName(node.domain, node.opType);
  const rule = inferenceRules.get(key) ?? extension?.get(key);
  if (!rule) {
    throw new UnsupportedOpError(
      `The operator ${key} (${describeNode(node)}) is not supported here. ` +
        `Supported: ${inferredOperators.join(", ")}.`,
      { opType: node.opType, node: node.name },
    );
  }
  try {
    return rule(node);
  } catch (cause) {
    // What shape arithmetic reports knows nothing of nodes.
    if (!(cause instanceof ShapeError) || cause.message.includes(describeNode(node))) throw cause;
    throw new ShapeError(`${describeNode(node)}: ${cause.message}`, { cause });
  }
}

/** All operators whose shapes are known. */
export const inferredOperators: readonly string[] = [...inferenceRules.keys()].filter(
  (key) => !Object.hasOwn(opaqueInference, key),
);
