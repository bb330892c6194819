import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type Shape, type Tensor, float32, sizeOf } from "../tensor/index.ts";

/** Up to this many parameters, one flat vector is faster: one update and one state tensor (LeNet 5.2 against 5.45 ms). */
const LARGEST_FLAT = 10_000_000;

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * How parameters are held between steps: `slots` are the tensors that enter and leave the step graph, each one flat
 * vector of the parameters it lists.
 */
export interface ParameterLayout {
  readonly slots: readonly { readonly size: number; readonly parameters: readonly Parameter[] }[];
}

/** One slot for small models, one per parameter for large ones. */
export function layoutOf(parameters: readonly Parameter[]): ParameterLayout {
  const total = parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0);
  const groups = total <= LARGEST_FLAT ? [parameters] : parameters.map((p) => [p]);
  return {
    slots: groups
      .filter((group) => group.length > 0)
      .map((group) => ({ parameters: group, size: group.reduce((sum, p) => sum + sizeOf(p.shape), 0) })),
  };
}

/** Parameters by name, copied into one vector per slot. */
export function pack({ slots }: ParameterLayout, tensors: ReadonlyMap<string, Tensor>): Float32Array[] {
  return slots.map(({ size, parameters }) => {
    const flat = new Float32Array(size);
    let offset = 0;
    for (const { name, shape } of parameters) {
      flat.set(tensors.get(name)!.data as Float32Array, offset);
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
    for (const { name, shape } of parameters) {
      const end = offset + sizeOf(shape);
      tensors.set(name, float32(shape, flats[i].slice(offset, end)));
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
      return parameters.map(({ name, shape }, k) => [name, g.reshape(parts[k], shape)] as const);
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
      parameters.map(({ name, shape }) => g.reshape(gradients.get(name)!, [sizeOf(shape)])),
      0,
    ),
  );
}
