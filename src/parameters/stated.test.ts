import { expect, test } from "vitest";
import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { statedTensors } from "./stated.ts";

const graph: Graph = {
  name: "g",
  inputs: [],
  outputs: [],
  nodes: [],
  initializers: new Map(),
  opsets: new Map(),
};
const withSignature = (text: string): Graph => ({
  ...graph,
  metadata: { "pkg.torch.export.ExportedProgram.graph_signature": text },
});

test("PyTorch's list of lines, as it is written from 2.9 on", () => {
  const stated = statedTensors(
    withSignature(
      "\n# inputs\np_scale: PARAMETER target='scale'\np_fc_weight: PARAMETER target='fc.weight'\n" +
        "b_pe: BUFFER target='pe' persistent=False\nx: USER_INPUT\n\n# outputs\nmul_4: USER_OUTPUT\n",
    ),
  );
  expect([...stated!.parameters]).toEqual(["scale", "fc.weight"]);
  expect([...stated!.buffers]).toEqual(["pe"]);
});

test("PyTorch's record, as it was written before", () => {
  const stated = statedTensors(
    withSignature(
      "ExportGraphSignature(input_specs=[InputSpec(kind=<InputKind.PARAMETER: 2>, " +
        "arg=TensorArgument(name='p_fc_weight'), target='fc.weight', persistent=None), " +
        "InputSpec(kind=<InputKind.BUFFER: 3>, arg=TensorArgument(name='b_mask'), target=\"it's\", persistent=True), " +
        "InputSpec(kind=<InputKind.USER_INPUT: 1>, arg=TensorArgument(name='x'), target=None, persistent=None)], " +
        "output_specs=[OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=TensorArgument(name='y'), target=None)])",
    ),
  );
  expect([...stated!.parameters]).toEqual(["fc.weight"]);
  expect([...stated!.buffers]).toEqual(["it's"]);
});

test("lists of ours come first, and a damaged one is named", () => {
  const signed = withSignature("p_a: PARAMETER target='a'\n");
  const stated = statedTensors(signed, { "alignreg.parameters": '["b"]' });
  expect([...stated!.parameters]).toEqual(["b"]);
  expect(stated!.buffers.size).toBe(0);
  expect(() => statedTensors(graph, { "alignreg.parameters": "b, c" })).toThrow(UsageError);
  expect(() => statedTensors(graph, { "alignreg.parameters": "[]", "alignreg.buffers": "[1]" })).toThrow(
    /alignreg\.buffers/,
  );
  expect(() => statedTensors(graph, { "alignreg.buffers": "[]" })).toThrow(/and not alignreg\.parameters/);
  expect(statedTensors(graph)).toBeUndefined();
  expect(statedTensors(withSignature("something else"))).toBeUndefined();
});
