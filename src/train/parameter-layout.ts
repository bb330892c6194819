import { fromStorage, toStorage } from "../autodiff/index.ts";
import { type KernelMemory, plainKernel, storedKernel } from "../lower/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type Shape, type Tensor, float32, sizeOf } from "../tensor/index.ts";

/** Up to this many parameters, one flat vector is faster: one update and one state tensor (LeNet 5.2 against 5.45 ms). */
const LARGEST_FLAT = 10_000_000;

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  /** Of a kernel that is held as its convolutions take it. */
  readonly memory?: KernelMemory;
  /** Weight decay leaves it alone. */
  readonly isSpared?: boolean;
}

/**
 * How parameters are held between steps: `slots` are the tensors that enter and leave the step graph, each one flat
 * vector of the parameters it lists.
 */
export interface ParameterLayout {
  readonly slots: readonly {
    readonly size: number;
    readonly parameters: readonly Parameter[];
    /** Weight decay leaves all of it alone. */
    readonly isSpared?: boolean;
  }[];
}

/** One slot for small models, beside it one of what weight decay spares; one per parameter for large ones. */
export function layoutOf(parameters: readonly Parameter[]): ParameterLayout {
  if (sizeOfAll(parameters) > LARGEST_FLAT) return separately(parameters);
  const parts = [
    parameters.filter(({ isSpared }) => !isSpared),
    parameters.filter(({ isSpared }) => isSpared),
  ];
  return { slots: parts.filter((part) => part.length > 0).map(slotOf) };
}

const sizeOfAll = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0);

/** @param parameters  that decay alike */
const slotOf = (parameters: readonly Parameter[]): ParameterLayout["slots"][number] => ({
  parameters,
  size: sizeOfAll(parameters),
  ...(parameters[0].isSpared && { isSpared: true }),
});

/** The same parameters with a slot for each. */
export const separateLayout = ({ slots }: ParameterLayout): ParameterLayout =>
  separately(slots.flatMap(({ parameters }) => parameters));

const separately = (parameters: readonly Parameter[]): ParameterLayout => ({
  slots: parameters.map((p) => slotOf([p])),
});

/** The same layout with these kernels, by name, held so. */
export const withMemories = (
  { slots }: ParameterLayout,
  memories: ReadonlyMap<string, KernelMemory>,
): ParameterLayout => ({
  slots: slots.map((slot) => ({
    ...slot,
    parameters: slot.parameters.map((p) => {
      const memory = memories.get(p.name);
      return memory ? { ...p, memory } : p;
    }),
  })),
});

/** A slot's vector with every kernel in plain memory, as files hold it. */
export const plainSlot = (layout: ParameterLayout, slot: number, held: Float32Array): Float32Array =>
  joined([...unpack({ slots: [layout.slots[slot]] }, [held]).values()], held.length);

/** The inverse of {@link plainSlot}. */
export function heldSlot(layout: ParameterLayout, slot: number, plain: Float32Array): Float32Array {
  const { size, parameters } = layout.slots[slot];
  const plainly = parameters.map(({ name, shape }) => ({ name, shape }));
  const tensors = unpack({ slots: [{ size, parameters: plainly }] }, [plain]);
  return pack({ slots: [layout.slots[slot]] }, tensors)[0];
}

function joined(tensors: readonly Tensor[], size: number): Float32Array {
  const flat = new Float32Array(size);
  let offset = 0;
  for (const { data } of tensors) {
    flat.set(data as Float32Array, offset);
    offset += data.length;
  }
  return flat;
}

/** Parameters by name, copied into one vector per slot. */
export function pack({ slots }: ParameterLayout, tensors: ReadonlyMap<string, Tensor>): Float32Array[] {
  return slots.map(({ size, parameters }) => {
    const flat = new Float32Array(size);
    let offset = 0;
    for (const { name, shape, memory } of parameters) {
      const plain = tensors.get(name)!.data as Float32Array;
      flat.set(memory ? storedKernel(plain, shape, memory) : plain, offset);
      offset += sizeOf(shape);
    }
    return flat;
  });
}

/** The inverse of {@link pack}: copies. */
export function unpack({ slots }: ParameterLayout, flats: readonly Float32Array[]): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  slots.forEach(({ parameters }, i) => {
    let offset = 0;
    for (const { name, shape, memory } of parameters) {
      const end = offset + sizeOf(shape);
      const held = flats[i].slice(offset, end);
      tensors.set(name, float32(shape, memory ? plainKernel(held, shape, memory) : held));
      offset = end;
    }
  });
  return tensors;
}

/** Inside the graph: the slots' vectors as parameters of their own shapes. */
export function splitSlots(
  g: GraphBuilder,
  { slots }: ParameterLayout,
  flats: readonly Value[],
): Map<string, Value> {
  return new Map(
    slots.flatMap(({ parameters }, i) => {
      const parts = g.split(
        flats[i],
        parameters.map((p) => sizeOf(p.shape)),
        0,
      );
      return parameters.map(
        ({ name, shape, memory }, k) =>
          [
            name,
            memory ? fromStorage(g, parts[k], { shape, by: memory.by }) : g.reshape(parts[k], shape),
          ] as const,
      );
    }),
  );
}

/** Inside the graph: one gradient vector per slot. */
export function joinSlots(
  g: GraphBuilder,
  { slots }: ParameterLayout,
  gradients: ReadonlyMap<string, Value>,
): Value[] {
  return slots.map(({ parameters }) =>
    g.concat(
      parameters.map(({ name, shape, memory }) => {
        const gradient = gradients.get(name)!;
        return memory ? toStorage(g, gradient, memory.by) : g.reshape(gradient, [sizeOf(shape)]);
      }),
      0,
    ),
  );
}
