/** How much memory a graph's values take at once, counted from their shapes. */
import { semanticInference } from "../../autodiff/index.ts";
import { blockedInference } from "../../lower/index.ts";
import { type Graph, GraphBuilder, type TypedNode, type Value, inlineGraph } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import { runOrder } from "./run-order.ts";

/**
 * ONNX Runtime's arena holds 1.3 to 1.9 times the values that are alive at once: it splits a chunk only where half of it or
 * more would be left over, its regions double, and kernels take room of their own. Measured on ten nets
 * (bench/step-memory.ts).
 */
const ARENA = 1.5;

/** Operators whose output takes the place of an input of the same size that nothing reads any more. */
const inPlace = new Set(
  [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Relu",
    "Clip",
    "Sigmoid",
    "Tanh",
    "Exp",
    "Sqrt",
    "Neg",
    "Abs",
    "Where",
  ].concat(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "LeakyRelu", "HardSigmoid", "Softmax"]),
);

/** Operators whose output is a view of their input. */
const views = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"]);

/**
 * Bytes of the values that are alive at once when ONNX Runtime runs a graph, at the most: what its nodes make. Inputs and
 * initializers are the caller's.
 *
 * @param graph  all shapes static; as `lower` leaves it
 */
export function peakBytes(graph: Graph): number {
  const nodes = typedNodes(graph);
  const order = runOrder(nodes);
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) {
    for (const value of inputs) if (value) readers.set(value.name, (readers.get(value.name) ?? 0) + 1);
  }
  const kept = new Set(graph.outputs.map(({ name }) => name));
  /** Of each value that a node made: the buffer it lies in. */
  const bufferOf = new Map<string, { bytes: number; uses: number; isOurs: boolean }>();
  let [live, peak] = [0, 0];
  for (const position of order) {
    const { opType, domain, inputs, outputs } = nodes[position];
    const ending = inputs.filter((value) => value && readers.get(value.name) === 1 && !kept.has(value.name));
    for (const [i, output] of outputs.entries()) {
      const bytes = bytesOf(output);
      const source = inputs[0] && bufferOf.get(inputs[0].name);
      if (i === 0 && domain === "" && views.has(opType) && source) {
        source.uses++;
        bufferOf.set(output.name, source);
        continue;
      }
      const reused =
        i === 0 && inPlace.has(opType) && domain === ""
          ? ending.find((value) => {
              const buffer = bufferOf.get(value!.name);
              return buffer?.bytes === bytes && buffer.uses === 1;
            })
          : undefined;
      if (reused) {
        const buffer = bufferOf.get(reused.name)!;
        buffer.uses++;
        bufferOf.set(output.name, buffer);
      } else {
        // Outputs that outlive the run are written where the caller says.
        const isOurs = !kept.has(output.name);
        bufferOf.set(output.name, { bytes, uses: 1, isOurs });
        if (isOurs) live += bytes;
      }
    }
    peak = Math.max(peak, live);
    for (const value of inputs) {
      if (!value) continue;
      const left = readers.get(value.name)! - 1;
      readers.set(value.name, left);
      if (left === 0 && !kept.has(value.name)) free(value.name);
    }
    for (const { name } of outputs) if (!readers.get(name) && !kept.has(name)) free(name);
  }
  return Math.round(ARENA * peak);

  function free(name: string): void {
    const buffer = bufferOf.get(name);
    if (!buffer) return;
    buffer.uses--;
    if (buffer.uses === 0 && buffer.isOurs) live -= buffer.bytes;
  }
}

const bytesPerElement: Readonly<Record<string, number>> = {
  float32: 4,
  int64: 8,
  bool: 1,
  int32: 4,
  uint8: 1,
};

const bytesOf = ({ dtype, shape }: Value): number => (bytesPerElement[dtype] ?? 4) * sizeOf(shape);

function typedNodes(graph: Graph): readonly TypedNode[] {
  const g = new GraphBuilder({ extension: new Map([...semanticInference, ...blockedInference]) });
  const bindings = new Map(
    graph.inputs.map(({ name, dtype, shape }) => [name, g.input(name, dtype, shape as number[])] as const),
  );
  for (const [name, value] of graph.initializers)
    bindings.set(name, g.initializer(name, value, { constant: true }));
  inlineGraph(g, graph, bindings);
  return g.nodes;
}
