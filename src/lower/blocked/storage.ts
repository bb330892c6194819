/**
 * Kernels that a model keeps blocked between steps: reordering 512×512×3×3 numbers in every step costs more than the
 * memory is worth. Optimizers work element by element and do not care.
 */
import { type Graph, type Value, intAttribute, intsAttribute } from "../../onnx/index.ts";
import { type Shape, sizeOf } from "../../tensor/index.ts";
import type { BlockedRule } from "./rule.ts";
import { forwardWeight } from "./weights.ts";

/**
 * The kernels [Co, Ci, kh, kw] of a model that can be kept in blocks of `block`: whole blocks of both channels, read by
 * convolutions of one group alone. Empty where blocked memory would not pay: when they are not the greater part of
 * all kernels' numbers.
 *
 * @param graph  at the current opset
 */
export function blockedKernels(graph: Graph, block: number): ReadonlySet<string> {
  const readers = new Map<string, boolean>();
  const firsts = new Set<string>();
  for (const node of graph.nodes) {
    node.inputs.forEach((name, index) => {
      if (!graph.initializers.has(name)) return;
      const isKernel =
        node.domain === "" && node.opType === "Conv" && index === 1 && intAttribute(node, "group", 1) === 1;
      readers.set(name, isKernel && readers.get(name) !== false);
    });
    if (node.opType === "Conv") firsts.add(node.inputs[1]);
  }
  const all = [...firsts].flatMap((name) => {
    const shape = graph.initializers.get(name)?.shape;
    return shape ? [{ name, shape }] : [];
  });
  const kept = all.filter(({ name, shape: [co, ci, ...kernel] }) => {
    return readers.get(name) && kernel.length === 2 && co % block === 0 && ci % block === 0;
  });
  const numbers = (kernels: readonly { shape: Shape }[]) =>
    kernels.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return new Set(2 * numbers(kept) > numbers(all) ? kept.map(({ name }) => name) : []);
}

/** A kernel's numbers in the memory of blocked convolutions, [Co/b, Ci/b, kh, kw, b in, b out]. */
export const storedKernel = (plain: Float32Array, shape: Shape, block: number): Float32Array =>
  permuted(shape, block, (at, blocked, out) => (out[blocked] = plain[at]));

/** The inverse of {@link storedKernel}. */
export const plainKernel = (stored: Float32Array, shape: Shape, block: number): Float32Array =>
  permuted(shape, block, (at, blocked, out) => (out[at] = stored[blocked]));

function permuted(
  shape: Shape,
  b: number,
  copy: (plain: number, blocked: number, out: Float32Array) => void,
): Float32Array {
  const [co, ci, kh, kw] = shape;
  const taps = kh * kw;
  const out = new Float32Array(sizeOf(shape));
  let plain = 0;
  for (let o = 0; o < co; o++) {
    for (let i = 0; i < ci; i++) {
      const tile = (Math.floor(o / b) * (ci / b) + Math.floor(i / b)) * taps;
      for (let t = 0; t < taps; t++) copy(plain++, ((tile + t) * b + (i % b)) * b + (o % b), out);
    }
  }
  return out;
}

/** A flat piece of the state as the kernel that it holds. */
export const fromStorage: BlockedRule = ({ layouts }, node) => {
  const shape = intsAttribute(node, "shape");
  const value = layouts.g.reshape(node.inputs[0], shape);
  return [layouts.hold({ kind: "weight", value }, value)];
};

/** A kernel (its gradient) as a flat piece of the state. */
export const toStorage: BlockedRule = ({ layouts }, { inputs: [kernel] }): readonly Value[] => {
  const stored = forwardWeight(layouts, kernel);
  return [layouts.g.reshape(stored, [sizeOf(kernel.shape)])];
};
