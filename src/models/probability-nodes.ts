/** Nodes that make probabilities of logits: softmax and sigmoid, whole or in the parts that some exporters write. */
import type { GraphNode } from "../onnx/index.ts";

/** Which node makes each tensor. */
export type Producers = ReadonlyMap<string, GraphNode>;

/** Where probabilities come from. */
export interface ProbabilitySource {
  readonly kind: "softmax" | "sigmoid";
  /** The tensor that they are the probabilities of. */
  readonly logits: string;
  /** The node itself, where it is one. */
  readonly node: GraphNode | null;
}

/** What goes into the softmax or sigmoid that makes a tensor; null where none makes it. */
export function probabilitySource(name: string, producers: Producers): ProbabilitySource | null {
  const node = producers.get(name);
  if (node === undefined) return null;
  const from = (kind: ProbabilitySource["kind"], logits: string, whole = false) => ({
    kind,
    logits,
    node: whole ? node : null,
  });
  const of = (input: string, ...opTypes: string[]): GraphNode | undefined => {
    const found = producers.get(input);
    return found && opTypes.includes(found.opType) ? found : undefined;
  };
  const [a, b] = node.inputs;
  switch (node.opType) {
    case "Softmax":
    case "LogSoftmax":
      return from("softmax", a, true);
    case "Sigmoid":
      return from("sigmoid", a, true);
    case "Div": {
      // exp(x − max x) / Σ exp(x − max x)
      const exponential = of(a, "Exp");
      const sum = of(b, "ReduceSum");
      if (exponential && sum?.inputs[0] === a) return from("softmax", unshifted(exponential.inputs[0]));
      const z = sigmoidDenominator(b);
      return z !== undefined ? from("sigmoid", z) : null;
    }
    case "Reciprocal": {
      const z = sigmoidDenominator(a);
      return z !== undefined ? from("sigmoid", z) : null;
    }
    case "Sub": {
      // x − log Σ exp x
      const whole = of(b, "ReduceLogSumExp");
      if (whole?.inputs[0] === a) return from("softmax", unshifted(a));
      const sum = of(of(b, "Log")?.inputs[0] ?? "", "ReduceSum");
      return sum && of(sum.inputs[0], "Exp")?.inputs[0] === a ? from("softmax", unshifted(a)) : null;
    }
    default:
      return null;
  }

  /** x of x − max x. */
  function unshifted(shifted: string): string {
    const difference = of(shifted, "Sub");
    const isShift = difference && of(difference.inputs[1], "ReduceMax")?.inputs[0] === difference.inputs[0];
    return isShift ? difference.inputs[0] : shifted;
  }

  /** z of 1 + exp(−z). */
  function sigmoidDenominator(sum: string): string | undefined {
    return of(sum, "Add")
      ?.inputs.map((input) => of(of(input, "Exp")?.inputs[0] ?? "", "Neg")?.inputs[0])
      .find((z) => z !== undefined);
  }
}
