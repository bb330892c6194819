/** Which of the module's tensors each operator takes, by what the exporter wrote beside it. */
import type { Graph, GraphNode } from "../../onnx/index.ts";
import { type Tensor, sizeOf } from "../../tensor/index.ts";
import { type Call, callOf } from "./call.ts";
import { foldedFrom, formOf, isInnerStep, saysFolding } from "./folded-from.ts";
import type { Form } from "./form.ts";
import { operandAt } from "./operands.ts";
import { findWindow } from "./position-table.ts";
import { hasBatchNormalization } from "./rules.ts";
import type { Signature, SignedTensor } from "./signature.ts";

/** An operator's input, and the module's tensor that stands there. */
export interface Claim {
  readonly node: GraphNode;
  readonly input: number;
  /** Name in the file. */
  readonly held: string;
  readonly tensor: string;
  readonly form: Form;
}

export interface Claims {
  readonly claims: readonly Claim[];
  /** Uses of a tensor of the module by calls that do not take it: of a constant that was merged with it. */
  readonly foreign: readonly Omit<Claim, "tensor" | "form">[];
  /** Uses of a tensor, by the name in the file, of which the metadata say that another one was there, and not which. */
  readonly unknown: readonly Omit<Claim, "tensor" | "form">[];
}

/** Every use of a float tensor of which the file says where it comes from. */
export function claimsOf(graph: Graph, signature: Signature): Claims {
  const situation = situationOf(graph, signature);
  const claims: Claim[] = [];
  const foreign: Omit<Claim, "tensor" | "form">[] = [];
  const unknown: Omit<Claim, "tensor" | "form">[] = [];
  for (const node of graph.nodes) {
    // A layer that a BatchNormalization was folded into keeps its names.
    if (hasBatchNormalization(node)) continue;
    const call = callOf(node);
    node.inputs.forEach((held, input) => {
      const value = graph.initializers.get(held);
      if (!value || !/^float/.test(value.dtype)) return;
      const found = call
        ? claimAt({ node, input, held, value, call }, situation)
        : withoutCall(node, input, held, situation);
      if (found === "foreign") foreign.push({ node, input, held });
      else if (found === "unknown") unknown.push({ node, input, held });
      else if (found) claims.push({ node, input, held, ...found });
    });
  }
  return { claims, foreign, unknown };
}

interface Situation {
  readonly graph: Graph;
  readonly signature: Signature;
  /** Of the module's parameters and buffers, by name. */
  readonly kinds: ReadonlyMap<string, SignedTensor["kind"]>;
  /** Values whose origin the graph shows. */
  readonly known: ReadonlySet<string>;
  readonly saysFolding: boolean;
}

function situationOf(graph: Graph, signature: Signature): Situation {
  const own = signature.listed.filter(({ kind }) => kind !== "constant");
  return {
    graph,
    signature,
    kinds: new Map(own.map(({ name, kind }) => [name, kind])),
    known: new Set([...signature.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)]),
    saysFolding: saysFolding(graph),
  };
}

interface Use {
  readonly node: GraphNode;
  readonly input: number;
  readonly held: string;
  readonly value: Tensor;
  readonly call: Call;
}

type Found = { readonly tensor: string; readonly form: Form } | "foreign" | "unknown" | undefined;

function claimAt(use: Use, situation: Situation): Found {
  const operand = operandAt(use.node, use.input, use.call);
  if (operand === "none") return situation.kinds.has(use.held) ? "foreign" : undefined;
  if (operand === undefined) return byName(use, situation);
  const [only, ...others] = operand.argument.values;
  if (only === undefined) return situation.kinds.has(use.held) ? "foreign" : undefined;
  const signed = situation.signature.tensors.get(only);
  if (!signed || others.length > 0) return byOrigin(use, [only, ...others], situation);
  if (signed.kind === "constant") return situation.kinds.has(use.held) ? "foreign" : undefined;
  return canHold(use, signed.name, situation) ? { tensor: signed.name, form: operand.form } : undefined;
}

/**
 * Opsets that the exporter must convert to lose the calls, in nets with some operators. A weight alone that an inner step
 * made for a product is a linear layer's, transposed.
 */
function withoutCall({ opType }: GraphNode, input: number, held: string, situation: Situation): Found {
  if (opType !== "MatMul" || input !== 1 || !isInnerStep(held)) return undefined;
  const [tensor, ...others] = foldedFrom(situation.graph, held) ?? [];
  const isOne = others.length === 0 && situation.kinds.has(tensor);
  return isOne ? { tensor, form: "transposed" } : undefined;
}

/** Whether a tensor of the file can be the module's `tensor`: by its name, or as one that was merged or computed of one. */
function canHold({ held }: Use, tensor: string, { graph, kinds, saysFolding }: Situation): boolean {
  if (held === tensor || kinds.has(held)) return true;
  if (saysFolding) return foldedFrom(graph, held)?.some((name) => kinds.has(name)) ?? false;
  return isInnerStep(held) && !graph.initializers.has(tensor);
}

/** Where the place does not tell: the one tensor of the module that the call takes, if the operator can have it. */
function byName(use: Use, situation: Situation): Found {
  const { call, held, value } = use;
  const { signature, kinds, graph } = situation;
  const values = [...call.arguments, ...call.keywords].flatMap((argument) => argument.values);
  const taken = values.flatMap((name) => signature.tensors.get(name) ?? []);
  if (taken.some(({ name, kind }) => name === held && kind !== "constant"))
    return { tensor: held, form: "as is" };
  if (taken.length === 0) return byOrigin(use, values, situation);
  if (taken.length > 1 || taken[0].kind === "constant") return undefined;
  const [{ name: tensor }] = taken;
  if (kinds.has(held)) return isLiteral(value, call) ? "foreign" : { tensor, form: "as is" };
  // Inside its own operator the exporter has changed nothing but the type, or how often it stands there.
  const origin = foldedFrom(graph, held)?.filter(
    (name) => !(call.operator === "repeat" && isInnerStep(name)),
  );
  return origin?.length === 1 && origin[0] === tensor ? { tensor, form: "as is" } : undefined;
}

/** A number of the code that the call names. */
const isLiteral = ({ data, shape }: Tensor, call: Call): boolean =>
  sizeOf(shape) === 1 && call.arguments.some(({ text }) => Math.fround(Number(text)) === Number(data[0]));

/** Of what the exporter had computed before the call: from what, and under what name the call knows it. */
function byOrigin(use: Use, values: readonly string[], situation: Situation): Found {
  const { held, value, call } = use;
  const { kinds, known, signature } = situation;
  const isFolded = (name: string) => !known.has(name) && !signature.tensors.has(name);
  const folded = values.filter(isFolded);
  if (kinds.has(held)) {
    if (folded.length === 0) return "foreign";
    return isLiteral(value, call) ? "foreign" : "unknown";
  }
  const origin = originOf(held, value, situation);
  if (!origin || folded.length === 0) return undefined;
  if (folded.includes(held)) return origin;
  // A tensor of another module that had equal numbers was merged with this one.
  const tensor = `${call.module}.${origin.tensor.slice(origin.tensor.lastIndexOf(".") + 1)}`;
  return kinds.has(tensor) && !situation.graph.initializers.has(tensor)
    ? { tensor, form: origin.form }
    : "unknown";
}

/** The one tensor of the module that a tensor was folded from without a computation. */
function originOf(held: string, value: Tensor, { graph, kinds }: Situation) {
  const from = foldedFrom(graph, held);
  if (!from) return undefined;
  const parts = from.filter((name) => kinds.has(name));
  const steps = [...from.filter((name) => !kinds.has(name) && !isInnerStep(name)), held];
  const parameters = parts.filter((name) => kinds.get(name) === "parameter");
  if (parameters.length === 1 && steps.some((step) => /^index(_\d+)?$/.test(step))) {
    const window = findWindow(value);
    return window && { tensor: parameters[0], form: window };
  }
  const form = parts.length === 1 ? formOf(steps, value) : undefined;
  return form && { tensor: parts[0], form };
}
