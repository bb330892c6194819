import { type Graph, type GraphNode, capturedNames } from "../../onnx/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Claim } from "./claims.ts";
import { foldedFromNothing } from "./folded-from.ts";
import { type Form, heldAgain } from "./form.ts";

/** A graph under change: operators take the module's tensors, in the form in which the file held them. */
export class Renaming {
  readonly #graph: Graph;
  readonly #owned: ReadonlyMap<string, Tensor>;
  readonly #inputs = new Map<GraphNode, string[]>();
  readonly #taken: Set<string>;
  /** The module's tensors that the file does not name, by the one of the file that holds them first. */
  readonly #heldBy = new Map<string, Set<string>>();
  readonly #placed = new Set<string>();
  readonly #left = new Set<string>();
  readonly #added = new Map<string, Tensor>();
  readonly #constants: string[] = [];
  readonly #made: GraphNode[] = [];
  /** Values that stand where the file held a tensor in another form, and constants of their own. */
  readonly #values = new Map<string, string>();

  /** @param owned  the module's tensors, in their own shapes */
  constructor(graph: Graph, owned: ReadonlyMap<string, Tensor>) {
    this.#graph = graph;
    this.#owned = owned;
    this.#taken = new Set([
      ...graph.initializers.keys(),
      ...owned.keys(),
      ...graph.inputs.map(({ name }) => name),
      ...graph.nodes.flatMap((node) => [...node.outputs, ...capturedNames(node)]),
    ]);
  }

  /** An operator takes a tensor of the module. */
  take({ node, input, held, tensor, form }: Claim): void {
    if (!this.#graph.initializers.has(tensor) && !this.#placed.has(tensor)) {
      this.#placed.add(tensor);
      this.#heldBy.set(held, (this.#heldBy.get(held) ?? new Set()).add(tensor));
    }
    const name = form === "as is" ? tensor : this.#inForm(tensor, held, form);
    if (name !== held) this.#set(node, input, held, name);
  }

  /** An operator takes a constant of its own, of the numbers of a tensor. */
  takeConstant({ node, input, held }: Pick<Claim, "node" | "input" | "held">): void {
    const name = this.#value(`constant of ${held}`, () => {
      const own = this.#unused("const_0");
      this.#added.set(own, this.#graph.initializers.get(held)!);
      this.#constants.push(own);
      return own;
    });
    this.#set(node, input, held, name);
  }

  graph(): Graph {
    if (this.#inputs.size === 0) return this.#graph;
    const nodes = [
      ...this.#made,
      ...this.#graph.nodes.map((node) => {
        const inputs = this.#inputs.get(node);
        return inputs ? { ...node, inputs } : node;
      }),
    ];
    const used = new Set([
      ...nodes.flatMap((node) => [...node.inputs, ...capturedNames(node)]),
      ...this.#graph.outputs.map(({ name }) => name),
    ]);
    const initializers = new Map<string, Tensor>();
    for (const [name, value] of this.#graph.initializers) {
      const isLeft = this.#left.has(name) && !used.has(name) && !this.#owned.has(name);
      if (!isLeft) initializers.set(name, value);
      for (const tensor of this.#heldBy.get(name) ?? []) initializers.set(tensor, this.#owned.get(tensor)!);
    }
    for (const [name, value] of this.#added) initializers.set(name, value);
    if (this.#constants.length === 0) return { ...this.#graph, nodes, initializers };
    const ofNothing = this.#constants.map((name) => [name, foldedFromNothing] as const);
    const valueMetadata = new Map([...(this.#graph.valueMetadata ?? []), ...ofNothing]);
    return { ...this.#graph, nodes, initializers, valueMetadata };
  }

  #set(node: GraphNode, input: number, held: string, name: string): void {
    const inputs = this.#inputs.get(node) ?? [...node.inputs];
    inputs[input] = name;
    this.#inputs.set(node, inputs);
    this.#left.add(held);
  }

  #inForm(tensor: string, held: string, form: Exclude<Form, "as is">): string {
    return this.#value(`${tensor} as ${held}`, () => {
      const output = this.#unused(`${tensor}:${held}`);
      const { shape } = this.#graph.initializers.get(held)!;
      const { nodes, constants } = heldAgain(tensor, form, shape, output);
      this.#made.push(...nodes);
      for (const [name, value] of constants) this.#added.set(name, value);
      return output;
    });
  }

  #value(key: string, make: () => string): string {
    const name = this.#values.get(key) ?? make();
    this.#values.set(key, name);
    return name;
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#taken.has(name); i++) name = wanted.replace(/_0$/, "") + `_${i}`;
    this.#taken.add(name);
    return name;
  }
}
