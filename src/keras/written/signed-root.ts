/**
 * sign(x)·(√(|x| + ε) − √ε) of a row whose |x| are at most 1, as a new head has it by default. TensorFlow.js has no layer for a root;
 * it is made of products, to the last digits.
 *
 * In units of ε: u = |x|/ε + 1, and r = 1/√u by Newton's r ← r·(3 − u·r²)/2, which squares the error. It starts on a line
 * through points of 1/√u, at most 2 % above it; after two turns 2·10⁻⁷ are left. Positive and negative parts go side by side,
 * of which one is 0, so that √ε falls out of their difference.
 */
import { type TypedNode, type Value, intAttribute } from "../../onnx/index.ts";
import { numbersOf } from "../../tensor/index.ts";
import type { Placed } from "./placed.ts";
import { type Sequence, sequence } from "./sequence.ts";
import type { Writer } from "./writer.ts";

export interface SignedRoot {
  readonly x: Value;
  readonly epsilon: number;
}

export interface SignedRoots {
  /** By the node that gives the root. */
  readonly ends: ReadonlyMap<TypedNode, SignedRoot>;
  /** The nodes on the way there, which are not written for themselves. */
  readonly inside: ReadonlySet<TypedNode>;
}

/** Where a graph takes such roots: Mul(Sub(Sqrt(Add(Abs(x), ε)), √ε), Sign(x)) behind x = LpNormalization(…, p = 1). */
export function signedRoots(nodes: readonly TypedNode[]): SignedRoots {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map(({ name }) => [name, node] as const)));
  const maker = (value: Value | null | undefined, opType: string): TypedNode | undefined => {
    const node = value && makers.get(value.name);
    return node?.domain === "" && node.opType === opType ? node : undefined;
  };
  const ends = new Map<TypedNode, SignedRoot>();
  const inside = new Set<TypedNode>();
  for (const end of nodes) {
    if (end.domain !== "" || end.opType !== "Mul") continue;
    const sub = maker(end.inputs[0], "Sub");
    const sqrt = maker(sub?.inputs[0], "Sqrt");
    const add = maker(sqrt?.inputs[0], "Add");
    const abs = maker(add?.inputs[0], "Abs");
    const sign = maker(end.inputs[1], "Sign");
    const x = abs?.inputs[0];
    const made = maker(x, "LpNormalization");
    if (!sub || !sqrt || !add || !abs || !sign || !x || !made) continue;
    const [epsilon, least] = [single(add.inputs[1]), single(sub.inputs[1])];
    const isOne =
      sign.inputs[0]?.name === x.name &&
      intAttribute(made, "p", 2) === 1 &&
      epsilon !== undefined &&
      epsilon > 0 &&
      Math.abs(Math.sqrt(epsilon) - (least ?? NaN)) < 1e-6 * Math.sqrt(epsilon);
    if (!isOne) continue;
    ends.set(end, { x, epsilon });
    for (const node of [sub, sqrt, add, abs, sign]) inside.add(node);
  }
  return { ends, inside: withoutReadOutside(nodes, ends, inside) };
}

const single = (value: Value | null | undefined): number | undefined =>
  value?.constant?.data.length === 1 ? numbersOf(value.constant)[0] : undefined;

/** What others read too is written for itself, and refused there. */
function withoutReadOutside(
  nodes: readonly TypedNode[],
  ends: ReadonlyMap<TypedNode, unknown>,
  inside: ReadonlySet<TypedNode>,
): ReadonlySet<TypedNode> {
  const read = new Set(
    nodes.flatMap((node) =>
      inside.has(node) || ends.has(node) ? [] : node.inputs.map((value) => value?.name),
    ),
  );
  return new Set([...inside].filter((node) => !node.outputs.some(({ name }) => read.has(name))));
}

/** Adds the layers. */
export function signedRoot(writer: Writer, x: Placed, epsilon: number): Placed {
  const size = x.shape[x.channelAxis];
  const parts = sequence(writer, x.layer)
    .reshape(size, 1)
    .dense([[1 / epsilon, -1 / epsilon]])
    .relu()
    .reshape(2 * size, 1);
  const u = parts.dense([[1]], [1]);
  const r = newton(u, newton(u, inverseRoot(parts, 1 / epsilon)));
  const root = Math.sqrt(epsilon);
  const signed = u
    .with("Multiply", r)
    .reshape(size, 2)
    .dense([[root], [-root]])
    .reshape(size);
  return { ...x, layer: signed.layer };
}

/** TensorFlow.js frees a tensor that one layer takes twice: u·r and then ·r. */
const newton = (u: Sequence, r: Sequence): Sequence =>
  r.with(
    "Multiply",
    u
      .with("Multiply", r)
      .with("Multiply", r)
      .dense([[-0.5]], [1.5]),
  );

/** From one point to the next u grows by at most this factor: a line between them lies at most 2 % above 1/√u. */
const STEP = 1.5;

/** 1/√(v + 1) for v in [0, most], on a line through points of it: each segment adds a share in [0, 1] of its fall. */
function inverseRoot(v: Sequence, most: number): Sequence {
  const segments = Math.ceil(Math.log(most + 1) / Math.log(STEP));
  const points = Array.from({ length: segments + 1 }, (_, i) => (most + 1) ** (i / segments));
  const starts = points.slice(0, -1);
  const lengths = starts.map((start, i) => points[i + 1] - start);
  const falls = starts.map((start, i) => [1 / Math.sqrt(points[i + 1]) - 1 / Math.sqrt(start)]);
  return v
    .dense(
      [lengths.map((length) => 1 / length)],
      starts.map((start, i) => (1 - start) / lengths[i]),
    )
    .relu(1)
    .dense(falls, [1]);
}
