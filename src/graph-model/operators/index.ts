/** How operators of TensorFlow become nodes of ONNX, by their names. */
import type { OperatorConverter } from "../context.ts";
import { arithmeticOperators } from "./arithmetic.ts";
import { arrangementOperators } from "./arrangement.ts";
import { convolutionOperators } from "./convolution.ts";
import { linearOperators } from "./linear.ts";
import { passingOperators } from "./passing.ts";
import { poolingOperators } from "./pooling.ts";
import { reductionOperators } from "./reduction.ts";
import { resizeOperators } from "./resize.ts";
import { slicingOperators } from "./slicing.ts";
import { spacedOperators } from "./spaced.ts";

export const operators: ReadonlyMap<string, OperatorConverter> = new Map(
  Object.entries({
    ...convolutionOperators,
    ...poolingOperators,
    ...linearOperators,
    ...arithmeticOperators,
    ...reductionOperators,
    ...arrangementOperators,
    ...slicingOperators,
    ...resizeOperators,
    ...passingOperators,
    ...spacedOperators,
  }),
);

/** Loops and branches, of which a graph of ours has none. */
const control = new Set(
  [
    "Switch",
    "Merge",
    "Enter",
    "Exit",
    "NextIteration",
    "LoopCond",
    "If",
    "StatelessIf",
    "While",
    "StatelessWhile",
  ].concat(["PartitionedCall", "StatefulPartitionedCall"]),
);

/** Whether it is of loops, branches and calls. */
export const isControl = (op: string): boolean => control.has(op) || /^TensorList|^TensorArray/.test(op);

/** Why an operator is not converted, a sentence's end; undefined for those that are. */
export function refusalOf(op: string): string | undefined {
  if (operators.has(op) || op === "Const" || op === "Placeholder") return undefined;
  if (control.has(op) || /^TensorList|^TensorArray/.test(op))
    return "it is a loop, a branch or a call (control flow).";
  if (/^(HashTable|LookupTable|MutableHashTable)/.test(op)) return "it looks up words in a table.";
  return "this operator is not supported.";
}
