import { type DType, ShapeError } from "../../tensor/index.ts";
import { describeNode, floatAttribute, intAttribute } from "../attribute.ts";
import type { Operators } from "../operators.ts";
import { type InferenceNode, required } from "../infer/rule.ts";
import { dtypeOf } from "../tensor-proto.ts";
import type { Value } from "../value.ts";
import { attentionBias } from "./attention-bias.ts";
import { type Expansion, formError } from "./rule.ts";

/**
 * Attention (opset 23 to 25): Y = softmax(cap(s·Q·Kᵀ) + mask)·V for each head, with cap(x) = c·tanh(x/c) where
 * softcap is c > 0.
 *
 * Q is [N, H, L, D] or [N, L, H·D]; K and V have H heads or fewer, which the queries share in groups. The outputs are
 * Y, the heads of K and of V, and the scores as `qk_matmul_output_mode` wants them: 0 products, 1 capped, 2 masked,
 * 3 softmax.
 */
export const attention: Expansion = (g, node) => {
  if (node.inputs[4] || node.inputs[5]) {
    throw formError(node, "has a cache of past keys and values", "Export the model without one.");
  }
  if (node.inputs[6]) {
    throw formError(node, "has nonpad_kv_seqlen", "Export the model with a mask (attn_mask) instead.");
  }
  const isFlat = required(node, 0).shape.length === 3;
  const q = byHeads(g, node, 0, "q_num_heads");
  const k = byHeads(g, node, 1, "kv_num_heads");
  const v = byHeads(g, node, 2, "kv_num_heads");
  const [n, heads, length, width] = q.shape;
  const [, shared, keys] = k.shape;
  const fits = k.shape[0] === n && v.shape[0] === n && k.shape[3] === width && v.shape[2] === keys;
  if (!fits || v.shape[1] !== shared || heads % shared !== 0) {
    throw new ShapeError(
      `${describeNode(node)}: queries [${q.shape}], keys [${k.shape}] and values [${v.shape}] do not fit.`,
    );
  }
  const scale = "scale" in node.attributes ? floatAttribute(node, "scale") : 1 / Math.sqrt(width);
  const products = g.matMul(g.scale(q, scale), g.transpose(perQuery(g, k, heads), [0, 1, 3, 2]));
  const cap = floatAttribute(node, "softcap", 0);
  const capped = cap > 0 ? g.scale(g.op1("Tanh", [g.scale(products, 1 / cap)]), cap) : products;
  const bias = attentionBias(g, node, { length, keys }, q.dtype);
  const masked = bias ? g.add(capped, bias.value) : capped;
  const shares = softmax(g, node, masked, bias?.mayHideAll ?? false);
  const y = g.matMul(shares, perQuery(g, v, heads));
  const scores = [products, capped, masked, shares][intAttribute(node, "qk_matmul_output_mode", 0)];
  const flat = () => g.reshape(g.transpose(y, [0, 2, 1, 3]), [n, length, heads * v.shape[3]]);
  return [isFlat ? flat() : y, k, v, scores];
};

/** [N, L, H·D] or [N, H, L, D] -> [N, H, L, D] */
function byHeads(g: Operators, node: InferenceNode, index: number, attribute: string): Value {
  const x = required(node, index);
  if (x.shape.length === 4) return x;
  const heads = x.shape.length === 3 ? intAttribute(node, attribute) : 0;
  if (heads < 1 || x.shape[2] % heads !== 0) {
    throw new ShapeError(
      `${describeNode(node)}: input ${index} of shape [${x.shape}] is not made of ${heads} heads (${attribute}).`,
    );
  }
  const [n, length, width] = x.shape;
  return g.transpose(g.reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** Each head of keys or values as often as there are query heads for it, side by side. */
function perQuery(g: Operators, x: Value, heads: number): Value {
  const [n, own, length, width] = x.shape;
  if (own === heads) return x;
  const grouped = g.expand(g.reshape(x, [n, own, 1, length, width]), [n, own, heads / own, length, width]);
  return g.reshape(grouped, [n, heads, length, width]);
}

/** Softmax over the keys; a query that no key is left for has shares of 0. */
function softmax(g: Operators, node: InferenceNode, scores: Value, mayHideAll: boolean): Value {
  const wanted = intAttribute(node, "softmax_precision", 0);
  const dtype = wanted === 0 ? scores.dtype : dtypeOf(wanted, describeNode(node));
  const plain = (x: Value) => g.cast(g.op1("Softmax", [g.cast(x, dtype)], { axis: -1 }), scores.dtype);
  if (!mayHideAll) return plain(scores);
  const number = (value: number, type: DType) => g.cast(g.scalar(value), type);
  const isHidden = g.equal(g.max(scores, [-1], { keep: true }), number(-Infinity, scores.dtype));
  const none = number(0, scores.dtype);
  return g.where(isHidden, none, plain(g.where(isHidden, none, scores)));
}
