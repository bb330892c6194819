/** What a rule for an operator works with: the tensors that it takes, and the layers that it adds. */
import { type TypedNode, UnsupportedOpError, describeNode } from "../../onnx/index.ts";
import { type Shape, type Tensor, numbersOf } from "../../tensor/index.ts";
import { LayerList, type LayerParts, type WrittenWeight } from "./layer-list.ts";
import type { Placed } from "./placed.ts";

/** Writes a node's first output as layers. @throws UnsupportedOpError where no layer computes it */
export type LayerRule = (writer: Writer, node: TypedNode) => Placed;

export class Writer {
  readonly #list = new LayerList();
  /** By the names of tensors. */
  readonly #placed = new Map<string, Placed>();

  get layers(): LayerList["layers"] {
    return this.#list.layers;
  }

  add(parts: LayerParts): string {
    return this.#list.add(parts);
  }

  /** Adds a layer of one input that keeps its shape. */
  same(
    className: string,
    x: Placed,
    config: LayerParts["config"] = {},
    weights: readonly WrittenWeight[] = [],
  ): Placed {
    return { ...x, layer: this.add({ className, config, inputs: [x.layer], weights }) };
  }

  place(name: string, placed: Placed): void {
    this.#placed.set(name, placed);
  }

  /** Where a tensor is that depends on the images; undefined for one that does not. */
  find(name: string): Placed | undefined {
    return this.#placed.get(name);
  }

  /** Where input `index` is, which must depend on the images. */
  input(node: TypedNode, index = 0): Placed {
    const value = node.inputs[index];
    return (
      (value && this.find(value.name)) ?? refuse(node, `its input ${index} does not depend on the images`)
    );
  }

  /** The same as a map, [H, W, C]. */
  map(node: TypedNode, index = 0): Placed {
    const x = this.input(node, index);
    if (x.form === "map") return x;
    if (x.shape.length !== 3 || x.flatOf)
      refuse(node, `it takes maps, and its input is [${x.shape}] an image`);
    const target_shape = [1, 1, x.shape[x.channelAxis]];
    return {
      ...x,
      form: "map",
      layer: this.add({ className: "Reshape", config: { target_shape }, inputs: [x.layer] }),
    };
  }

  /** Input `index` where it is known before the graph runs; undefined where it is left out. */
  constant(node: TypedNode, index: number): Tensor | undefined {
    const value = node.inputs[index];
    if (!value) return undefined;
    return value.constant ?? refuse(node, `its input "${value.name}" is computed from the images`);
  }
}

export const floats = (tensor: Tensor): Float32Array => Float32Array.from(numbersOf(tensor));

export const weight = (name: string, shape: Shape, data: Float32Array): WrittenWeight => ({
  name,
  shape,
  data,
});

export function refuse(node: TypedNode, why: string): never {
  const { opType, name } = node;
  throw new UnsupportedOpError(
    `${describeNode(node)} cannot be written as a layer of TensorFlow.js: ${why}. Save the model as ONNX.`,
    { opType, node: name },
  );
}
