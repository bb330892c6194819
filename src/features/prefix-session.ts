import { createHash } from "node:crypto";
import { semanticInference } from "../autodiff/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, GraphBuilder, modelOf, withoutOpaque, writeModel } from "../onnx/index.ts";
import { loadRuntime } from "../runtime/ort.ts";
import { type Session, type SessionOptions, createSession, runtimeVersion } from "../runtime/index.ts";
import { type Shape, float32, sizeOf } from "../tensor/index.ts";
import { evaluationPass } from "../train/forward-mode.ts";
import { modelInput } from "../train/model-input.ts";
import type { FrozenCut } from "./cut-frozen.ts";

/** Images of a batch: many enough for the runtime to be quick, few enough for any activation to be small. */
const BATCH_BYTES = 8 * 2 ** 20;
const MOST_IMAGES = 64;

/** The frozen part of a classifier, from pixels to the tensors between. */
export interface Prefix {
  /** Images in a batch: always as many, so that what an image gives does not depend on how many there are. */
  readonly batch: number;
  /** One image, [C, H, W]. */
  readonly imageShape: Shape;
  /** F: numbers an image gives. */
  readonly size: number;
  /** SHA-256 of all that decides these numbers, but the image. */
  readonly hash: string;
  readonly graph: Graph;
}

/** @param imageShape  one image as the data has it, [C, H, W] */
export async function prefixOf(
  classifier: Classifier,
  { prefix, between, size }: FrozenCut,
  imageShape: Shape,
  { executionProvider = "cpu", threads = 0 }: SessionOptions,
): Promise<Prefix> {
  // Its version is known once it is loaded.
  await loadRuntime();
  const batch = Math.max(1, Math.min(MOST_IMAGES, Math.floor(BATCH_BYTES / (4 * sizeOf(imageShape)))));
  const g = new GraphBuilder({ extension: semanticInference });
  const pixels = g.input("images", "float32", [batch, ...imageShape]);
  const pass = evaluationPass(g, {
    graph: prefix,
    input: classifier.input,
    logits: between[0].name,
    bindings: new Map([[classifier.input, modelInput(g, classifier, pixels)]]),
    prefix: "prefix:",
  });
  const rows = between.map(({ name, shape }) => g.reshape(pass.named(name)!, [batch, sizeOf(shape)]));
  const features = rows.length === 1 ? rows[0] : g.concat(rows, 1);
  const graph = withoutOpaque(g.build("frozen part", { features }), classifier.graph.opsets);
  const facts = JSON.stringify([1, runtimeVersion(), executionProvider, threads]);
  const hash = createHash("sha256")
    .update(facts)
    .update(writeModel(modelOf(graph)))
    .digest("hex");
  return { batch, imageShape, size, hash, graph };
}

/** Runs a prefix. */
export class PrefixSession {
  readonly #prefix: Prefix;
  readonly #session: Session;

  private constructor(prefix: Prefix, session: Session) {
    this.#prefix = prefix;
    this.#session = session;
  }

  static async open(prefix: Prefix, options: SessionOptions): Promise<PrefixSession> {
    // Weights are constants here, so the blocked layout of level "all" pays.
    return new PrefixSession(prefix, await createSession(prefix.graph, { optimization: "all", ...options }));
  }

  /** Images [n, C, H, W] of any number to features [n, F]. */
  async run(images: Float32Array): Promise<Float32Array> {
    const { batch, imageShape, size } = this.#prefix;
    const imageSize = sizeOf(imageShape);
    const count = images.length / imageSize;
    const rows = new Float32Array(count * size);
    for (let start = 0; start < count; start += batch) {
      const taken = Math.min(batch, count - start);
      let some = images.subarray(start * imageSize, (start + taken) * imageSize);
      if (taken < batch) {
        const filled = new Float32Array(batch * imageSize);
        filled.set(some);
        some = filled;
      }
      const { features } = await this.#session.run({ images: float32([batch, ...imageShape], some) });
      rows.set((features.data as Float32Array).subarray(0, taken * size), start * size);
    }
    return rows;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
