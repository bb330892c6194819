import { type Graph, modelOf, writeModel } from "../onnx/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { type Feeds, createSession } from "./session.ts";

/**
 * What values inside a graph are for given inputs, by name. The graph runs as it is written, without optimization, so that
 * every value is made.
 *
 * @throws RuntimeError when ONNX Runtime refuses the graph or fails in it
 */
export async function innerValues(
  graph: Graph,
  names: readonly string[],
  feeds: Feeds,
): Promise<Record<string, Tensor>> {
  const session = await createSession(writeModel(modelOf({ ...graph, outputs: [] }), { inner: names }), {
    threads: 1,
    optimization: "disabled",
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
