/** A classifier's features under a new head: how a network that somebody trained learns other classes. */
import { type Graph, type GraphNode, type ValueInfo, float, prunedGraph } from "../onnx/index.ts";
import { type OptionTable, areNames, choice, string, tested, whole, withDefaults } from "../options/index.ts";
import {
  headKey,
  separateParameters,
  statedTensors,
  tensorKeys,
  withoutSigned,
} from "../parameters/index.ts";
import { type Tensor, UsageError, float32, random } from "../tensor/index.ts";
import { checkClassifier } from "./check-classifier.ts";
import type { Classifier } from "./classifier.ts";
import { type Features, findFeatures } from "./find-features.ts";
import { foreignNameKeys } from "./foreign-class-names.ts";
import { uniform } from "./layers.ts";

const scales = ["root", "length", "own"] as const;

export type FeatureScale = (typeof scales)[number];

export interface NewHeadOptions {
  /** The new classes, in the order of the logits. */
  classNames: readonly string[];
  /** "linear" (default), or the units of one hidden layer with ReLU before it. */
  head?: "linear" | number;
  /** Decides the head's initial weights (default 0). */
  seed?: number;
  /** Name of the tensor that the head takes (default: found, see `findFeatures`). */
  features?: string;
  /**
   * What each image's features x, m the mean of their |x|, are brought to before the head. "root" (default): ±√|x/m|, so that
   * light and contrast move them less and no few of them decide. "length": one length, √size. "own": as they are.
   */
  featureScale?: FeatureScale;
}

/** The options of `withNewHead`. */
export const newHeadTable = {
  classNames: tested<readonly string[]>(
    (value) =>
      areNames(value) && value.length >= 2 && !value.includes("") && new Set(value).size === value.length,
    "a list of two or more different names",
    { description: "the new classes, in the order of the logits", alias: ["classes", "labels", "names"] },
  ),
  head: tested(isHead, '"linear" or the units of a hidden layer, as 100', {
    description:
      "what the features go through: one linear layer, or a hidden layer of so many units before it",
    default: "linear",
    flag: "--head <linear|n>",
    alias: ["hidden", "units", "hiddenUnits"],
  }),
  seed: whole({ description: "decides the head's initial weights", default: 0 }, 0),
  features: string({
    description: "tensor that the head takes",
    otherwise: "what the last linear layer takes",
    flag: "--features <tensor>",
    alias: ["tensor", "layer", "embedding"],
  }),
  featureScale: choice(scales, {
    description:
      "what each image's features are brought to before the head: their roots, one length, or as they are",
    default: "root",
    flag: "--feature-scale <how>",
    alias: ["normalize", "normalise", "featureNorm"],
  }),
} satisfies OptionTable<NewHeadOptions>;

function isHead(value: unknown): value is "linear" | number {
  return value === "linear" || (Number.isInteger(value) && (value as number) > 0);
}

/**
 * A classifier of other classes: the network up to its features, and a new head. What came behind the features is gone, the old
 * classes with it.
 *
 * `fit` trains the head alone unless `trainable` says otherwise: the rest stays as it is, BatchNormalization with its running
 * statistics. Weights and biases start uniform in ±1/√fan-in, as PyTorch's.
 *
 * @example
 * const model = withNewHead(await loadClassifier("resnet.onnx"), { classNames: data.classNames });
 *
 * @throws UsageError for a model whose features are not found, with the tensors that they may be
 */
export function withNewHead(model: Classifier, options: NewHeadOptions): Classifier {
  checkClassifier("withNewHead", "model", model);
  const given = withDefaults("withNewHead", newHeadTable, options);
  const { classNames, head, seed, features: named, featureScale } = given;
  if (classNames === undefined) {
    throw new UsageError("withNewHead needs classNames: the new classes, as the data's classNames.");
  }
  const features = findFeatures(model, named);
  const whole = separateParameters(model.graph);
  const trunk = trunkOf(whole, model, features.tensor);
  const taken = new Set(namesOf(trunk));
  const fresh = (stem: string): string => (taken.has(stem) ? fresh(`${stem}'`) : (taken.add(stem), stem));
  const isOutput = model.graph.outputs.some(({ name }) => name === model.logits);
  const logits = fresh(isOutput ? model.logits : "logits");
  const made = new Head(features, featureScale, fresh, seed).layers(head, classNames.length, logits);
  const output: ValueInfo = { name: logits, dtype: "float32", shape: [batchOf(model), classNames.length] };
  // The file that it was made of has no such head.
  const { outputNotes = [], penalties, ...kept } = { ...model, ...ofOldHead };
  const gone = [...whole.initializers.keys()].filter((name) => !trunk.initializers.has(name));
  return {
    ...kept,
    graph: {
      ...withoutSigned(trunk, new Set(gone)),
      nodes: [...trunk.nodes, ...made.nodes],
      initializers: new Map([...trunk.initializers, ...made.weights]),
      outputs: [output],
      ...(trunk.valueMetadata && { valueMetadata: withoutNames(trunk.valueMetadata, taken, trunk) }),
    },
    logits,
    classNames,
    // A model of ours takes pixels as they are.
    normalizesItself: model.normalizesItself ?? (model.metadata === undefined ? false : undefined),
    ...(penalties && { penalties: penalties.filter(({ weight }) => trunk.initializers.has(weight)) }),
    notes: (model.notes ?? []).filter((note) => !outputNotes.includes(note)),
    metadata: metadataOf(model, whole, new Set(gone), [...made.weights.keys()]),
  };
}

/** What is of the old head, or of the file that it was made of. */
const ofOldHead = { origin: undefined, transforms: undefined, temperature: undefined };

/** The part of a graph that a tensor is computed from, without outputs of its own. */
function trunkOf(graph: Graph, { input }: Classifier, tensor: string): Graph {
  const pruned = prunedGraph(graph, [tensor]);
  return { ...pruned, inputs: graph.inputs.filter(({ name }) => name === input), outputs: [] };
}

const namesOf = ({ inputs, nodes, initializers }: Graph): string[] => [
  ...inputs.map(({ name }) => name),
  ...nodes.flatMap(({ outputs }) => outputs),
  ...initializers.keys(),
];

const batchOf = ({ graph, input }: Classifier) =>
  graph.inputs.find(({ name }) => name === input)?.shape?.[0] ?? "N";

/** Of the mean |x|: below it a root turns into a line. */
const ROOT_EPSILON = 0.1;

class Head {
  readonly nodes: GraphNode[] = [];
  readonly weights = new Map<string, Tensor>();

  constructor(
    private readonly features: Features,
    private readonly featureScale: FeatureScale,
    private readonly fresh: (stem: string) => string,
    private readonly seed: number,
  ) {}

  layers(head: "linear" | number, classes: number, logits: string): this {
    let size = this.features.size;
    let x = this.#rows();
    let scale = 1;
    if (this.featureScale !== "own") {
      x = this.featureScale === "root" ? this.#roots(x) : this.#direction(x, 2);
      // About 1 each: what initial weights and learning rates are made for.
      scale = Math.sqrt(size);
    }
    if (head !== "linear") {
      const units = this.#linear(x, size, head, "head.hidden", this.fresh("head.hidden"), scale);
      x = this.#node("Relu", [units], this.fresh("head.hidden.relu"));
      [size, scale] = [head, 1];
    }
    this.#linear(x, size, classes, "head", logits, scale);
    return this;
  }

  /** Of length 1, as p has it; all 0 stays so. */
  #direction(x: string, p: 1 | 2): string {
    return this.#node("LpNormalization", [x], this.fresh("features.direction"), { axis: 1, p });
  }

  /** ±(√(|x| + ε) − √ε) of features whose |x| add up to 1: their root, with a slope that is finite at 0. */
  #roots(rows: string): string {
    const x = this.#direction(rows, 1);
    const epsilon = ROOT_EPSILON / this.features.size;
    // By such a name a number is no parameter.
    const constant = (value: number, stem: string) =>
      this.#node("Constant", [], this.fresh(`features.${stem}.Constant`), { value: float32([], [value]) });
    const size = this.#node("Abs", [x], this.fresh("features.size"));
    const shifted = this.#node("Add", [size, constant(epsilon, "epsilon")], this.fresh("features.shifted"));
    const root = this.#node("Sqrt", [shifted], this.fresh("features.root"));
    const least = constant(Math.sqrt(Math.fround(epsilon)), "least");
    const grown = this.#node("Sub", [root, least], this.fresh("features.grown"));
    return this.#node(
      "Mul",
      [grown, this.#node("Sign", [x], this.fresh("features.sign"))],
      this.fresh("features.signed"),
    );
  }

  /** The features as [N, size]: the mean over places where there are several. */
  #rows(): string {
    const { tensor, axis } = this.features;
    if (axis === null) return this.#node("Flatten", [tensor], this.fresh("features"), { axis: 1 });
    const channelsSecond = axis === 1 ? tensor : this.#moved(tensor, axis);
    const pooled = this.#node("GlobalAveragePool", [channelsSecond], this.fresh("features.pooled"));
    return this.#node("Flatten", [pooled], this.fresh("features"), { axis: 1 });
  }

  /** The channels, which are the last of the axes, moved to the second place. */
  #moved(tensor: string, axis: number): string {
    const others = Array.from({ length: axis - 1 }, (_, i) => i + 1);
    return this.#node("Transpose", [tensor], this.fresh("features.planes"), { perm: [0, axis, ...others] });
  }

  /** scale·x·Wᵀ + b */
  #linear(x: string, size: number, units: number, name: string, output: string, scale: number): string {
    const rng = random(this.seed, name);
    const bound = 1 / Math.sqrt(size);
    const [weight, bias] = [this.fresh(`${name}.weight`), this.fresh(`${name}.bias`)];
    this.weights.set(weight, uniform(rng, [units, size], bound)).set(bias, uniform(rng, [units], bound));
    const attributes = { transB: 1, ...(scale !== 1 && { alpha: float(scale) }) };
    return this.#node("Gemm", [x, weight, bias], output, attributes);
  }

  #node(opType: string, inputs: string[], output: string, attributes: GraphNode["attributes"] = {}): string {
    this.nodes.push({ opType, domain: "", name: output, inputs, outputs: [output], attributes });
    return output;
  }
}

/** What the file says of values, but for those that are the head's now. */
const withoutNames = (
  said: NonNullable<Graph["valueMetadata"]>,
  taken: ReadonlySet<string>,
  trunk: Graph,
): NonNullable<Graph["valueMetadata"]> => {
  const own = new Set(namesOf(trunk));
  return new Map([...said].filter(([name]) => !taken.has(name) || own.has(name)));
};

/** The file's metadata without its old classes, and with the head's parameters. */
function metadataOf(
  { metadata = {} }: Classifier,
  whole: Graph,
  gone: ReadonlySet<string>,
  head: readonly string[],
): Record<string, string> {
  const old = new Set([...foreignNameKeys, "alignreg.classNames"]);
  const kept = Object.entries(metadata).filter(([key]) => !old.has(key));
  const stated = metadata[tensorKeys.parameters] === undefined ? undefined : statedTensors(whole, metadata);
  const list = (names: Iterable<string>) => JSON.stringify([...names].filter((name) => !gone.has(name)));
  return {
    ...Object.fromEntries(kept),
    ...(stated && {
      [tensorKeys.parameters]: list(stated.parameters),
      [tensorKeys.buffers]: list(stated.buffers),
    }),
    [headKey]: JSON.stringify(head),
  };
}
