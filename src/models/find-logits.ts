/** Where the logits of a classifier are that somebody else's exporter wrote. */
import { type Graph, type GraphNode, type ValueInfo, describeNode, opsetOf } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { InferredGraph } from "./infer-values.ts";
import { type ProbabilitySource, type Producers, probabilitySource } from "./probability-nodes.ts";

export interface FoundLogits {
  /** Name of the tensor. */
  readonly logits: string;
  /** What was guessed, a sentence each. */
  readonly notes: readonly string[];
}

/** Operators that change shape, type or name only: each element of the output is one of the first input, and none is lost. */
const carrying = new Set(
  ["Identity", "Cast", "CastLike", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"].concat(
    "Dropout",
  ),
);

/**
 * What is done to probabilities without a second thought, and keeps their order: they are kept off 0 and 1, given in
 * per cent, or their logarithm is taken or undone.
 */
const afterProbabilities = new Set(["Clip", "Log", "Exp", "Max", "Min", "Add", "Sub", "Mul", "Div"]);

const arithmetic = new Set(["Add", "Sub", "Mul", "Div"]);

/** Operators whose output says which class it is. */
const labelling = new Set([
  "ArgMax",
  "ArgMin",
  "TopK",
  "Hardmax",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Round",
]);

/** What people call logits and probabilities. */
const usualName = /logit|prob|softmax|class|score|pred/i;

/**
 * Follows each output back through what changes shape, type or name only, and through softmax, log-softmax or sigmoid. Of several
 * outputs the first is taken that can be logits and does not lead to another.
 *
 * @param classes  how many classes the file names, if it names any
 * @throws UsageError when no output holds logits or probabilities
 */
export function findLogits(
  graph: Graph,
  inferred: InferredGraph,
  source: string,
  classes?: number,
): FoundLogits {
  const producers: Producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)),
  );
  if (graph.outputs.length === 0) throw new UsageError(`${source} has no output.`);
  const traced = graph.outputs.map((output) => traceOutput(output, producers, inferred));
  const usable = traced.filter(({ labels, output }) => labels === null && isFloat(output, inferred));
  if (usable.length === 0) throw noLogits(traced, source, graph.outputs);
  const shaped = usable.filter(({ tensor }) => formOf(tensor, inferred) !== "map");
  // Beside logits, one number an image is a value, an energy or a confidence.
  const wide = shaped.filter(({ tensor }) => formOf(tensor, inferred) !== "one");
  const candidates = [wide, shaped, usable].find(({ length }) => length > 0)!;
  const tensors = [...new Set(candidates.map(({ tensor }) => tensor))];
  const last = tensors.filter((tensor) => !tensors.some((other) => leadsTo(tensor, other, producers)));
  const of = (tensor: string) => candidates.find((candidate) => candidate.tensor === tensor)!;
  const preferences: readonly ((tensor: string) => boolean)[] = [
    (tensor) => classes !== undefined && widthOf(tensor, inferred) === classes,
    (tensor) => of(tensor).probabilities !== null || usualName.test(of(tensor).output.name),
  ];
  const [logits] = preferences.reduce((left, isPreferred) => {
    const preferred = left.filter(isPreferred);
    return preferred.length > 0 ? preferred : left;
  }, last);
  const { probabilities, output } = of(logits);
  const notes: string[] = [];
  const choices = shaped.length > 0 ? shaped : usable;
  if (choices.some(({ tensor }) => tensor !== logits)) {
    const others = choices.filter(({ tensor }) => tensor !== logits).map((other) => other.output.name);
    notes.push(
      `${source} has ${graph.outputs.length} outputs; the logits are taken from "${output.name}", not from ` +
        `${quoted(others)}. Name another tensor as output (--output) if that is wrong.`,
    );
  }
  if (probabilities) notes.push(...probabilityNotes(probabilities, inferred, opsetOf(graph), source));
  return { logits, notes };
}

/** How a tensor of one batch is laid out: rows of classes, one number a row, or with axes of space or time. */
export function formOf(name: string, { values, batch }: InferredGraph): "rows" | "one" | "map" | "unknown" {
  const shape = values.get(name)?.shape;
  if (!shape) return "unknown";
  if (shape.length === 0 || shape[0] !== batch) return "map";
  const wide = shape.slice(1).filter((length) => length !== 1);
  return wide.length > 1 ? "map" : wide.length === 1 ? "rows" : "one";
}

/** How many logits an image has; null where shapes cannot be told. */
export function widthOf(name: string, inferred: InferredGraph): number | null {
  const form = formOf(name, inferred);
  if (form === "unknown" || form === "map") return null;
  return inferred.values
    .get(name)!
    .shape.slice(1)
    .reduce((a, b) => a * b, 1);
}

interface Traced {
  readonly output: ValueInfo;
  /** Where the logits are, if it is no label. */
  readonly tensor: string;
  readonly probabilities: ProbabilitySource | null;
  /** The node that makes labels of them. */
  readonly labels: GraphNode | null;
}

function traceOutput(output: ValueInfo, producers: Producers, inferred: InferredGraph): Traced {
  const result = { output, probabilities: null, labels: null };
  // Behind a last Cast to another type than float32 the logits may be in float32 yet.
  let carried = output.name;
  let isAltered = false;
  const isMap = formOf(output.name, inferred) === "map";
  for (let name = output.name; ;) {
    const probabilities = probabilitySource(name, producers);
    // A softmax over the images of a batch is part of the model.
    const isOfRows = probabilities && (isMap || formOf(probabilities.logits, inferred) !== "map");
    if (isOfRows) return { ...result, tensor: probabilities.logits, probabilities };
    const node = producers.get(name);
    if (!node) return { ...result, tensor: carried };
    const isLabel = labelling.has(node.opType) || isConfidence(node, inferred);
    if (isLabel) {
      const [made] = node.inputs;
      return { ...result, tensor: probabilitySource(made, producers)?.logits ?? made, labels: node };
    }
    const isCarried = carrying.has(node.opType);
    const next = isCarried ? node.inputs[0] : alteredInput(node, producers, inferred);
    if (next === undefined) return { ...result, tensor: carried };
    isAltered ||= !isCarried;
    if (!isAltered && node.opType.startsWith("Cast") && output.dtype !== "float32") carried = next;
    name = next;
  }
}

/** The greatest of the classes, of which it does not say which it is. */
const isConfidence = ({ opType, inputs, outputs }: GraphNode, inferred: InferredGraph): boolean =>
  opType === "ReduceMax" && formOf(outputs[0], inferred) === "one" && formOf(inputs[0], inferred) === "rows";

/** The probabilities, perhaps, that a node clips, scales, shifts, or takes the logarithm or exponential of. */
function alteredInput(node: GraphNode, producers: Producers, { values }: InferredGraph): string | undefined {
  const { opType, inputs } = node;
  if (!afterProbabilities.has(opType)) return undefined;
  const isConstant = (name: string) => !producers.has(name) || producers.get(name)!.opType === "Constant";
  const varying = inputs.filter((name) => name !== "" && !isConstant(name));
  if (varying.length !== 1) return undefined;
  if (!arithmetic.has(opType)) return varying[0];
  // One number for all classes leaves their order, where it does not turn it round.
  const other = values.get(inputs.find((name) => name !== varying[0])!)?.constant;
  if (other?.data.length !== 1) return undefined;
  const isScale = opType === "Mul" || opType === "Div";
  const isFirst = (opType === "Sub" || opType === "Div") && isConstant(inputs[0]);
  const isTurned = isFirst || (isScale && !(Number(other.data[0]) > 0));
  return isTurned ? undefined : varying[0];
}

/** Whether `to` depends on `from`. */
function leadsTo(from: string, to: string, producers: Producers): boolean {
  if (from === to) return false;
  const seen = new Set([to]);
  for (const name of seen) {
    for (const input of producers.get(name)?.inputs ?? []) {
      if (input === from) return true;
      if (input !== "") seen.add(input);
    }
  }
  return false;
}

function isFloat({ name, dtype }: ValueInfo, { values }: InferredGraph): boolean {
  return /^(b?float|double)/.test(values.get(name)?.dtype ?? dtype);
}

function noLogits(traced: readonly Traced[], source: string, outputs: readonly ValueInfo[]): UsageError {
  const labelled = traced.find(({ labels }) => labels !== null);
  if (labelled) {
    return new UsageError(
      `The output "${labelled.output.name}" of ${source} holds labels or confidences (${describeNode(labelled.labels!)}); logits are ` +
        `needed. Name the tensor that they are made of: output "${labelled.tensor}" (--output ${labelled.tensor}).`,
    );
  }
  const described = outputs.map(({ name, dtype }) => `"${name}" (${dtype})`).join(", ");
  return new UsageError(
    `${source} gives no logits: its outputs are ${described}. Export it with float32 logits [N, classes], or name ` +
      `the tensor that holds them as output (--output).`,
  );
}

function probabilityNotes(
  { kind, logits, node }: ProbabilitySource,
  inferred: InferredGraph,
  opset: number,
  source: string,
): string[] {
  const width = widthOf(logits, inferred);
  if (kind === "sigmoid") {
    if (width === 1) return [];
    return [
      `${source} ends in a sigmoid for each class; the logits are what goes into it ("${logits}"). Each image is taken ` +
        `to be of one class: training minimises the cross-entropy of a softmax.`,
    ];
  }
  const shape = inferred.values.get(logits)?.shape;
  if (!node || !shape || width === null || width === 1) return [];
  const axis = typeof node.attributes.axis === "number" ? node.attributes.axis : opset < 13 ? 1 : -1;
  const from = axis < 0 ? axis + shape.length : axis;
  const classAxis = shape.findIndex((length, i) => i > 0 && length !== 1);
  // Before opset 13 all axes from the given one on are taken together.
  const isRight = opset < 13 ? from >= 1 && from <= classAxis : from === classAxis;
  return isRight
    ? []
    : [
        `${source}: ${describeNode(node)} goes along axis ${axis} of [N, ${shape.slice(1).join(", ")}], not along the ` +
          `classes; its probabilities are not used here, the logits are what goes into it ("${logits}").`,
      ];
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
