export {
  type Attribute,
  type Attributes,
  describeNode,
  float,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  tensorAttribute,
} from "./attribute.ts";
export { resolveBranches } from "./branches.ts";
export { GraphBuilder } from "./builder.ts";
export { einsumEquation, unusedLetters } from "./einsum-equation.ts";
export { InvalidModelError, ModelError, UnsupportedOpError } from "./errors.ts";
export { expandedOperators } from "./expand/index.ts";
export type { ExternalData } from "./external-data.ts";
export { externalLocations } from "./external-locations.ts";
export {
  CURRENT_OPSET,
  type Dim,
  type Graph,
  type GraphNode,
  type Model,
  OLDEST_OPSET,
  type ValueInfo,
  opsetOf,
} from "./graph.ts";
export { constantNodeValue } from "./fold/index.ts";
export { freeBatch, withSingleCopies } from "./free-batch.ts";
export { type InferenceExtension, inferredOperators, qualifiedName } from "./infer/index.ts";
export { reducedAxes } from "./infer/reduce.ts";
export { type InferenceNode, type InferenceRule, constantNumbers } from "./infer/rule.ts";
export { type NodeOptions } from "./operators.ts";
export { type InlineOptions, inlineGraph } from "./inline.ts";
export { modelOf, readModel, writeModel } from "./model-file.ts";
export { readSafetensors } from "./read-safetensors.ts";
export { writeSafetensors } from "./safetensors.ts";
export { type BatchedType, isOpaque, opaqueNode, opaqueOperator, withoutOpaque } from "./opaque.ts";
export { capturedNames, prunedGraph } from "./prune.ts";
export { padsByAxis } from "./pads.ts";
export { isRandom } from "./random-operators.ts";
export { renameValues } from "./rename-values.ts";
export { type ResizedAxis, resizedAxes } from "./resized-axes.ts";
export { type SlicedAxis, slicedAxes } from "./slice-range.ts";
export { dataTypeOf } from "./tensor-proto.ts";
export { resolveTransposedWindow } from "./transposed-window.ts";
export { upgradeGraph } from "./upgrade.ts";
export type { TypedNode, Value, ValueType } from "./value.ts";
export { type Window, padsWithoutCeil, resolveWindow, windowAttributes } from "./window.ts";
export { type NarrowedGraph, narrowKernels } from "./narrow-kernels.ts";
export { type WidenedGraph, widenHalf } from "./widen-half.ts";
