/** Where a model's logits are, whatever it makes of them at its end. */
import type { GraphBuilder, TypedNode, Value } from "../onnx/index.ts";
import { UsageError, sizeOf } from "../tensor/index.ts";

/** Operators that change nothing but the shape of what they are given. */
const shaping = new Set(["Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity"]);

/** … and those that make other numbers of it, without weights of their own. */
const joining = new Set([...shaping, "Add", "Sub", "Mul", "Div", "Max", "Min", "Concat", "Pad", "Dropout"]);

/**
 * The logits [N, classes] behind a model's output: what goes into a last softmax or logarithm of it, found through
 * whatever changes the shape alone. One sigmoid unit is two classes whose logits are 0 and the unit's.
 *
 * @param output  [N, classes], or with more axes of length 1
 * @throws UsageError when these are no classes
 */
export function logitsOf(
  g: GraphBuilder,
  output: Value,
  model: string,
): { readonly logits: Value; readonly notes: readonly string[] } {
  const classes = sizeOf(output.shape.slice(1));
  if (output.shape.length < 2 || !isVector(output)) {
    throw new UsageError(
      `A classifier gives [N, classes]; the model "${model}" gives [N, ${output.shape.slice(1)}]. ` +
        `End it with a Flatten or a pooling layer, and a Dense layer with a unit for each class.`,
    );
  }
  const makers = new Map(g.nodes.flatMap((node) => node.outputs.map((o) => [o.name, node] as const)));
  const last = lastStep(output, makers);
  if (last?.opType === "Sigmoid") {
    if (classes > 1) {
      throw new UsageError(
        `The model "${model}" ends in a sigmoid: yes or no for each class. A classifier here tells classes apart; end ` +
          `it with a softmax or without an activation, and a unit for each class (two for yes and no).`,
      );
    }
    const note =
      `The model "${model}" ends in one sigmoid unit: it is taken for two classes, the first where the unit ` +
      `gives less than 1/2.`;
    return { logits: g.pad(flat(g, last.inputs[0]!, 1), [0, 1, 0, 0]), notes: [note] };
  }
  if (classes === 1) {
    throw new UsageError(
      `The model "${model}" gives one number for an image. End it with a unit for each class, or with one sigmoid ` +
        `unit for two.`,
    );
  }
  if (last?.opType === "Softmax" || last?.opType === "LogSoftmax") {
    return { logits: flat(g, last.inputs[0]!, classes), notes: [] };
  }
  return { logits: flat(g, output, classes), notes: probabilityNotes(output, makers, model) };
}

type Makers = ReadonlyMap<string, TypedNode>;

/** Whether all but one of an image's axes have length 1: then no order of the axes changes that of the elements. */
const isVector = ({ shape }: Value): boolean => shape.slice(1).filter((length) => length !== 1).length <= 1;

/** The last node that does more than change the shape. */
function lastStep(output: Value, makers: Makers): TypedNode | undefined {
  let node = makers.get(output.name);
  while (node && shaping.has(node.opType) && isVector(node.inputs[0]!))
    node = makers.get(node.inputs[0]!.name);
  return node;
}

const flat = (g: GraphBuilder, x: Value, classes: number): Value =>
  x.shape.length === 2 ? x : g.op1("Reshape", [x, g.ints([0, classes])]);

/** A sentence if the output is made of probabilities in a way that leaves no logits to be found. */
function probabilityNotes(output: Value, makers: Makers, model: string): string[] {
  let softmaxes = 0;
  const isProbable = (value: Value | null): boolean => {
    const node = value && makers.get(value.name);
    // Constants and weights leave it open; so does the image, which no softmax made.
    if (!node) return true;
    if (node.opType === "Softmax") return ++softmaxes > 0;
    return joining.has(node.opType) && node.inputs.every(isProbable);
  };
  if (!isProbable(output) || softmaxes === 0) return [];
  return [
    `The outputs of the model "${model}" are joined from those of a softmax: they are taken for logits as they are, ` +
      `though they are probabilities. Accuracies hold; losses and distances are smaller than those of logits.`,
  ];
}
