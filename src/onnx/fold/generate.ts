/** Folding of what follows from shapes and numbers alone, and the contents of Constant nodes. */
import { type Tensor, numbersOf, sizeOf, zeros } from "../../tensor/index.ts";
import { floatAttribute, intAttribute, intsAttribute, tensorAttribute } from "../attribute.ts";
import type { InferenceNode } from "../infer/rule.ts";
import type { ValueType } from "../value.ts";
import { type Fold, make, single } from "./fold.ts";

/** The output of Shape or Size, which need only the shape of their input. */
export function shapeValue(node: InferenceNode, type: ValueType): Tensor {
  const { shape } = node.inputs[0]!;
  if (node.opType === "Size") return make({ dtype: "int64", shape: [] }, [sizeOf(shape)]);
  const start = intAttribute(node, "start", 0);
  return make(
    type,
    shape.slice(start, start < 0 && type.shape[0] === -start ? undefined : start + type.shape[0]),
  );
}

/** start, start + delta, … */
export const range: Fold = single((_, [start, , delta], type) => {
  const [[first], [step]] = [numbersOf(start), numbersOf(delta)];
  return make(
    type,
    Array.from({ length: sizeOf(type.shape) }, (_, i) => first + i * step),
  );
});

/** One value throughout. */
export const constantOfShape: Fold = single((node, _, { dtype, shape }) => {
  const data = zeros(dtype, sizeOf(shape));
  const { value } = node.attributes;
  if (value !== undefined) {
    (data as unknown as { fill(v: unknown): void }).fill(tensorAttribute(node, "value").data[0]);
  }
  return { dtype, shape, data } as Tensor;
});

/** Contents of a `Constant` node, whichever attribute holds them. */
export function constantNodeValue(node: InferenceNode): Tensor {
  const { attributes } = node;
  if (attributes.value_float !== undefined) {
    return make({ dtype: "float32", shape: [] }, [floatAttribute(node, "value_float")]);
  }
  if (attributes.value_int !== undefined) {
    return make({ dtype: "int64", shape: [] }, [intAttribute(node, "value_int")]);
  }
  if (attributes.value_ints !== undefined) {
    const values = intsAttribute(node, "value_ints");
    return make({ dtype: "int64", shape: [values.length] }, values);
  }
  const floats = attributes.value_floats;
  if (typeof floats === "object" && "floats" in floats) {
    return make({ dtype: "float32", shape: [floats.floats.length] }, floats.floats);
  }
  return tensorAttribute(node, "value");
}
