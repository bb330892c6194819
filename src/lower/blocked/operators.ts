/**
 * ONNX Runtime's direct-convolution operators, which work on *blocked* memory: a tensor of shape [N, C, H, W] lies as
 * [N, C/b, H, W, b], so that the b channels of a pixel fill a vector register. The runtime's own optimizer emits them
 * where weights are constant; written into the graph they take weights that a step computes.
 *
 * Shapes are declared as if memory were plain. The domain is the runtime's internal one: see `blockSize` for the test
 * that precedes its use.
 */
import {
  type Attributes,
  type GraphBuilder,
  type InferenceExtension,
  type InferenceRule,
  type Value,
  intAttribute,
  intsAttribute,
  resolveWindow,
} from "../../onnx/index.ts";

export const BLOCKED_DOMAIN = "com.microsoft.nchwc";

/** What a convolution is followed by: activation(scale·y + bias + sum). */
export interface Finish {
  /** [Co] */
  readonly scale?: Value | null;
  /** [Co] */
  readonly bias?: Value | null;
  /** Of the output's shape, blocked. */
  readonly sum?: Value | null;
  readonly activation?: "Relu";
}

/** A convolution, or a depthwise one, in blocked memory. */
export interface ConvCall extends Omit<Finish, "scale" | "activation"> {
  /** [N, Ci, H, W], blocked; plain where Ci is less than a block. */
  readonly x: Value;
  /**
   * [Co, Ci/group, kh, kw]; memory [Co/b, Ci/b, kh, kw, b in, b out], [Co/b, Ci, kh, kw, b out] for plain x, and
   * [C/b, kh, kw, b] for a depthwise one.
   */
  readonly w: Value;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Before each spatial axis, then after each. */
  readonly pads?: readonly number[];
  readonly group?: number;
  readonly activation?: "Relu" | HardSigmoid;
}

/** min(max(alpha·y + beta, 0), 1). */
export interface HardSigmoid {
  readonly alpha: number;
  readonly beta: number;
}

export function conv(g: GraphBuilder, call: ConvCall): Value {
  const { x, w, bias = null, sum = null, strides = [1, 1], dilations = [1, 1], group = 1, activation } = call;
  return blockedOp(g, "Conv", [x, w, bias, sum], {
    kernel_shape: w.shape.slice(2),
    strides,
    dilations,
    pads: call.pads ?? [0, 0, 0, 0],
    group,
    ...(activation && activationAttributes(activation)),
  });
}

const activationAttributes = (activation: "Relu" | HardSigmoid): Attributes =>
  activation === "Relu"
    ? { activation }
    : { activation: "HardSigmoid", activation_params: { floats: [activation.alpha, activation.beta] } };

/** x as blocked memory. C must be a multiple of the block. */
export const reorderInput = (g: GraphBuilder, x: Value): Value => blockedOp(g, "ReorderInput", [x]);

/** Blocked memory as plain x, of its first channels. */
export const reorderOutput = (g: GraphBuilder, x: Value, channels = x.shape[1]): Value =>
  blockedOp(g, "ReorderOutput", [x], { channels });

export const maxPool = (g: GraphBuilder, x: Value, attributes: Parameters<GraphBuilder["op"]>[2]): Value =>
  blockedOp(g, "MaxPool", [x], attributes);

const blockedOp = (
  g: GraphBuilder,
  opType: string,
  inputs: readonly (Value | null)[],
  attributes: Parameters<GraphBuilder["op"]>[2] = {},
): Value => g.op1(opType, inputs, attributes, { domain: BLOCKED_DOMAIN });

const sameType: InferenceRule = (node) => [{ dtype: node.inputs[0]!.dtype, shape: node.inputs[0]!.shape }];

const windowed =
  (channels: (node: Parameters<InferenceRule>[0]) => number): InferenceRule =>
  (node) => {
    const { dtype, shape } = node.inputs[0]!;
    const { output } = resolveWindow(node, shape.slice(2), intsAttribute(node, "kernel_shape"));
    return [{ dtype, shape: [shape[0], channels(node), ...output] }];
  };

/** A graph builder that knows these operators' shapes needs this. */
export const blockedInference: InferenceExtension = new Map<string, InferenceRule>(
  Object.entries<InferenceRule>({
    Conv: windowed((node) => node.inputs[1]!.shape[0]),
    MaxPool: windowed((node) => node.inputs[0]!.shape[1]),
    ReorderInput: sameType,
    ReorderOutput: (node) => {
      const { dtype, shape } = node.inputs[0]!;
      return [{ dtype, shape: shape.with(1, intAttribute(node, "channels")) }];
    },
  }).map(([opType, rule]) => [`${BLOCKED_DOMAIN}.${opType}`, rule]),
);
