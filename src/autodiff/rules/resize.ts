import {
  type ResizedAxis,
  UnsupportedOpError,
  describeNode,
  floatAttribute,
  intAttribute,
  resizedAxes,
  stringAttribute,
} from "../../onnx/index.ts";
import { type AxisMap, transposedAxisMap } from "../axis-map.ts";
import type { GradientRule, RuleNode } from "../rule.ts";
import { type Coordinate, antialiasedMap, cubicKernel, cubicMap, triangle } from "./resample.ts";

/**
 * y = x with its axes resampled (Resize-19): nearest, linear or cubic, antialiased or not. Each axis is a linear map M of its positions, so
 *
 *   dx = Mᵀ·dy, axis by axis
 *
 * M comes from the coordinate formulas of the forward pass, in float32 as ONNX Runtime computes them: where a position
 * falls between two elements, both passes round it alike.
 */
export const resize: GradientRule = (g, node, [dy]) => {
  const axes = resizedAxes(node);
  const map = axisMapOf(node);
  const dx = axes.reduce(
    (d, axis, i) =>
      axis.size === axis.length && axis.scale === 1 ? d : transposedAxisMap(g, d, i, map(axis), axis.size),
    dy,
  );
  return [dx];
};

const f = Math.fround;

/** Where output position i lies on the input axis, by `coordinate_transformation_mode`. */
const coordinates: Readonly<Record<string, Coordinate>> = {
  asymmetric: (i, { scale }) => f(i / scale),
  half_pixel: (i, { scale }) => f(f(f(i + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (i, { scale, length }) => (length > 1 ? f(f(f(i + 0.5) / scale) - 0.5) : 0),
  align_corners: (i, { size, length }) => (length > 1 ? f(f(i * (size - 1)) / (length - 1)) : 0),
  half_pixel_symmetric: (i, { size, length, scale }) => {
    const adjustment = f(length / f(scale * size));
    const offset = f((size / 2) * f(1 - adjustment));
    return f(offset + f(f(f(i + 0.5) / scale) - 0.5));
  },
};

/** The element nearest to a coordinate, by `nearest_mode`. */
const roundings: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
};

function axisMapOf(node: RuleNode): (axis: ResizedAxis) => AxisMap {
  const mode = known(node, "mode", "nearest", {
    nearest: "nearest",
    linear: "linear",
    cubic: "cubic",
  } as const);
  const coordinate = known(node, "coordinate_transformation_mode", "half_pixel", coordinates);
  const excludes = intAttribute(node, "exclude_outside", 0) === 1;
  const a = floatAttribute(node, "cubic_coeff_a", -0.75);
  if (intAttribute(node, "antialias", 0) === 1 && mode !== "nearest") {
    const kernel = mode === "cubic" ? cubicKernel(a) : triangle;
    return (axis) => antialiasedMap(axis, coordinate, kernel, excludes);
  }
  if (mode === "cubic") return (axis) => cubicMap(axis, coordinate, a, excludes);
  const read =
    mode === "nearest" ? nearest(known(node, "nearest_mode", "round_prefer_floor", roundings)) : linear;
  return (axis) => Array.from({ length: axis.length }, (_, i) => read(coordinate(i, axis), axis.size));
}

const clamp = (x: number, size: number): number => Math.min(Math.max(x, 0), size - 1);

const nearest = (round: (x: number) => number) => (x: number, size: number) => [
  { from: clamp(round(x), size), weight: 1 },
];

function linear(x: number, size: number) {
  const inside = clamp(x, size);
  const low = Math.floor(inside);
  const weight = f(inside - low);
  return [
    { from: low, weight: f(1 - weight) },
    { from: clamp(low + 1, size), weight },
  ];
}

/** What an attribute names. */
function known<T>(node: RuleNode, key: string, fallback: string, table: Readonly<Record<string, T>>): T {
  const name = stringAttribute(node, key, fallback);
  if (Object.hasOwn(table, name)) return table[name];
  throw new UnsupportedOpError(
    `${describeNode(node)} has ${key} "${name}", which has no gradient rule. Export it with one of ` +
      `${Object.keys(table).join(", ")}, or freeze the parameters before it.`,
    { opType: node.opType, node: node.name },
  );
}
