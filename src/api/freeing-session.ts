/** Sessions of files whose batch size hides inside, although their input has a name for it. */
import { type Graph, freeBatch, modelOf, upgradeGraph, writeModel } from "../onnx/index.ts";
import {
  type ClassifierOptions,
  type ClassifierSession,
  RuntimeError,
  openClassifier,
} from "../runtime/index.ts";
import { AlignregError, type ImageBatch } from "../tensor/index.ts";
import { isChannelsLast } from "./image-layout.ts";

/**
 * A session that runs the file as it is; where the runtime fails on a batch, and what is fixed inside can be freed as in
 * training, it goes on with that.
 *
 * @param graph  in `bytes`; null for a file that only ONNX Runtime reads
 * @throws RuntimeError, ModelError, UsageError as `openClassifier` does
 */
export async function openFreeing(
  bytes: Uint8Array,
  graph: Graph | null,
  options: ClassifierOptions,
): Promise<ClassifierSession> {
  let session = await openClassifier(bytes, options);
  let isTried = graph === null;
  const running = async <Result>(
    images: ImageBatch,
    run: (session: ClassifierSession) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await run(session);
    } catch (error) {
      if (isTried || !(error instanceof RuntimeError)) throw error;
      isTried = true;
      const freed = freedFile(graph!, options.output, images.shape.slice(1));
      if (!freed) throw error;
      await session.release();
      session = await openClassifier(freed, options);
      return run(session);
    }
  };
  return {
    predict: (images) => running(images, (current) => current.predict(images)),
    predictWithEmbeddings: (images) => running(images, (current) => current.predictWithEmbeddings(images)),
    release: () => session.release(),
  };
}

/** The file without a batch size of its own; undefined where it has none, or one that cannot be freed. */
function freedFile(
  graph: Graph,
  logits: string | undefined,
  shape: readonly number[],
): Uint8Array | undefined {
  const [input] = graph.inputs;
  if (!input || typeof input.shape?.[0] === "number") return undefined;
  const [channels, height, width] = shape;
  const image = isChannelsLast(graph, input.name, shape) ? [height, width, channels] : shape;
  try {
    const upgraded = upgradeGraph(graph);
    const freed = freeBatch(upgraded, input.name, image, logits);
    return freed === upgraded ? undefined : writeModel(modelOf(freed));
  } catch (error) {
    if (error instanceof AlignregError) return undefined;
    throw error;
  }
}
