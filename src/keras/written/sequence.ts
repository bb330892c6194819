/** Layers one behind another, for what takes several of them. */
import type { WrittenWeight } from "./layer-list.ts";
import { type Writer, weight } from "./writer.ts";

export interface Sequence {
  /** The last one's name. */
  readonly layer: string;
  readonly add: (
    className: string,
    config?: Readonly<Record<string, unknown>>,
    weights?: readonly WrittenWeight[],
  ) => Sequence;
  /** To this shape, the batch not counted. */
  readonly reshape: (...shape: number[]) => Sequence;
  /** The last axis times a kernel, [inputs][units], of every row alike. */
  readonly dense: (kernel: readonly (readonly number[])[], bias?: readonly number[]) => Sequence;
  /** @param most  above it nothing grows */
  readonly relu: (most?: number) => Sequence;
  /** With others, by a layer that joins: Multiply, Add. */
  readonly with: (className: string, ...others: readonly Sequence[]) => Sequence;
}

/** Goes on from the output of a layer. */
export function sequence(writer: Writer, layer: string): Sequence {
  const next = (name: string): Sequence => sequence(writer, name);
  const add: Sequence["add"] = (className, config, weights) =>
    next(writer.add({ className, config, inputs: [layer], weights }));
  return {
    layer,
    add,
    reshape: (...shape) => add("Reshape", { target_shape: shape }),
    dense: (kernel, bias) =>
      next(
        writer.add({
          className: "Dense",
          config: { units: kernel[0].length, activation: "linear", use_bias: bias !== undefined },
          inputs: [layer],
          weights: [
            weight("kernel", [kernel.length, kernel[0].length], Float32Array.from(kernel.flat())),
            ...(bias ? [weight("bias", [bias.length], Float32Array.from(bias))] : []),
          ],
        }),
      ),
    relu: (most) => add("ReLU", { max_value: most ?? null }),
    with: (className, ...others) =>
      next(writer.add({ className, inputs: [layer, ...others.map((other) => other.layer)] })),
  };
}
