/** A classifier of three grey levels whose logits are known, in as many forms as a test asks for. */
import { type Classifier, buildClassifier } from "../src/models/index.ts";
import { type GraphBuilder, type Model, type Value, modelOf, writeModel } from "../src/onnx/index.ts";
import { float32 } from "../src/tensor/index.ts";

export interface Ends {
  /** From the images [N, 1, 8, 8], 0 … 1, to those that the layers get. */
  readonly begin?: (g: GraphBuilder, images: Value) => Value;
  /** From the logits "z", [N, 3], to the output. */
  readonly end?: (g: GraphBuilder, z: Value) => Value;
  readonly channels?: number;
  /** Height and width, 8 by default. */
  readonly size?: number;
}

/** By the mean m of an image: −(m − c)² up to what the classes share, for the middles c of the three grey levels. */
export const middles = [0.17, 0.49, 0.8];

/** The graph of the classifier of `greyLevels`, right for nearly all of them. */
export function greyClassifier({ begin, end, channels = 1, size = 8 }: Ends = {}): Classifier {
  return buildClassifier("grey", [channels, size, size], (g, images) => {
    const x = begin ? begin(g, images) : images;
    const pooled = g.op1("Flatten", [g.op1("GlobalAveragePool", [x])], { axis: 1 });
    const slopes = Array.from({ length: channels }, () => middles.map((c) => (40 * c) / channels)).flat();
    const weight = g.initializer("w", float32([channels, 3], slopes));
    const bias = g.initializer(
      "b",
      float32(
        [3],
        middles.map((c) => -20 * c * c),
      ),
    );
    const [z] = g.op("Add", [g.matMul(pooled, weight), bias], {}, { outputs: ["z"] });
    return end ? end(g, z) : z;
  });
}

/** The same as a file of outside origin. */
export const greyModel = (ends: Ends = {}, metadata: Record<string, string> = {}): Model =>
  modelOf(greyClassifier(ends).graph, metadata);

export const greyFile = (ends: Ends = {}, metadata: Record<string, string> = {}): Uint8Array =>
  writeModel(greyModel(ends, metadata));
