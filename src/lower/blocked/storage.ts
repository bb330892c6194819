/**
 * Kernels that a model keeps in the memory of their convolutions between steps: reordering 512×512×3×3 numbers in every step costs more than the
 * memory is worth. Optimizers work element by element and do not care.
 */
import {
  type Graph,
  type GraphNode,
  type Value,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../onnx/index.ts";
import { type Shape, sizeOf } from "../../tensor/index.ts";
import { allEqual } from "../conv-window.ts";
import type { BlockedRule } from "./rule.ts";
import { forwardWeight, weightByTaps } from "./weights.ts";
import { isWinogradKernel } from "./winograd/index.ts";

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

/** How a kernel [Co, Ci, kh, kw] lies in the state. */
export interface KernelMemory {
  /**
   * Blocks: [Co/b, Ci/b, kh, kw, b in, b out], as direct convolutions take it. Taps: [kh, kw, Ci, Co], as minimal
   * filtering does.
   */
  readonly by: "blocks" | "taps";
  readonly block: number;
}

/** The kernels of a model that are kept so: those with whole blocks of both channels, by name. */
export function kernelMemories(graph: Graph, block: number): ReadonlyMap<string, KernelMemory> {
  const { all, alone } = kernelsOf(graph);
  const direct = new Set(graph.nodes.flatMap((node) => (isDense(node) ? [] : [node.inputs[1]])));
  const kept = all.filter(
    ({ name, shape: [co, ci] }) => alone.has(name) && co % block === 0 && ci % block === 0,
  );
  return new Map(
    kept.map(({ name, shape }) => {
      const by = isWinogradKernel(shape) && !direct.has(name) ? "taps" : "blocks";
      return [name, { by, block }] as const;
    }),
  );
}

const isDense = (node: GraphNode): boolean =>
  ["strides", "dilations"].every((key) => allEqual(intsAttribute(node, key, []), 1));

/** A kernel's numbers in the memory that it is kept in. */
export const storedKernel = (plain: Float32Array, shape: Shape, memory: KernelMemory): Float32Array =>
  permuted(shape, memory, (at, stored, out) => (out[stored] = plain[at]));

/** The inverse of {@link storedKernel}. */
export const plainKernel = (stored: Float32Array, shape: Shape, memory: KernelMemory): Float32Array =>
  permuted(shape, memory, (at, from, out) => (out[at] = stored[from]));

function permuted(
  shape: Shape,
  { by, block: b }: KernelMemory,
  copy: (plain: number, stored: number, out: Float32Array) => void,
): Float32Array {
  const [co, ci, kh, kw] = shape;
  const taps = kh * kw;
  const inBlocks = (o: number, i: number, t: number): number => {
    const tile = (Math.floor(o / b) * (ci / b) + Math.floor(i / b)) * taps;
    return ((tile + t) * b + (i % b)) * b + (o % b);
  };
  const byTaps = (o: number, i: number, t: number): number => (t * ci + i) * co + o;
  const position = by === "taps" ? byTaps : inBlocks;
  const out = new Float32Array(sizeOf(shape));
  let plain = 0;
  for (let o = 0; o < co; o++)
    for (let i = 0; i < ci; i++) for (let t = 0; t < taps; t++) copy(plain++, position(o, i, t), out);
  return out;
}

/** A flat piece of the state as the kernel that it holds. */
export const fromStorage: BlockedRule = ({ layouts }, node) => {
  const shape = intsAttribute(node, "shape");
  const [co, ci, kh, kw] = shape;
  const by = memoryOf(node);
  const value = layouts.g.reshape(node.inputs[0], by === "taps" ? [kh * kw, ci, co] : shape);
  return [layouts.hold({ kind: "weight", by, value }, { dtype: value.dtype, shape })];
};

/** A kernel (its gradient) as a flat piece of the state. */
export const toStorage: BlockedRule = ({ layouts }, node): readonly Value[] => {
  const [kernel] = node.inputs;
  const stored = memoryOf(node) === "taps" ? weightByTaps(layouts, kernel) : forwardWeight(layouts, kernel);
  return [layouts.g.reshape(stored, [sizeOf(kernel.shape)])];
};

const memoryOf = (node: Pick<GraphNode, "opType" | "name" | "attributes">): KernelMemory["by"] =>
  stringAttribute(node, "by") as KernelMemory["by"];
