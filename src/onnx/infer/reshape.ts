/** Operators that give the same elements another shape or order, or repeat whole axes. */
import { ShapeError, broadcastShapes, normalizeAxis, sizeOf } from "../../tensor/index.ts";
import { describeNode, intAttribute, intsAttribute } from "../attribute.ts";
import { type InferenceNode, type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";

const reshape: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const target = constantNumbers(node, 1) ?? [];
  const keepZero = intAttribute(node, "allowzero", 0) === 1;
  const lengths = target.map((length, axis) => (length === 0 && !keepZero ? shape[axis] : length));
  const known = lengths.filter((length) => length !== -1);
  const rest = sizeOf(shape) / sizeOf(known);
  const result = lengths.map((length) => (length === -1 ? rest : length));
  if (
    lengths.length - known.length > 1 ||
    sizeOf(result) !== sizeOf(shape) ||
    !result.every(Number.isInteger)
  ) {
    throw new ShapeError(
      `${describeNode(node)} cannot turn shape [${shape}] (${sizeOf(shape)} elements) into [${target}].`,
    );
  }
  return firstTypeWith(node, result);
};

const flatten: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = intAttribute(node, "axis", 1);
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  return firstTypeWith(node, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
};

const transpose: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const perm = intsAttribute(
    node,
    "perm",
    shape.map((_, axis) => shape.length - 1 - axis),
  );
  if ([...perm].sort((a, b) => a - b).join() !== shape.map((_, axis) => axis).join()) {
    throw new ShapeError(
      `${describeNode(node)}: perm [${perm}] is no permutation of the axes of [${shape}].`,
    );
  }
  return firstTypeWith(
    node,
    perm.map((axis) => shape[axis]),
  );
};

const squeeze: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = constantNumbers(node, 1)?.map((axis) => normalizeAxis(axis, shape.length));
  const axes = given ?? shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
  const wrong = axes.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) {
    throw new ShapeError(
      `${describeNode(node)} cannot squeeze axis ${wrong} of [${shape}]: its length is not 1.`,
    );
  }
  return firstTypeWith(
    node,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
};

const unsqueeze: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = constantNumbers(node, 1) ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => normalizeAxis(axis, rank)));
  if (axes.size !== given.length)
    throw new ShapeError(`${describeNode(node)} names an axis twice: [${given}].`);
  const rest = shape[Symbol.iterator]();
  return firstTypeWith(
    node,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.next().value as number))),
  );
};

const expand: InferenceRule = (node) =>
  firstTypeWith(node, broadcastShapes(required(node, 0).shape, constantNumbers(node, 1) ?? []));

/** Each axis repeated as often as the second input says. */
const tile: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  required(node, 1);
  const repeats = constantNumbers(node, 1)!;
  if (repeats.length !== shape.length) {
    throw new ShapeError(
      `${describeNode(node)} has repeats [${repeats}] for [${shape}]; it needs one for each axis.`,
    );
  }
  return firstTypeWith(
    node,
    shape.map((length, axis) => length * repeats[axis]),
  );
};

/** Images [N, C, H, W] and the block size, which must divide the channels or both lengths. */
function blocks(node: InferenceNode) {
  const { shape } = required(node, 0);
  const size = intAttribute(node, "blocksize");
  const [n, c, h, w] = shape;
  const fits = node.opType === "DepthToSpace" ? c % size ** 2 === 0 : h % size === 0 && w % size === 0;
  if (shape.length !== 4 || size < 1 || !fits) {
    throw new ShapeError(
      `${describeNode(node)} cannot cut [${shape}] into blocks of ${size}×${size}; it needs [N, C, H, W] with ` +
        `${node.opType === "DepthToSpace" ? "C a multiple of the block" : "H and W multiples of the block's side"}.`,
    );
  }
  return { n, c, h, w, size };
}

const depthToSpace: InferenceRule = (node) => {
  const { n, c, h, w, size } = blocks(node);
  return firstTypeWith(node, [n, c / size ** 2, h * size, w * size]);
};

const spaceToDepth: InferenceRule = (node) => {
  const { n, c, h, w, size } = blocks(node);
  return firstTypeWith(node, [n, c * size ** 2, h / size, w / size]);
};

export const reshapeInference = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
} satisfies Record<string, InferenceRule>;
