import { type Graph, GraphBuilder, type Value } from "../onnx/index.ts";
import { checkFunction, checkString, isImageShape, refuse } from "../options/index.ts";
import type { Origin } from "./origin.ts";
import type { StatedPictures } from "../tensor/index.ts";
import type { Preprocessing } from "./preprocessing.ts";

/**
 * An image classifier as an ONNX graph, and what becomes of pixels before they enter it (default: nothing; a model of ours has its
 * normalisation in the graph).
 */
export interface Classifier extends Preprocessing {
  readonly graph: Graph;
  /** Name of the image input, [N, C, H, W], pixels in [0, 1]. */
  readonly input: string;
  /** The image input is [N, H, W, C] instead. */
  readonly channelsLast?: boolean;
  /**
   * Name of the logits, an output or a tensor inside: [N, classes], in which more axes of length 1 may be; or one number
   * an image, the logit of the second of two classes.
   */
  readonly logits: string;
  /** Whether the graph normalises pixels in [0, 1] by itself; left out where nobody has said. */
  readonly normalizesItself?: boolean;
  /** One image that it was trained on, [C, H, W]. */
  readonly imageShape?: readonly [channels: number, height: number, width: number];
  /** How pictures came to that size; left out where nobody has said. */
  readonly pictures?: StatedPictures;
  /** The specification of the family of shifts that it was trained for, as `familyFromSpec` reads it; left out where nobody has said. */
  readonly transforms?: Readonly<Record<string, unknown>>;
  /** By which logits are divided before they become probabilities, so that these are as high as answers are often right; left out for 1. */
  readonly temperature?: number;
  /** Which variance of a batch moves the running one: "unbiased" (default, PyTorch) or "biased" (TensorFlow). */
  readonly runningVariance?: "unbiased" | "biased";
  /** Penalties on weights that training adds to its objective, as layers of Keras models have them (default: none). */
  readonly penalties?: readonly WeightPenalty[];
  /** Names of the classes, in the order of the logits; of the first ones, where there are more logits. Left out where nobody has said them. */
  readonly classNames?: readonly string[];
  /** What was guessed when it was read, or is doubtful, a sentence each; `fit` and `evaluate` say them. */
  readonly notes?: readonly string[];
  /** Those of them that are about its logits and classes, which a new head does not have. */
  readonly outputNotes?: readonly string[];
  /** What whoever trains it should know, a sentence each; `fit` says them. */
  readonly trainingNotes?: readonly string[];
  /** Key-value pairs of the file that it came from; they go into the one that it is saved to. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How it is written in the form of the file that it was made of, where that is not ONNX. */
  readonly origin?: Origin;
  /** Why it cannot be trained as its maker would, a message; `fit` throws it. It can be tested all the same. */
  readonly trainingRefusal?: string;
}

/** l1·Σ|w| + l2·Σ w² of an initializer's entries. */
export interface WeightPenalty {
  /** The initializer's name. */
  readonly weight: string;
  readonly l1: number;
  readonly l2: number;
}

/** Opset that our own classifiers are written at, old enough for the tools that people have … */
const MODEL_OPSET = 17;
/** … unless they use an operator in the form that the next one gave it. */
const CHANGED_IN_18 = /^(Reduce(?!Sum$)|Split$|Pad$|Resize$)/;

/**
 * Builds a classifier whose batch is symbolic ("N").
 *
 * @param shape  one image, [C, H, W]
 * @param body   from the images to the logits, adding layers to the builder
 */
export function buildClassifier(
  name: string,
  shape: readonly [number, number, number],
  body: (g: GraphBuilder, images: Value) => Value,
): Classifier {
  checkString("buildClassifier", "name", name);
  if (!isImageShape(shape)) refuse("buildClassifier", "shape", shape, "[channels, height, width]");
  checkFunction("buildClassifier", "body", body);
  const g = new GraphBuilder();
  // Shapes are inferred for a batch of one; nothing in the graph may depend on it.
  const graph = g.build(name, { logits: body(g, g.input("images", "float32", [1, ...shape])) });
  return {
    graph: withStatedBatch(graph),
    input: "images",
    logits: "logits",
  };
}

/** A graph that was built for one image, for any number of them ("N"), at the opset that our own classifiers have. */
export function withStatedBatch(graph: Graph): Graph {
  const opset = graph.nodes.some((node) => CHANGED_IN_18.test(node.opType)) ? 18 : MODEL_OPSET;
  const symbolic = (info: Graph["inputs"][number]) => ({ ...info, shape: ["N", ...info.shape!.slice(1)] });
  return {
    ...graph,
    inputs: graph.inputs.map(symbolic),
    outputs: graph.outputs.map(symbolic),
    opsets: new Map([...graph.opsets, ["", opset]]),
  };
}
