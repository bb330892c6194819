/** Attention of Keras 3 and 2. */
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type CallArguments, isInput } from "../model-layer.ts";
import {
  type LayerContext,
  type LayerConverter,
  type LayerFacts,
  channelsFirst,
  channelsLast,
  number,
  reshapeEach,
} from "./converter.ts";

/** Positions of query, value and key among the call's inputs; the key is the value where none is given. */
function inputsOf(call: CallArguments | undefined, count: number): [number, number, number] {
  const given = ["query", "value", "key"].map((name, i) => {
    const argument = call?.kwargs[name] ?? call?.args[i];
    return isInput(argument) ? argument.input : undefined;
  });
  const [query = 0, value = Math.min(1, count - 1), key = value] = given;
  return [query, value, key];
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== false;

function problems({ config, inputShapes, call }: LayerFacts): string[] {
  const found: string[] = [];
  const masks = [
    "attention_mask",
    "use_causal_mask",
    "return_attention_scores",
    "query_mask",
    "value_mask",
    "key_mask",
  ];
  for (const name of masks) {
    if (isSet(call?.kwargs[name]))
      found.push(`its call has ${name}. Call it without, or export the model as ONNX.`);
  }
  if (inputShapes.some((shape) => shape.length !== 3)) {
    found.push(
      "its inputs are not sequences [N, length, channels]. Reshape them before, and back behind it.",
    );
  }
  if (isSet(config.useGate)) found.push("it has a gate (use_gate). Build it without.");
  if (isSet(config.slidingWindow)) found.push("it has a sliding window. Build it without.");
  if (isSet(config.outputShape) && [config.outputShape].flat().length > 1)
    found.push("its output_shape has several axes. Give one, and Reshape behind it.");
  return found;
}

/**
 * softmax(Q·Kᵀ/√d)·V for each head, of sequences:
 *
 *   Q[n,t,h,d] = x[n,t,c]·W[c,h,d] + b[h,d],  K and V alike,  y[n,t,c] = o[n,t,h,d]·W[h,d,c] + b[c]
 */
const multiHeadAttention: LayerConverter = {
  problems,
  convert(context, inputs) {
    const { g, config, name, call } = context;
    const sequences = inputs.map((input) => channelsLast(g, input));
    const [query, value, key] = inputsOf(call, inputs.length).map((i) => sequences[i]);
    const heads = number(config, "numHeads");
    const depth = number(config, "keyDim");
    const project = (part: string, x: Value) => projected(context, part, x, heads);
    const q = g.scale(g.transpose(project("query", query), [0, 2, 1, 3]), 1 / Math.sqrt(depth));
    const k = g.transpose(project("key", key), [0, 2, 3, 1]);
    const v = g.transpose(project("value", value), [0, 2, 1, 3]);
    const scores = g.op1("Softmax", [g.matMul(q, k)], { axis: -1 });
    const rate = Number(config.dropout ?? 0);
    const kept = rate > 0 ? g.op1("Dropout", [scores, g.constant(float32([], [rate]))]) : scores;
    const joined = g.transpose(g.matMul(kept, v), [0, 2, 1, 3]);
    const [, length, , width] = joined.shape;
    const kernel = context.weight("attention_output/kernel", { shape: [heads * width, -1] })!;
    const merged = reshapeEach(g, joined, [length, heads * width]);
    const y = g.op1("MatMul", [merged, kernel], {}, { name });
    return channelsFirst(g, plus(g, y, context.weight("attention_output/bias")));
  },
};

/** [N, length, channels] -> [N, length, heads, depth]. */
function projected({ g, weight }: LayerContext, part: string, x: Value, heads: number): Value {
  const kernel = weight(`${part}/kernel`, { shape: [x.shape[2], -1] })!;
  const y = plus(g, g.matMul(x, kernel), weight(`${part}/bias`, { shape: [-1] }));
  return reshapeEach(g, y, [x.shape[1], heads, kernel.shape[1] / heads]);
}

const plus = (g: GraphBuilder, x: Value, bias: Value | null): Value => (bias ? g.add(x, bias) : x);

export const attentionLayers = { MultiHeadAttention: multiHeadAttention } satisfies Record<
  string,
  LayerConverter
>;
