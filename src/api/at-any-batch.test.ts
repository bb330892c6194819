import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readModel } from "../onnx/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { random } from "../tensor/index.ts";
import { fasterFile } from "./at-any-batch.ts";

const fixture = (path: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, "../../test/fixtures", path));

/** The logits and what comes out of the first pool of PyTorch's and of our own LeNet. */
test.each(["evaluate/lenet.onnx", "foolbox/lenet.onnx"])(
  "%s is run faster, to the same bits",
  async (path) => {
    const bytes = fixture(path);
    const { graph } = readModel(bytes);
    const pool = graph.nodes.find(({ opType }) => opType === "MaxPool")!.outputs[0];
    const read = [graph.outputs[0].name, pool];
    const faster = fasterFile({ bytes, graph }, new Set(read));
    expect(faster).not.toEqual(bytes);
    const rng = random(0, path);
    const images = {
      data: Float32Array.from({ length: 7 * 784 }, () => rng.uniform()),
      shape: [7, 1, 28, 28] as const,
    };
    const [as, is] = await Promise.all(
      [bytes, faster].map(async (file) => {
        const session = await openClassifier(file, { output: read[0], embedding: pool, threads: 1 });
        const answers = await session.predictWithEmbeddings(images);
        await session.release();
        return answers;
      }),
    );
    expect(is).toEqual(as);
  },
);

test("what nobody could make faster is the file itself", () => {
  const bytes = fixture("evaluate/lenet.onnx");
  const { graph } = readModel(bytes);
  const named = new Set(graph.nodes.map(({ outputs }) => outputs[0]));
  expect(fasterFile({ bytes, graph }, named)).toBe(bytes);
  expect(fasterFile({ bytes, graph: null }, new Set())).toBe(bytes);
});
