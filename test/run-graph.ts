/** Runs graphs that a test builds: gradients by name, on ONNX Runtime. */
import { backward, semanticInference } from "../src/autodiff/index.ts";
import { lower } from "../src/lower/index.ts";
import { GraphBuilder, type Value } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import type { Tensor } from "../src/tensor/index.ts";

/** Builds a graph of the inputs that the test feeds, runs it once and returns its outputs. */
export async function runGraph(
  feeds: Readonly<Record<string, Tensor>>,
  build: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Record<string, Value>,
): Promise<Record<string, Tensor>> {
  const g = new GraphBuilder({ extension: semanticInference });
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]),
  );
  const session = await createSession(lower(g.build("test", build(g, inputs))), { threads: 1 });
  try {
    return await session.run(
      Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
    );
  } finally {
    await session.release();
  }
}

/** A scalar of the inputs, as output `value`, and its gradient by each input, as `grad:<input>`. */
export function runWithGradients(
  feeds: Readonly<Record<string, Tensor>>,
  scalar: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Value,
): Promise<Record<string, Tensor>> {
  return runGraph(feeds, (g, inputs) => {
    const value = scalar(g, inputs);
    const gradients = backward(g, value, Object.values(inputs));
    return {
      value,
      ...Object.fromEntries(Object.keys(inputs).map((name, i) => [`grad:${name}`, gradients[i]])),
    };
  });
}
