/**
 * Kernels that a model keeps blocked between steps: reordering 512×512×3×3 numbers in every step costs more than the
 * memory is worth. Optimizers work element by element and do not care.
 */
import { type Graph, type Value, intAttribute, intsAttribute } from "../../onnx/index.ts";
import { type Shape, sizeOf } from "../../tensor/index.ts";
import type { BlockedRule } from "./rule.ts";
import { forwardWeight } from "./weights.ts";

interface Kernel {
  readonly name: string;
  readonly shape: Shape;
}

/** The kernels of a model's convolutions in the plane; `alone` are those that convolutions of one group read, and nothing else. */
function kernelsOf(graph: Graph): { readonly all: readonly Kernel[]; readonly alone: ReadonlySet<string> } {
  const shapes = new Map<string, Shape>();
  const alone = new Map<string, boolean>();
  for (const node of graph.nodes) {
    const isConvolution = node.domain === "" && node.opType === "Conv";
    node.inputs.forEach((name, index) => {
      const shape = graph.initializers.get(name)?.shape;
      if (shape?.length !== 4) return;
      const isKernel = isConvolution && index === 1;
      if (isKernel) shapes.set(name, shape);
      alone.set(name, isKernel && intAttribute(node, "group", 1) === 1 && alone.get(name) !== false);
    });
  }
  return {
    all: [...shapes].map(([name, shape]) => ({ name, shape })),
    alone: new Set([...alone].flatMap(([name, isAlone]) => (isAlone ? name : []))),
  };
}

/**
 * Whether blocked memory pays for a model: when the greater part of its kernels' numbers are in convolutions to whole blocks
 * of channels, from whole blocks or from fewer channels than one.
 *
 * @param graph  at the current opset
 */
export function blocksPay(graph: Graph, block: number): boolean {
  const { all, alone } = kernelsOf(graph);
  const fits = ({ name, shape: [co, ci] }: Kernel) =>
    alone.has(name) && co % block === 0 && (ci % block === 0 || ci < block);
  const numbers = (kernels: readonly Kernel[]) => kernels.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return 2 * numbers(all.filter(fits)) > numbers(all);
}

/** The kernels [Co, Ci, kh, kw] of a model that can be kept in blocks: whole blocks of both channels. */
export function blockedKernels(graph: Graph, block: number): ReadonlySet<string> {
  const { all, alone } = kernelsOf(graph);
  const kept = all.filter(
    ({ name, shape: [co, ci] }) => alone.has(name) && co % block === 0 && ci % block === 0,
  );
  return new Set(kept.map(({ name }) => name));
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
