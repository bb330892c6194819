import { checkLimit } from "../options/index.ts";
import {
  type DType,
  type Shape,
  type Tensor,
  arrayConstructors,
  numbersOf,
  sizeOf,
} from "../tensor/index.ts";
import { type Attributes, describeNode } from "./attribute.ts";
import { ModelError, UnsupportedOpError } from "./errors.ts";
import { expansions } from "./expand/index.ts";
import { constantNodeValue, foldNode } from "./fold/index.ts";
import { CURRENT_OPSET, type Graph, type GraphNode, type ValueInfo } from "./graph.ts";
import { type InferenceExtension, inferOutputs } from "./infer/index.ts";
import { type NodeOptions, Operators } from "./operators.ts";
import { checkTypes } from "./schemas/index.ts";
import type { InferenceNode } from "./infer/rule.ts";
import type { TypedNode, Value, ValueType } from "./value.ts";

/**
 * Builds a graph node by node. Types and static shapes are inferred as nodes are added, so a mistake is reported
 * where it is made, and nodes with constant inputs are folded, so shape arithmetic never reaches the graph. Nodes take
 * the form that they have at the current opset.
 */
export class GraphBuilder extends Operators {
  readonly nodes: TypedNode[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #constants = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #reserved = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #extension: InferenceExtension | undefined;
  /** Before the names of what is made, "" but inside an operator that is written out. */
  #scope = "";

  /** @param extension  inference rules for operators outside ONNX */
  constructor({ extension }: { extension?: InferenceExtension } = {}) {
    super();
    this.#extension = extension;
  }

  /** A graph input. */
  input(name: string, dtype: DType, shape: Shape): Value {
    this.#claim(name);
    this.#inputs.push({ name, dtype, shape });
    return { name, dtype, shape };
  }

  /** A named tensor stored in the graph. Only a `constant` one takes part in folding; a parameter must not. */
  initializer(name: string, value: Tensor, { constant = false } = {}): Value {
    this.#claim(name);
    this.#initializers.set(name, value);
    return { name, dtype: value.dtype, shape: value.shape, constant: constant ? value : undefined };
  }

  /** An unnamed constant. Equal small constants share one initializer. */
  constant(value: Tensor): Value {
    const key =
      value.data.length <= 16
        ? `${value.dtype} [${value.shape}] ${numbersOf(value).map(signed).join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = this.#inScope("", () => this.uniqueName("constant"));
    this.#initializers.set(name, value);
    const made: Value = { name, dtype: value.dtype, shape: value.shape, constant: value };
    if (key !== undefined) this.#constants.set(key, made);
    return made;
  }

  /** Adds a node and returns its outputs. @throws ShapeError, UnsupportedOpError, ModelError */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    { domain = "", name = "", outputs = 1 }: NodeOptions = {},
  ): Value[] {
    const trimmed = [...inputs];
    while (trimmed.at(-1) === null) trimmed.pop();
    const outputCount = typeof outputs === "number" ? outputs : outputs.length;
    const node = { opType, domain, name, inputs: trimmed, attributes, outputCount };
    checkTypes(node);
    if (domain === "" && opType === "Constant") return [this.constant(constantNodeValue(node))];
    const expansion = domain === "" ? expansions.get(opType) : undefined;
    if (!expansion) checkTensors(node);
    const types = expansion
      ? this.#inScope(scopeOf(outputs), () => expansion(this, node))
      : inferOutputs(node, this.#extension);
    if (types.length < outputCount) {
      throw new ModelError(`${describeNode(node)} has ${types.length} outputs, not ${outputCount}.`);
    }
    if (expansion) return (types as readonly Value[]).slice(0, outputCount);
    checkSizes(node, types, trimmed);
    const folded = domain === "" ? foldNode(node, types) : undefined;
    if (folded) return folded.slice(0, outputCount).map((value) => this.constant(value));
    const made = types.slice(0, outputCount).map((type, i) => this.#output(opType, type, outputs, i));
    this.nodes.push({ opType, domain, name, inputs: trimmed, outputs: made, attributes });
    return made;
  }

  /** What is made meanwhile gets names that begin so. */
  #inScope<T>(scope: string, make: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return make();
    } finally {
      this.#scope = outer;
    }
  }

  /** The finished graph. Nodes and initializers that no output needs are left out. */
  build(name: string, outputs: readonly Value[] | Readonly<Record<string, Value>>): Graph {
    const named = Array.isArray(outputs)
      ? (outputs as readonly Value[]).map((value) => [value.name, value] as const)
      : Object.entries(outputs as Readonly<Record<string, Value>>);
    const infos: ValueInfo[] = [];
    const renamed = new Map<string, string>();
    for (const [outputName, value] of named) {
      let source = value;
      if (outputName !== value.name && (this.#isSource(value.name) || renamed.has(value.name))) {
        // A graph input, a constant, or a value that is an output already: it keeps its name, a copy gets the new one.
        source = this.op1("Identity", [{ ...value, constant: undefined }]);
      }
      renamed.set(source.name, outputName);
      infos.push({ name: outputName, dtype: value.dtype, shape: value.shape });
    }
    const nodes = this.#neededFor(new Set(renamed.keys()), (value) => renamed.get(value) ?? value);
    const used = new Set(nodes.flatMap((node) => node.inputs));
    return {
      name,
      inputs: this.#inputs,
      outputs: infos,
      nodes,
      initializers: new Map([...this.#initializers].filter(([key]) => used.has(key))),
      opsets: new Map([
        ["", CURRENT_OPSET],
        ...[...new Set(nodes.map((n) => n.domain))].filter(Boolean).map((domain) => [domain, 1] as const),
      ]),
    };
  }

  /** A name that nothing in this graph has yet, from a stem. */
  uniqueName(kind: string): string {
    const stem = this.#scope + kind;
    for (;;) {
      const count = (this.#counters.get(stem) ?? 0) + 1;
      this.#counters.set(stem, count);
      const name = `${stem}_${count}`;
      if (!this.#names.has(name) && !this.#reserved.has(name)) {
        this.#names.add(name);
        return name;
      }
    }
  }

  /** Keeps names for nodes that will be added later: {@link uniqueName} does not give them away. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#reserved.add(name);
  }

  #isSource(name: string): boolean {
    return this.#initializers.has(name) || this.#inputs.some((input) => input.name === name);
  }

  #output(opType: string, type: ValueType, outputs: number | readonly string[], index: number): Value {
    const wanted = typeof outputs === "number" ? undefined : outputs[index];
    if (wanted) this.#claim(wanted);
    return { name: wanted || this.uniqueName(opType), ...type };
  }

  #claim(name: string): void {
    if (this.#names.has(name)) throw new ModelError(`The graph has two values named "${name}".`);
    this.#names.add(name);
  }

  #neededFor(wanted: Set<string>, finalName: (name: string) => string): GraphNode[] {
    const needed: GraphNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => wanted.has(output.name))) continue;
      for (const input of node.inputs) if (input) wanted.add(input.name);
      needed.push({
        ...node,
        inputs: node.inputs.map((input) => (input ? finalName(input.name) : "")),
        outputs: node.outputs.map((output) => finalName(output.name)),
      });
    }
    return needed.reverse();
  }
}

/** Copies of a graph name the parts of an operator that is written out alike: after its output. */
const scopeOf = (outputs: number | readonly string[]): string => {
  const name = typeof outputs === "number" ? undefined : outputs.find(Boolean);
  return name ? `${name}/` : "";
};

/** What is made of constants alone is made when the graph is loaded, before a batch is chosen. */
function checkSizes(
  node: InferenceNode,
  types: readonly ValueType[],
  inputs: readonly (Value | null)[],
): void {
  const isConstant =
    inputs.every((value) => !value || value.constant !== undefined) && node.opType !== "Shape";
  for (const { dtype, shape } of types) {
    const bytes = sizeOf(shape) * arrayConstructors[dtype].BYTES_PER_ELEMENT;
    // No text is made for values that pass, of which there are many.
    if (bytes <= SMALL) continue;
    checkLimit(
      isConstant ? "constantBytes" : "valueBytes",
      bytes,
      `${describeNode(node)}, which makes [${shape.join(", ")}],`,
    );
  }
}

/** Bytes that no limit is below. */
const SMALL = 2 ** 20;

function checkTensors(node: InferenceNode): void {
  if (!node.inputs.some((value) => value?.parts)) return;
  throw new UnsupportedOpError(
    `${describeNode(node)} takes a sequence of tensors, which is not supported here. Export the model with tensors.`,
    { opType: node.opType, node: node.name },
  );
}

/** Keeps −0 apart from 0, which print alike. */
const signed = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
