import { type Shape, type Tensor, numbersOf } from "../../tensor/index.ts";
import { type Attributes, describeNode } from "../attribute.ts";
import { ModelError } from "../errors.ts";
import type { Value, ValueType } from "../value.ts";

/** A node as inference sees it: typed inputs, and how many outputs are asked for. */
export interface InferenceNode {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly outputCount: number;
}

/** Element type and shape of each output from those of the inputs. @throws ShapeError when the inputs do not fit. */
export type InferenceRule = (node: InferenceNode) => ValueType[];

/** Input `index`, which the operator requires. */
export function required(node: InferenceNode, index: number): Value {
  const value = node.inputs[index];
  if (!value) throw new ModelError(`${describeNode(node)} lacks its input ${index}.`);
  return value;
}

/** Input `index`, which must be known before the graph runs, as plain numbers; undefined when it is omitted. */
export function constantNumbers(node: InferenceNode, index: number): number[] | undefined {
  const value = node.inputs[index];
  if (!value) return undefined;
  return numbersOf(constantTensor(node, value));
}

function constantTensor(node: InferenceNode, value: Value): Tensor {
  if (!value.constant) {
    throw new ModelError(
      `${describeNode(node)} takes its shape from "${value.name}", whose contents depend on the data. ` +
        `Shapes must be fixed: export the model with static shapes apart from the batch.`,
    );
  }
  return value.constant;
}

/** The output has the type and shape of the first input. */
export const sameAsFirst: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  return [{ dtype, shape }];
};

/** One output of the first input's element type. */
export const firstTypeWith = (node: InferenceNode, shape: Shape): ValueType[] => [
  { dtype: required(node, 0).dtype, shape },
];
