/** Changes to a model's graph that change nothing of what it says about an image's class. */
import { type Attributes, capturedNames, dataTypeOf, type GraphNode, type Model } from "../src/onnx/index.ts";
import type { Tensor } from "../src/tensor/index.ts";

/** A node of an ending; its first input is what came before it. */
type Step = readonly [opType: string, attributes?: Attributes, second?: readonly number[]];

/** What exporters and their users leave behind the logits (from opset 13, where axes are inputs). */
export const endings: Readonly<Record<string, readonly Step[]>> = {
  Identity: [["Identity"]],
  "Cast to float64 and back": [
    ["Cast", { to: dataTypeOf("float64") }],
    ["Cast", { to: dataTypeOf("float32") }],
  ],
  "Reshape to [N, K]": [["Reshape", {}, [0, -1]]],
  Flatten: [["Flatten", { axis: 1 }]],
  "Unsqueeze and Squeeze": [
    ["Unsqueeze", {}, [2]],
    ["Squeeze", {}, [2]],
  ],
  "Transpose there and back": [
    ["Transpose", { perm: [1, 0] }],
    ["Transpose", { perm: [1, 0] }],
  ],
  Softmax: [["Softmax", { axis: -1 }]],
  LogSoftmax: [["LogSoftmax", { axis: 1 }]],
  Sigmoid: [["Sigmoid"]],
  "Softmax and Reshape": [
    ["Softmax", { axis: 1 }],
    ["Reshape", {}, [0, -1]],
  ],
  "Reshape, Softmax, Cast, Identity": [
    ["Reshape", {}, [0, -1]],
    ["Softmax", { axis: -1 }],
    ["Cast", { to: dataTypeOf("float64") }],
    ["Cast", { to: dataTypeOf("float32") }],
    ["Identity"],
  ],
  "Unsqueeze, Softmax, Squeeze, Flatten": [
    ["Unsqueeze", {}, [1]],
    ["Softmax", { axis: 2 }],
    ["Squeeze", {}, [1]],
    ["Flatten", { axis: 1 }],
  ],
  "Sigmoid and Flatten": [["Sigmoid"], ["Flatten", { axis: 1 }]],
};

/** The model with an ending behind its first output; further outputs stay. */
export function withEnding(model: Model, steps: readonly Step[]): Model {
  const { graph } = model;
  const [output, ...others] = graph.outputs;
  const initializers = new Map<string, Tensor>(graph.initializers);
  let value = output.name;
  const nodes = steps.map(([opType, attributes = {}, second], i): GraphNode => {
    const input = value;
    value = i === steps.length - 1 ? "scores" : `ending:${i}`;
    if (second) initializers.set(`${value}:shape`, int64s(second));
    const inputs = second ? [input, `${value}:shape`] : [input];
    return { opType, domain: "", name: `ending ${i}`, inputs, outputs: [value], attributes };
  });
  return {
    ...model,
    graph: {
      ...graph,
      initializers,
      nodes: [...graph.nodes, ...nodes],
      outputs: [{ ...output, name: "scores" }, ...others],
    },
  };
}

/** Every weight as a Constant node, as some exporters write them. */
export function withConstants(model: Model): Model {
  const { graph } = model;
  const constants = [...graph.initializers].map(([name, value]): GraphNode => ({
    opType: "Constant",
    domain: "",
    name: `node ${name}`,
    inputs: [],
    outputs: [name],
    attributes: { value },
  }));
  return { ...model, graph: { ...graph, initializers: new Map(), nodes: [...constants, ...graph.nodes] } };
}

/** Every tensor of the graph but its inputs and outputs under another name. */
export function withOtherNames(model: Model): Model {
  const { graph } = model;
  // Branches of an If refer to tensors outside by name.
  const captured = graph.nodes.flatMap(capturedNames);
  const kept = new Set(["", ...captured, ...[...graph.inputs, ...graph.outputs].map(({ name }) => name)]);
  const renamed = (name: string) => (kept.has(name) ? name : `t/${name}`);
  return {
    ...model,
    graph: {
      ...graph,
      initializers: new Map([...graph.initializers].map(([name, value]) => [renamed(name), value])),
      nodes: graph.nodes.map((node) => ({
        ...node,
        name: `n/${node.name}`,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      })),
    },
  };
}

/** The model with the names of its classes, in the order of its logits. */
export const withClassNames = (model: Model, names: readonly string[]): Model => ({
  ...model,
  metadata: { ...model.metadata, "alignreg.classNames": JSON.stringify(names) },
});

const int64s = (values: readonly number[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
