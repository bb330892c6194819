/** Where the features of a classifier are: what its last linear layer takes, behind its global pooling. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { nearestName } from "../options/index.ts";
import { dependingOn } from "../parameters/index.ts";
import { UsageError } from "../tensor/index.ts";
import { placesAxis } from "./channel-axis.ts";
import type { Classifier } from "./classifier.ts";
import { formOf, widthOf } from "./find-logits.ts";
import { type InferredGraph, inferValues } from "./infer-values.ts";
import { beforeOldHead } from "./pooled-features.ts";

/** A tensor of features. */
export interface Features {
  /** Its name. */
  readonly tensor: string;
  /** How many features an image has. */
  readonly size: number;
  /**
   * Null where an image has one row, [N, size] (axes of length 1 may be among them); else the axis of the features, and
   * they are at several places or tokens, over which a new head takes the mean.
   */
  readonly axis: number | null;
}

/** Layers that mix what they take by stored weights. */
const linear = new Set([
  ...["Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum"],
  ...["FusedConv", "FusedGemm", "FusedMatMul"],
]);

/** What hands its input on as it is when the model is tested. */
const handingOn = new Set(["Identity", "Dropout"]);
const normalizing = new Set([...handingOn, "BatchNormalization"]);

/**
 * The tensor that the last linear layer before the logits takes: a fully connected layer, or a convolution that stands for one.
 * Where hidden layers of an old head narrowed what global pooling gave, it is that instead.
 *
 * @param name  the tensor, where somebody says which
 * @throws UsageError with the candidates where there is more than one such layer, or none; for a name that is no such tensor
 */
export function findFeatures(classifier: Classifier, name?: string): Features {
  const model = new Searched(classifier);
  if (name !== undefined) return model.named(name);
  const layers = model.lastLayers();
  const sources = new Set(layers.map((taken) => model.source(taken, handingOn)));
  // Heads that normalise their inputs, each by statistics of its own, take the same features.
  const normalized = new Set(layers.map((taken) => model.source(taken, normalizing)));
  const found = [...(sources.size > 1 && normalized.size === 1 ? normalized : sources)];
  const features = found.length === 1 ? model.featuresAt(found[0], model.axisTaken(found[0])) : undefined;
  if (features) return model.beforeOldHead(features);
  const why =
    found.length === 0
      ? "no layer with weights comes before its logits"
      : found.length > 1
        ? `its logits are made by ${found.length} layers of different inputs (${found.join(", ")})`
        : `the shape of "${found[0]}", which its last layer takes, is not known`;
  throw new UsageError(
    `The features of the model "${classifier.graph.name}" are not found: ${why}. Name the tensor (features, --features)` +
      `${model.candidatesText()}`,
  );
}

/** Tensors that can be named as features, the last first: [N, size] or at several places. */
export function featureCandidates(classifier: Classifier, most = 8): Features[] {
  return new Searched(classifier).candidates(most);
}

/** "features" [N, 1280] */
export const describeFeatures = ({ tensor, size, axis }: Features): string =>
  `"${tensor}" [N, ${size}]${axis === null ? "" : ", the mean over places"}`;

class Searched {
  readonly #graph: Graph;
  readonly #input: string;
  readonly #logits: string;
  readonly #makers: ReadonlyMap<string, GraphNode>;
  readonly #ofImages: ReadonlySet<string>;
  readonly #inferred: InferredGraph;

  constructor({ graph, input, logits, imageShape, channelsLast }: Classifier) {
    this.#graph = graph;
    this.#input = input;
    this.#logits = logits;
    this.#makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
    this.#ofImages = dependingOn(graph, input);
    const image = imageShape ? (channelsLast ? [...imageShape.slice(1), imageShape[0]] : imageShape) : null;
    const stated = inferValues(graph, input, image);
    // A file may be of another size than it was trained on.
    this.#inferred = image && !stated.values.has(logits) ? inferValues(graph, input) : stated;
  }

  /** What each linear layer takes that the logits are made of by no other one. */
  lastLayers(seen = new Set([this.#logits])): string[] {
    const found: string[] = [];
    const waiting = [this.#logits];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const node = this.#makers.get(name);
      if (!node) continue;
      const taken = node.inputs.filter((input) => this.#ofImages.has(input));
      if (isLinear(node, taken)) found.push(taken[0]);
      else {
        for (const input of taken) {
          if (seen.has(input)) continue;
          seen.add(input);
          waiting.push(input);
        }
      }
    }
    return found;
  }

  /** Before dropout, which is the old head's. */
  source(name: string, through: ReadonlySet<string> = handingOn): string {
    const node = this.#makers.get(name);
    const [before] = node?.inputs ?? [];
    return node && through.has(node.opType) && this.#ofImages.has(before)
      ? this.source(before, through)
      : name;
  }

  /** What global pooling gave, where hidden layers of an old head narrowed it. */
  beforeOldHead(features: Features): Features {
    if (features.axis !== null) return features;
    const { tensor } = features;
    const before = this.source(beforeOldHead(this.#graph, tensor, this.#ofImages, this.#inferred));
    return before === tensor ? features : (this.featuresAt(before, this.axisTaken(before)) ?? features);
  }

  /** Along which axis the layers that take a tensor take its features. */
  axisTaken(name: string): number | undefined {
    const reader = this.#graph.nodes.find(
      (node) => linear.has(node.opType) && this.source(node.inputs[0]) === name,
    );
    if (reader === undefined) return undefined;
    return /Conv/.test(reader.opType) ? 1 : -1;
  }

  featuresAt(tensor: string, axisTaken?: number): Features | undefined {
    const form = formOf(tensor, this.#inferred);
    const shape = this.#inferred.values.get(tensor)?.shape;
    if (form === "unknown" || !shape) return this.#byWeight(tensor);
    if (form !== "map") return { tensor, size: widthOf(tensor, this.#inferred)!, axis: null };
    if (shape[0] !== this.#inferred.batch || shape.length < 3) return undefined;
    const axis = axisTaken ?? placesAxis(this.#graph, tensor, shape.length);
    const positive = axis < 0 ? axis + shape.length : axis;
    return { tensor, size: shape[positive], axis: positive };
  }

  /** Where shapes are not known: Gemm takes rows only, and a convolution images with channels first. */
  #byWeight(tensor: string): Features | undefined {
    for (const { opType, inputs, attributes } of this.#graph.nodes) {
      const weight = this.#graph.initializers.get(inputs[1])?.shape;
      if (!weight || this.source(inputs[0]) !== tensor) continue;
      if (opType === "Gemm") return { tensor, size: weight[attributes.transB === 1 ? 1 : 0], axis: null };
      if (opType === "Conv") return { tensor, size: weight[1], axis: 1 };
    }
    return undefined;
  }

  /** @throws UsageError for what no head can stand on */
  named(name: string): Features {
    if (this.#ofImages.has(name) && name !== this.#input) {
      const features = this.featuresAt(name, this.axisTaken(name));
      if (features) return features;
      throw new UsageError(
        `The tensor "${name}" holds no features of each image${this.#shapeText(name)}: the first axis must be that of the images. ` +
          `Name another (features, --features)${this.candidatesText()}`,
      );
    }
    const near = nearestName(name, [...this.#ofImages]);
    throw new UsageError(
      `The model "${this.#graph.name}" computes no tensor "${name}" of its images.${near === undefined ? "" : ` Did you mean "${near}"?`} ` +
        `Name one of its tensors (features, --features)${this.candidatesText()}`,
    );
  }

  #shapeText(name: string): string {
    const shape = this.#inferred.values.get(name)?.shape;
    return shape ? ` (it is [${shape.join(", ")}] for ${this.#inferred.batch} images)` : "";
  }

  candidates(most: number): Features[] {
    const needed = this.#before(this.#logits);
    // The old answers, in whatever form.
    const answers = new Set([this.#logits]);
    this.lastLayers(answers);
    const found: Features[] = [];
    for (const node of this.#graph.nodes.toReversed()) {
      const [tensor] = node.outputs;
      if (
        !needed.has(tensor) ||
        answers.has(tensor) ||
        !this.#ofImages.has(tensor) ||
        handingOn.has(node.opType)
      )
        continue;
      const features = this.featuresAt(tensor, this.axisTaken(tensor));
      const isOld = found.some(({ size, axis }) => size === features?.size && axis === features.axis);
      if (features && features.size > 1 && !isOld) found.push(features);
      if (found.length === most) break;
    }
    return found.sort((a, b) => Number(a.axis !== null) - Number(b.axis !== null));
  }

  candidatesText(): string {
    const found = this.candidates(6).map(describeFeatures);
    return found.length > 0 ? `, such as ${found.join(", ")}.` : ".";
  }

  /** What a value is computed from, itself left out. */
  #before(name: string): Set<string> {
    const found = new Set<string>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const input of this.#makers.get(next)?.inputs ?? []) {
        if (input === "" || found.has(input)) continue;
        found.add(input);
        waiting.push(input);
      }
    }
    return found;
  }
}

/** Whether a node mixes the features of one value that depends on the images by weights that do not. */
function isLinear({ opType, attributes, inputs }: GraphNode, taken: readonly string[]): boolean {
  if (!linear.has(opType) || taken.length !== 1 || inputs[0] !== taken[0]) return false;
  // Depthwise: each channel for itself.
  return typeof attributes.group !== "number" || attributes.group === 1;
}
