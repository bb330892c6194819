/** Logits as the losses take them, [N, classes], out of what models give. */
import { type Classifier, formOf, inferValues, widthOf } from "../models/index.ts";
import type { GraphNode } from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";

/** An image's shape as the classifier's graph takes it. */
const imageOf = ({ channelsLast }: Classifier, [channels, ...spatial]: Shape): Shape =>
  channelsLast ? [...spatial, channels] : [channels, ...spatial];

/**
 * How many classes a classifier tells apart: its logits, or two where it gives one; null where that does not show.
 *
 * @param image  [C, H, W]
 */
export function classCount(classifier: Classifier, image: Shape): number | null {
  const inferred = inferValues(classifier.graph, classifier.input, imageOf(classifier, image));
  const width = widthOf(classifier.logits, inferred);
  return width === 1 ? 2 : width;
}

/** The sentence for logits with axes of space or time, or with other rows than the images. */
export const mapOfLogits = (name: string, shape: readonly (number | string)[]): string =>
  shape.length < 2
    ? `The logits "${name}" are not a row for each image: the graph joins images, or takes them apart. Keep the batch the ` +
      `first axis when you export it, as in x.flatten(1), or name another tensor as output (--output).`
    : `The logits "${name}" are [N, ${shape.join(", ")}]; a classifier gives [N, classes]. Average over the other axes before ` +
      `you export the model, or name another tensor as output (--output).`;

/**
 * The classifier with logits [N, classes], for a training step: axes of length 1 are dropped, and of one number z, the
 * logit of the second of two classes, 0 and z are made, whose softmax is the sigmoid of z.
 *
 * @param classifier  its graph at the current opset
 * @param image       [C, H, W]
 * @throws UsageError for logits with axes of space or time
 */
export function withClassLogits(classifier: Classifier, image: Shape): Classifier {
  const { graph, input, logits } = classifier;
  const inferred = inferValues(graph, input, imageOf(classifier, image));
  const form = formOf(logits, inferred);
  const shape = inferred.values.get(logits)?.shape;
  if (form === "unknown" || !shape) return classifier;
  if (form === "map") throw new UsageError(mapOfLogits(logits, shape.slice(1)));
  if (form === "rows" && shape.length === 2) return classifier;
  const names = new Set([...graph.nodes.flatMap((node) => node.outputs), ...graph.initializers.keys()]);
  const fresh = (stem: string): string => (names.has(stem) ? fresh(`${stem}'`) : stem);
  const node = (opType: string, inputs: string[], output: string, attributes = {}): GraphNode => ({
    opType,
    domain: "",
    name: "",
    inputs,
    outputs: [output],
    attributes,
  });
  const [flat, zero, two] = ["flat", "zero", "two"].map((part) => fresh(`${logits} ${part}`));
  const added = [node("Flatten", [logits], flat, { axis: 1 })];
  if (form === "one") {
    added.push(node("Sub", [flat, flat], zero), node("Concat", [zero, flat], two, { axis: 1 }));
  }
  return {
    ...classifier,
    graph: { ...graph, nodes: [...graph.nodes, ...added] },
    logits: form === "one" ? two : flat,
  };
}
