/**
 * Which of a graph's tensors are parameters. Decided here and nowhere else, in this order:
 *
 * 1. what the file says of itself (head.ts, stated.ts);
 * 2. the graph: a named float32 tensor from which the logits can be reached along a path that a gradient takes is a
 *    parameter. BatchNormalization's running statistics are not, nor is what acts on the images alone, before any layer;
 * 3. names and numbers that no parameter has: those of buffers, infinities, masks, one kernel for all channels.
 *
 * What exporters made up or folded has no name of its own. It is a parameter where a layer's operator takes it as its
 * weight, scale or bias.
 */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { type Shape, type Tensor, sizeOf } from "../tensor/index.ts";
import { isFinite, isOneKernel, isTwoValued, isUniform, isVector } from "./contents.ts";
import { foldedFrom } from "./exported/index.ts";
import { headNames } from "./head.ts";
import { isBufferName, isLayerName, isMadeUp, isOfCode } from "./made-up-names.ts";
import {
  type KerasBackend,
  type WrittenNormalizations,
  kerasBackend,
  writtenNormalizations,
} from "./keras-export.ts";
import { dependingOn, reaching } from "./reach.ts";
import { type StatedTensors, statedTensors } from "./stated.ts";
import { GraphUses, type Use, isNormalization, layerPart } from "./uses.ts";

/** What a float tensor that the logits depend on is. */
export interface TensorRole {
  readonly name: string;
  readonly shape: Shape;
  /** "statistics": a running mean or variance, which training moves without a gradient. */
  readonly kind: "parameter" | "statistics" | "constant";
  /** A few words: how it is used, and where that does not decide, what did. */
  readonly why: string;
  /** The graph alone cannot tell, so that a user should be told. */
  readonly isGuess: boolean;
  /** An exporter made the name up. */
  readonly isMadeUp: boolean;
  /** Operators that take it, by position in the graph. */
  readonly uses: readonly Use[];
}

/** Where a graph begins and ends. */
export interface GraphUse {
  /** Default: the graph's input. */
  readonly input?: string;
  /** Default: its first output. */
  readonly logits?: string;
  /** Another tensor that the loss is made of: the aligned one. */
  readonly aligned?: string;
  /** Of the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Names of all tensors of the file, where the graph is a part of it. */
  readonly held?: ReadonlySet<string>;
  /** Operators that a user has a gradient rule for, as "Round" or "com.microsoft.QuickGelu". */
  readonly ownRules?: ReadonlySet<string>;
}

/**
 * Every float tensor that the logits depend on, in the file's order.
 *
 * @throws UsageError for metadata of ours that cannot be read
 */
export function tensorRoles(graph: Graph, use: GraphUse = {}): TensorRole[] {
  const { input = graph.inputs[0]?.name, logits = graph.outputs[0]?.name, aligned } = use;
  const targets = [logits, aligned].filter((name) => name !== undefined);
  const needed = reaching(graph, targets, { byGradient: false });
  const reached = reaching(graph, targets, { byGradient: true, own: use.ownRules });
  const classifier: Situation = {
    graph,
    reached,
    uses: new GraphUses(graph, reached),
    ofImages: dependingOn(graph, input),
    behindLayer: new Set(),
    head: headNames(use.metadata),
    stated: statedTensors(graph, use.metadata),
    held: use.held ?? new Set(graph.initializers.keys()),
    keras: kerasBackend(graph),
    written: writtenNormalizations(graph, input).parts,
  };
  addBehindLayers(classifier);
  return [...graph.initializers]
    .filter(([name, { dtype }]) => needed.has(name) && /^float/.test(dtype))
    .map(([name, tensor]) => roleOf(name, tensor, classifier));
}

/** Names of all parameters, in the file's order. */
export const trainableNames = (graph: Graph, use?: GraphUse): string[] =>
  tensorRoles(graph, use)
    .filter(({ kind }) => kind === "parameter")
    .map(({ name }) => name);

/**
 * Names of what a file of weights holds: every parameter and buffer that has a name of its own, of whatever type, and the
 * parameters and statistics whose names an exporter made up.
 */
export function weightNames(graph: Graph, use: GraphUse = {}): string[] {
  const stated = statedTensors(graph, use.metadata);
  const isNamed = (name: string) =>
    stated ? stated.parameters.has(name) || stated.buffers.has(name) : !isMadeUp(name);
  const moving = tensorRoles(graph, use).filter(({ kind }) => kind !== "constant");
  const names = new Set(moving.map(({ name }) => name));
  return [...graph.initializers.keys()].filter((name) => names.has(name) || isNamed(name));
}

interface Situation {
  readonly graph: Graph;
  readonly reached: ReadonlySet<string>;
  readonly uses: GraphUses;
  /** Values that depend on the images … */
  readonly ofImages: ReadonlySet<string>;
  /** … and have passed a layer. */
  readonly behindLayer: Set<string>;
  readonly head: ReadonlySet<string>;
  readonly stated: StatedTensors | undefined;
  /** Names of the file's tensors. */
  readonly held: ReadonlySet<string>;
  readonly keras: KerasBackend | undefined;
  readonly written: WrittenNormalizations["parts"];
}

/** What a value that depends on images has met in the layer: something stored, or itself as in attention. */
const layers = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "PRelu"]);

function addBehindLayers({ graph, ofImages, behindLayer }: Situation): void {
  for (const { opType, inputs, outputs } of graph.nodes) {
    if (!inputs.some((name) => ofImages.has(name))) continue;
    const isLayer = layers.has(opType) || isNormalization(opType);
    if (isLayer || inputs.some((name) => behindLayer.has(name)))
      for (const output of outputs) behindLayer.add(output);
  }
}

type Decision = Pick<TensorRole, "kind" | "why"> & { readonly isGuess?: boolean };

function roleOf(name: string, tensor: Tensor, situation: Situation): TensorRole {
  const uses = situation.uses.usesOf(name);
  const { stated, head } = situation;
  const isOfJax = situation.keras === "jax";
  const isOfExporter = stated
    ? !stated.parameters.has(name) && !stated.buffers.has(name) && !head.has(name)
    : !head.has(name) && (isOfJax || isMadeUp(name));
  const facts: Facts = { name, tensor, uses, isOfExporter };
  const decided =
    statisticsOf(facts, situation) ?? statedRole(facts, situation) ?? foldedRole(facts, situation);
  const { isGuess = false, ...rest } =
    decided ?? (isOfExporter ? unnamedRole(facts, situation) : namedRole(facts, situation));
  return { name, shape: tensor.shape, isGuess, isMadeUp: isOfExporter, uses, ...rest };
}

interface Facts {
  readonly name: string;
  readonly tensor: Tensor;
  readonly uses: readonly Use[];
  readonly isOfExporter: boolean;
}

const constant = (why: string): Decision => ({ kind: "constant", why });
const guessedConstant = (why: string): Decision => ({ kind: "constant", why, isGuess: true });
const parameter = (why: string): Decision => ({ kind: "parameter", why });

/** What needs no look at who uses it: statistics, and what no gradient reaches or cannot train. */
function statisticsOf(
  { name, tensor, uses }: Facts,
  { reached, graph, ofImages }: Situation,
): Decision | undefined {
  const asStatistics = graph.nodes.filter(
    ({ opType, inputs }) =>
      opType === "BatchNormalization" && inputs.indexOf(name, 3) >= 3 && ofImages.has(inputs[0]),
  );
  if (asStatistics.length > 0) return { kind: "statistics", why: "running statistics of BatchNormalization" };
  if (!reached.has(name) || uses.length === 0) return constant("no gradient passes from the logits to it");
  if (tensor.dtype !== "float32") return guessedConstant(`${tensor.dtype}: only float32 trains`);
  return undefined;
}

function statedRole({ name, uses }: Facts, { head, stated }: Situation): Decision | undefined {
  if (head.has(name)) return parameter(`${usage(uses)}, of the new head`);
  if (stated?.parameters.has(name)) return parameter(usage(uses));
  return stated?.buffers.has(name) ? constant("the file lists it as a buffer") : undefined;
}

/** What the exporter says that it made of buffers and numbers of the code alone. */
function foldedRole({ name, isOfExporter }: Facts, { graph, stated }: Situation): Decision | undefined {
  const from = isOfExporter && stated ? foldedFrom(graph, name) : undefined;
  const isOfParameters = from?.some((part) => stated!.parameters.has(part)) ?? true;
  return isOfParameters ? undefined : constant("computed by the exporter of no parameter");
}

function namedRole(facts: Facts, situation: Situation): Decision {
  const { name, tensor, uses } = facts;
  const isThere = (other: string) => situation.graph.initializers.has(other);
  if (isBufferName(name, isThere)) return guessedConstant("by its name a buffer");
  if (tensor.data.length === 0) return constant("it holds nothing");
  if (!isFinite(tensor)) return guessedConstant("it holds infinities or NaN, as masks do");
  if (isOfPixels(uses, situation)) return guessedConstant("it acts on the images before any layer");
  if (isTwoValued(tensor) && !uses.some(layerPart))
    return guessedConstant("of two different numbers, as masks are");
  if (isKernel(uses) && isOneKernel(tensor) && !isUniform(tensor))
    return guessedConstant("one kernel for all channels, as a blur has");
  // A layer's bias or scale is no mask and no fixed kernel.
  const isAffine = uses.some((use) => /^(bias|scale|slope)/.test(layerPart(use) ?? ""));
  return { ...parameter(usage(uses)), isGuess: !isAffine && !isLayerName(name) };
}

function unnamedRole(facts: Facts, situation: Situation): Decision {
  const { name, tensor, uses } = facts;
  if (tensor.data.length === 0) return constant("it holds nothing");
  // jax2onnx numbers what the model holds; its other names are of what it needs itself, such as the ones of a pooling.
  if (situation.keras === "jax" && !/^const_/.test(name)) return constant("a constant of the exporter");
  if (isOfPixels(uses, situation)) return constant("it acts on the images before any layer");
  const written = situation.written.get(name);
  if (written === "mean" || written === "deviation")
    return constant(`${written} of a BatchNormalization of fixed statistics`);
  // An untrained layer's bias is uniform too, but stored.
  if (written !== undefined && isOfCode(name))
    return constant(`${written} of BatchNormalization, which has none of its own`);
  if (written !== undefined) return parameter(`${written} of a BatchNormalization of fixed statistics`);
  const part = uses.map(layerPart).find(Boolean);
  // Of Keras with JAX, what the model holds is numbered; an untrained layer's is uniform too.
  const isOfModel = situation.keras === "jax" && /^const_\d+$/.test(name);
  const isOfNormalization = uses.some(({ node, input }) => isNormalization(node.opType) && input > 0);
  if (part !== undefined && isOfNormalization && isUniform(tensor) && !isOfModel)
    return constant(`${part}, which has none of its own`);
  const isAnotherThing = isNoParameter(name, situation);
  if (part !== undefined && !isAnotherThing) {
    if (isKernel(uses) && isOneKernel(tensor))
      return guessedConstant("one kernel for all channels, as a blur has");
    return parameter(part);
  }
  if (sizeOf(tensor.shape) === 1) {
    const product =
      tensor.shape.length > 0 && uses.map((use) => situation.uses.biasedProduct(use)).find(Boolean);
    if (product && hasOneUnit(product, situation)) return parameter(`bias of ${product.opType}`);
    return constant("a single number of the exporter");
  }
  if (!isFinite(tensor)) return guessedConstant("it holds infinities or NaN, as masks do");
  if (isAnotherThing) return guessedConstant(`${usage(uses)}, but ${isAnotherThing}`);
  if (isVector(tensor)) {
    const biased = uses.map((use) => situation.uses.biasedProduct(use)).find(Boolean);
    if (biased) return parameter(`bias of ${biased.opType}`);
    const scaled = uses.map((use) => situation.uses.scaledNormalization(use)).find(Boolean);
    if (scaled) return parameter(`scale or bias of ${scaled.opType}`);
  }
  // Keras' exports have no names for what a layer learns, and hold little else behind the first layer.
  if (situation.keras && uses.some((use) => isAffine(use, situation)) && !isTwoValued(tensor))
    return { ...parameter(usage(uses)), isGuess: !isVector(tensor) };
  return guessedConstant(`${usage(uses)}, computed by the exporter`);
}

/** Whether it scales or shifts what layers have made of images. */
const isAffine = ({ node, input }: Use, { behindLayer }: Situation): boolean =>
  ["Mul", "Add", "Sub"].includes(node.opType) && behindLayer.has(node.inputs[1 - input]);

/** Whether a product is a layer of a single unit, whose bias is a single number. */
const hasOneUnit = ({ inputs }: GraphNode, { graph }: Situation): boolean =>
  inputs.some((name) => {
    const shape = graph.initializers.get(name)?.shape;
    return shape !== undefined && (shape[0] === 1 || shape.at(-1) === 1);
  });

/** Why a tensor that the exporter named is none of the module's parameters, where the file has those under their names. */
function isNoParameter(name: string, { stated, held }: Situation): string | undefined {
  if (stated) {
    const isComplete = stated.parameters.size > 0 && [...stated.parameters].every((own) => held.has(own));
    return isComplete ? "none of the parameters that the file lists" : undefined;
  }
  const hasNames = isOfCode(name) && [...held].some((other) => !isMadeUp(other));
  return hasNames ? "of the code, as the file names its parameters" : undefined;
}

/** The first use, as a person would say it. */
function usage(uses: readonly Use[]): string {
  const part = uses.map(layerPart).find(Boolean);
  return part ?? `taken by ${uses[0].node.opType}`;
}

const isKernel = (uses: readonly Use[]): boolean =>
  uses.every(({ node, input }) => node.opType === "Conv" && input === 1);

/** Whether every use is on images that have met no layer yet, one by one with their pixels. */
const isOfPixels = (uses: readonly Use[], { ofImages, behindLayer }: Situation): boolean =>
  uses.every(({ node, input }) => {
    if (layerPart({ node, input, index: 0 }) !== undefined) return false;
    const others = node.inputs.filter((_, i) => i !== input);
    return others.some((name) => ofImages.has(name)) && !others.some((name) => behindLayer.has(name));
  });
