import { ShapeError } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import { required } from "../infer/rule.ts";
import type { Value } from "../value.ts";
import type { Expansion } from "./rule.ts";

/**
 * RotaryEmbedding (opset 23): pairs of a head's first `rotary_embedding_dim` numbers turned by an angle of the position,
 * (a, b) -> (a·cos − b·sin, a·sin + b·cos). A pair is neighbours where `interleaved`, else an element of the first half
 * and that of the second.
 *
 * X is [N, H, L, D], or [N, L, H·D] with `num_heads`; cosines and sines are [N, L, r/2], or [positions, r/2] to be looked up
 * by position_ids [N, L].
 */
export const rotaryEmbedding: Expansion = (g, node) => {
  const given = required(node, 0);
  const isFlat = given.shape.length === 3;
  const heads = isFlat ? intAttribute(node, "num_heads", 0) : given.shape[1];
  if (
    given.shape.length < 3 ||
    given.shape.length > 4 ||
    heads < 1 ||
    (isFlat && given.shape[2] % heads !== 0)
  ) {
    throw new ShapeError(
      `${describeNode(node)} needs [N, heads, L, D], or [N, L, heads·D] with num_heads; its input is ` +
        `[${given.shape}] and num_heads ${heads}.`,
    );
  }
  // Flat input has its heads behind the positions.
  const [n, length] = isFlat ? given.shape : [given.shape[0], given.shape[2]];
  const x = isFlat ? g.reshape(given, [n, length, heads, given.shape[2] / heads]) : given;
  const width = x.shape[3];
  const turned = intAttribute(node, "rotary_embedding_dim", 0) || width;
  const half = turned / 2;
  const positions = node.inputs[3];
  const angles = (index: number) => {
    const cache = required(node, index);
    const found = positions ? g.gather(cache, positions) : cache;
    if (found.shape.join() !== [n, length, half].join()) {
      throw new ShapeError(
        `${describeNode(node)}: input ${index} gives [${found.shape}] for [${[n, length, half]}] pairs.`,
      );
    }
    return g.reshape(found, isFlat ? [n, length, 1, half] : [n, 1, length, half]);
  };
  const [cos, sin] = [angles(1), angles(2)];
  const isInterleaved = intAttribute(node, "interleaved", 0) !== 0;
  const part = (start: number, end: number, step = 1) => g.slice(x, [{ axis: 3, start, end, step }]);
  const [a, b] = isInterleaved
    ? [part(0, turned, 2), part(1, turned, 2)]
    : [part(0, half), part(half, turned)];
  const first = g.sub(g.mul(cos, a), g.mul(sin, b));
  const second = g.add(g.mul(sin, a), g.mul(cos, b));
  const column = (value: Value) => g.reshape(value, [...value.shape, 1]);
  const pairs = isInterleaved
    ? g.reshape(g.concat([column(first), column(second)], 4), [...x.shape.slice(0, 3), turned])
    : g.concat([first, second], 3);
  const y = turned < width ? g.concat([pairs, part(turned, width)], 3) : pairs;
  return [g.reshape(y, given.shape)];
};
