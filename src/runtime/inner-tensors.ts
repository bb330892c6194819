/** What tensors inside a graph hold for a batch of images. */
import { type Graph, type GraphNode, dataTypeOf, modelOf, writeModel } from "../onnx/index.ts";
import { type ImageBatch, type Tensor, float32, sizeOf } from "../tensor/index.ts";
import { channelsLast, imageInput, layoutFor } from "./classifier-on.ts";
import { createSession } from "./session.ts";

const outputOf = (name: string): string => `alignreg:${name}`;

/**
 * The named tensors as float32, one map for each batch. Where the graph fixes its batch, images are followed by dark ones.
 *
 * @throws RuntimeError where one of them holds no numbers
 */
export async function innerTensors(
  graph: Graph,
  names: readonly string[],
  batches: readonly ImageBatch[],
): Promise<ReadonlyMap<string, Tensor>[]> {
  const casts = names.map((name): GraphNode => ({
    opType: "Cast",
    domain: "",
    name: "",
    inputs: [name],
    outputs: [outputOf(name)],
    attributes: { to: dataTypeOf("float32") },
  }));
  const outputs = names.map((name) => ({ name: outputOf(name), dtype: "float32" as const, shape: null }));
  const probe = { ...graph, nodes: [...graph.nodes, ...casts], outputs };
  const session = await createSession(writeModel(modelOf(probe)), { threads: 1, optimization: "basic" });
  try {
    const input = imageInput(session);
    const results: ReadonlyMap<string, Tensor>[] = [];
    for (const { data, shape } of batches) {
      const [count, ...image] = shape;
      const isLast = layoutFor(input, image) === "NHWC";
      const declared = input.shape?.[0];
      const rows = typeof declared === "number" && declared > 0 ? declared : count;
      const filled = new Float32Array(rows * sizeOf(image));
      filled.set((isLast ? channelsLast(data, shape) : data).subarray(0, filled.length));
      const feedShape = isLast ? [image[1], image[2], image[0]] : image;
      const made = await session.run({ [input.name]: float32([rows, ...feedShape], filled) });
      results.push(new Map(names.map((name) => [name, made[outputOf(name)]])));
    }
    return results;
  } finally {
    await session.release();
  }
}
