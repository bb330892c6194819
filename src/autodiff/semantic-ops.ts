/**
 * The few operators of our own that differentiation emits, in the domain "alignreg". Each says *what* is wanted;
 * lowering chooses the ONNX operators that compute it, by shape and runtime.
 */
import {
  type GraphBuilder,
  type InferenceExtension,
  type InferenceRule,
  type Value,
  type Window,
  intAttribute,
  intsAttribute,
  windowAttributes,
} from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";

export const SEMANTIC_DOMAIN = "alignreg";

/** dW of Conv. x [N, Ci, …], dy [N, Co, …] -> [Co, Ci/group, k…] */
export const convGradWeight = (g: GraphBuilder, x: Value, dy: Value, window: Window, group: number): Value =>
  semantic(g, "ConvGradWeight", [x, dy], { ...windowAttributes(window), group })[0];

/** dX of Conv. dy [N, Co, …], w [Co, Ci/group, k…] -> [N, Ci, spatial…] */
export const convGradInput = (
  g: GraphBuilder,
  dy: Value,
  w: Value,
  window: Window,
  group: number,
  spatial: readonly number[],
): Value => semantic(g, "ConvGradInput", [dy, w], { ...windowAttributes(window), group, spatial })[0];

/** dX of MaxPool: each dy goes to the first maximum of its window. x [N, C, …], y and dy [N, C, out…] */
export const maxPoolGrad = (g: GraphBuilder, dy: Value, x: Value, y: Value, window: Window): Value =>
  semantic(g, "MaxPoolGrad", [dy, x, y], windowAttributes(window))[0];

/**
 * dX, dScale, dBias of batch normalization with batch statistics.
 *
 * @param mean      batch mean, [C]
 * @param variance  biased batch variance, [C]
 */
export const batchNormalizationGrad = (
  g: GraphBuilder,
  inputs: { dy: Value; x: Value; scale: Value; mean: Value; variance: Value },
  epsilon: number,
): Value[] =>
  semantic(
    g,
    "BatchNormalizationGrad",
    [inputs.dy, inputs.x, inputs.scale, inputs.mean, inputs.variance],
    { epsilon: { float: epsilon } },
    3,
  );

/**
 * The elementwise maximum over the `phases` groups of channels of x, [N, phases·C, …] -> [N, C, …]; its gradient goes to
 * the first group that has it, as that of a pooling does. Graphs name it (pool-in-phases.ts); no rule emits it.
 */
export const PHASE_MAX = "PhaseMax";

/** x itself, through which no gradient flows. */
export const stopGradient = (g: GraphBuilder, x: Value): Value => semantic(g, "StopGradient", [x], {})[0];

/**
 * A kernel [Co, Ci, kh, kw] from a flat vector that holds it in the memory of its convolutions (by blocks or taps), and back. No gradient
 * passes them: kernels are differentiated by, their storage is not.
 */
export const fromStorage = (
  g: GraphBuilder,
  stored: Value,
  { shape, by }: { readonly shape: readonly number[]; readonly by: string },
): Value => semantic(g, "FromStorage", [stored], { shape, by })[0];
export const toStorage = (g: GraphBuilder, kernel: Value, by: string): Value =>
  semantic(g, "ToStorage", [kernel], { by })[0];

const semantic = (
  g: GraphBuilder,
  opType: string,
  inputs: readonly Value[],
  attributes: Parameters<GraphBuilder["op"]>[2],
  outputs = 1,
): Value[] => g.op(opType, inputs, attributes, { domain: SEMANTIC_DOMAIN, outputs });

/** A graph builder that knows these operators' shapes needs this. */
export const semanticInference: InferenceExtension = new Map<string, InferenceRule>(
  Object.entries<InferenceRule>({
    ConvGradWeight: (node) => {
      const [x, dy] = node.inputs as Value[];
      const perGroup = x.shape[1] / intAttribute(node, "group");
      return [{ dtype: x.dtype, shape: [dy.shape[1], perGroup, ...intsAttribute(node, "kernel_shape")] }];
    },
    ConvGradInput: (node) => {
      const [dy, w] = node.inputs as Value[];
      const channels = w.shape[1] * intAttribute(node, "group");
      return [{ dtype: dy.dtype, shape: [dy.shape[0], channels, ...intsAttribute(node, "spatial")] }];
    },
    MaxPoolGrad: (node) => [node.inputs[1]!],
    BatchNormalizationGrad: (node) => [node.inputs[1]!, node.inputs[2]!, node.inputs[2]!],
    [PHASE_MAX]: (node) => {
      const { dtype, shape } = node.inputs[0]!;
      return [{ dtype, shape: shape.with(1, shape[1] / intAttribute(node, "phases")) }];
    },
    StopGradient: (node) => [node.inputs[0]!],
    FromStorage: (node) => [{ dtype: node.inputs[0]!.dtype, shape: intsAttribute(node, "shape") }],
    ToStorage: (node) => [{ dtype: node.inputs[0]!.dtype, shape: [sizeOf(node.inputs[0]!.shape)] }],
  }).map(([opType, rule]) => [`${SEMANTIC_DOMAIN}.${opType}`, typesOnly(rule)]),
);

/** Strips values down to their types, so that no constant leaks into an output. */
function typesOnly(rule: InferenceRule): InferenceRule {
  return (node) => rule(node).map(({ dtype, shape }) => ({ dtype, shape }));
}
