import type { Graph } from "../../onnx/index.ts";
import { type Tensor, float32, numbersOf } from "../../tensor/index.ts";

/**
 * The graph whose logits are those of the given one divided by a number: folded into the last kernel and bias, so that layers stay what
 * they are. Null where the logits come from something else, or where what they come from is used elsewhere too.
 */
export function dividedLogits(graph: Graph, logits: string, divisor: number): Graph | null {
  const changed = new Map<string, Tensor>();
  const scaled = (name: string): boolean => {
    const value = graph.initializers.get(name);
    if (value?.dtype !== "float32" || readersOf(graph, name) > 1 || changed.has(name)) return false;
    changed.set(
      name,
      float32(
        value.shape,
        numbersOf(value).map((x) => x / divisor),
      ),
    );
    return true;
  };
  /** Whether every term of a tensor is scaled; `changed` means nothing otherwise. */
  const divided = (name: string): boolean => {
    if (graph.initializers.has(name)) return scaled(name);
    const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
    if (!node || node.domain !== "" || (name !== logits && readersOf(graph, name) > 1)) return false;
    const { inputs, opType } = node;
    if (opType === "Identity" || opType === "Flatten" || opType === "Reshape" || opType === "Squeeze")
      return divided(inputs[0]);
    if (opType === "Add" && inputs.some((input) => graph.initializers.has(input)))
      return inputs.every(divided);
    if (opType === "MatMul") return graph.initializers.has(inputs[1]) && scaled(inputs[1]);
    if (opType === "Gemm" || opType === "Conv")
      return inputs
        .slice(1)
        .every((input) => input === "" || (graph.initializers.has(input) && scaled(input)));
    return false;
  };
  if (!divided(logits)) return null;
  return { ...graph, initializers: new Map([...graph.initializers, ...changed]) };
}

const readersOf = ({ nodes, outputs }: Graph, name: string): number =>
  nodes.reduce((sum, { inputs }) => sum + inputs.filter((input) => input === name).length, 0) +
  outputs.filter((output) => output.name === name).length;
