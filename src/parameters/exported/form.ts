/** How a file holds a module's tensor. */
import { type GraphNode } from "../../onnx/index.ts";
import { type Tensor, int64 } from "../../tensor/index.ts";
import { type Window, windowIndex, windowTable } from "./position-table.ts";

/** "padded": with further axes of length 1; a window's table is gathered for each pair of places. */
export type Form = "as is" | "transposed" | "padded" | Window;

/**
 * The module's tensor, from what the file holds.
 *
 * @returns undefined where the file's tensor cannot be of that form
 */
export function ownTensor(held: Tensor, form: Form): Tensor | undefined {
  if (form === "as is") return held;
  if (form === "padded") return { ...held, shape: withoutPadding(held.shape) };
  if (form === "transposed") return held.shape.length === 2 ? transposed(held) : undefined;
  return windowTable(held, form);
}

/** Modules have no such axes but for the channels of a single one. */
function withoutPadding(shape: readonly number[]): number[] {
  const axes = shape.filter((length) => length !== 1);
  return axes.length > 0 ? axes : [1];
}

/** A matrix [a, b] as [b, a]. */
function transposed(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape;
  const data = matrix.data.slice();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) data[j * rows + i] = matrix.data[i * columns + j];
  return { ...matrix, shape: [columns, rows], data } as Tensor;
}

/** Nodes that make of a module's tensor what the file held, and the constants that they need. */
export function heldAgain(
  name: string,
  form: Exclude<Form, "as is">,
  shape: readonly number[],
  output: string,
): { nodes: GraphNode[]; constants: [string, Tensor][] } {
  if (form === "transposed") return { nodes: [node("Transpose", [name], output, [1, 0])], constants: [] };
  const lengths = `${output}:shape`;
  const constants: [string, Tensor][] = [[lengths, int64(shape)]];
  if (form === "padded") return { nodes: [node("Reshape", [name, lengths], output)], constants };
  const [turned, places, gathered] = ["turned", "places", "gathered"].map((what) => `${output}:${what}`);
  return {
    nodes: [
      node("Transpose", [name], turned, [1, 0]),
      { ...node("Gather", [turned, places], gathered), attributes: { axis: 1 } },
      node("Reshape", [gathered, lengths], output),
    ],
    constants: [...constants, [places, int64(windowIndex(form))]],
  };
}

const node = (opType: string, inputs: string[], output: string, perm?: number[]): GraphNode => ({
  opType,
  domain: "",
  name: "",
  inputs,
  outputs: [output],
  attributes: perm ? { perm } : {},
});
