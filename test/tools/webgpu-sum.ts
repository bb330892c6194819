/** Adds [1, 2] to itself on ONNX Runtime's WebGPU provider, and prints the sum. */
import { GraphBuilder } from "../../src/onnx/index.ts";
import { createSession } from "../../src/runtime/index.ts";
import { float32 } from "../../src/tensor/index.ts";

const g = new GraphBuilder();
const x = g.input("x", "float32", [2]);
const graph = g.build("sum", [g.add(x, x)]);
const session = await createSession(graph, { executionProvider: "webgpu" });
const outputs = await session.run({ x: float32([2], [1, 2]) });
console.log(String(outputs[graph.outputs[0].name].data));
await session.release();
