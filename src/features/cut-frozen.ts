/**
 * A classifier's graph in two: what is the same function of an image in every step, and what trains. The first part has to
 * run once for each image only; its tensors are then what the second part trains on.
 */
import { type Graph, type GraphNode, describeNode, prunedGraph } from "../onnx/index.ts";
import { dependingOn } from "../parameters/index.ts";
import { type Shape, UsageError, sizeOf } from "../tensor/index.ts";
import { ROWS, rowsIn } from "../train/row-independence.ts";
import { type CutPlace, cutPlaces } from "./cut-places.ts";
import { forwardWork } from "./forward-work.ts";
import { type CutOptions, dropsNothing, movingValues } from "./moving-values.ts";
import { type BatchShape, type BetweenTensor, suffixGraph } from "./suffix-graph.ts";

/** A cut: `suffix(between(prefix(images)))` is the graph. */
export interface FrozenCut {
  /** From the images to the tensors between, its outputs. */
  readonly prefix: Graph;
  readonly between: readonly BetweenTensor[];
  /**
   * From the tensors between to the targets. Its one input is these tensors laid behind one another, [N, F, 1, 1]; but for
   * that it is a classifier as any other.
   */
  readonly suffix: Graph;
  /** Name of the suffix's input. */
  readonly features: string;
  /** F: numbers an image. */
  readonly size: number;
  /** Of the work of a forward pass that the prefix does, about. */
  readonly share: number;
  /** Why it ends where it does, where that is before the trained part begins; a sentence each. */
  readonly notes: readonly string[];
}

/** Why there is no cut. */
export interface NoCut {
  /** A clause: "nothing is frozen". */
  readonly none: string;
}

/** So much of the frozen work may be left behind the cut for fewer numbers to keep. */
const NEGLIGIBLE = 0.01;

/**
 * Cuts off what no trained parameter reaches. Dropout, BatchNormalization whose statistics move, what lets images of a batch
 * see one another, and all behind these belong to the suffix; so does what is behind an earlier tensor, where the frozen part
 * ends in more numbers than the image has.
 *
 * @param graph    at the current opset, of any batch size
 * @param trained  names of the initializers that train
 */
export function cutFrozen(
  graph: Graph,
  trained: ReadonlySet<string>,
  options: CutOptions = {},
): FrozenCut | NoCut {
  const { input = graph.inputs[0]?.name, targets = graph.outputs.map(({ name }) => name) } = options;
  const image = options.image ?? declaredImage(graph, input);
  const whole = withoutIdleDropout(prunedGraph(graph, targets));
  const { values, mixing, turned, axes } = rowsIn(whole, input, image, options.frozenStatistics ?? new Set());
  const ofImages = dependingOn(whole, input);
  const moving = movingValues(whole, trained, { ...options, input });
  const nodes = whole.nodes.filter(({ outputs }) => outputs.some((name) => ofImages.has(name)));
  const still = nodes.filter(({ outputs }) => !outputs.some((name) => moving.has(name)));
  const frozen = still.filter(({ outputs }) => !outputs.some((name) => mixing.has(name)));
  const total = workOf(nodes);
  const places = cutPlaces(whole, { input, targets }, frozen, { values, rows: ROWS, turned });
  const most = sizeOf(image);
  const last = places.at(-1);
  const mixer = still.find(({ outputs }) => outputs.some((name) => mixing.has(name)));
  if (!last || last.work < NEGLIGIBLE * total) {
    return {
      none: mixer ? `${seeOneAnother(mixer)} before anything is worth keeping` : "next to nothing is frozen",
    };
  }
  const place = bestPlace(places, most);
  if (!place || place.work < NEGLIGIBLE * total) {
    return {
      none: `what is frozen ends in ${endOf(last)}, which is more than the image's ${sizeInKB(most)}`,
    };
  }
  const notes: string[] = [];
  if (mixer && workOf(still) - last.work > NEGLIGIBLE * total) {
    notes.push(`${seeOneAnother(mixer)}: it and what follows is computed in each step, though it is frozen.`);
  }
  if (place.work < (1 - NEGLIGIBLE) * last.work) {
    notes.push(
      `The frozen part ends in ${endOf(last)}, which is more than the image's ${sizeInKB(most)}; ` +
        `${endOf(place)} is kept instead, behind ${percent(place.work / last.work)} of the frozen work.`,
    );
  }
  const before = new Set(frozen.slice(0, place.nodes));
  const shapes = new Map<string, BatchShape>([
    [input, { lengths: [1, ...image], axis: 0 }],
    ...[...before].flatMap(({ outputs }) =>
      outputs
        .filter(Boolean)
        .map((name) => [name, batchShape(values.get(name)!.shape, axes.get(name))] as const),
    ),
  ]);
  const between = place.between.map((name) => ({ name, shape: values.get(name)!.shape.slice(1) }));
  const features = unusedName(graph, "features");
  const outputs = between.map(({ name, shape }) => ({
    name,
    dtype: "float32" as const,
    shape: ["N", ...shape],
  }));
  return {
    prefix: { ...prunedGraph(whole, place.between), outputs },
    between,
    suffix: suffixGraph(whole, features, between, before, shapes, targets),
    features,
    size: place.size,
    share: place.work / total,
    notes,
  };

  function workOf(some: readonly GraphNode[]): number {
    return some.reduce((sum, node) => sum + forwardWork(node, values), 0);
  }

  function endOf({ between: names, size }: CutPlace): string {
    const shown = names
      .slice(0, 3)
      .map((name) => `"${name}" [${values.get(name)?.shape.slice(1).join(", ")}]`);
    return `${shown.join(", ")}${names.length > 3 ? ", …" : ""} (${sizeInKB(size)} an image)`;
  }
}

/** Dropout of nothing keeps rows apart, and is the same in every step. */
const withoutIdleDropout = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) =>
    dropsNothing(node, graph)
      ? {
          ...node,
          opType: "Identity",
          inputs: node.inputs.slice(0, 1),
          outputs: node.outputs.slice(0, 1),
          attributes: {},
        }
      : node,
  ),
});

/** So many elementwise steps may be left behind the cut: what a new head does to its features first is not in the cache's key. */
const FEW_STEPS = 12;

/**
 * The smallest of the places that leave next to nothing of what any does that is small enough. Of equal ones the last, but
 * for a few elementwise steps at its end.
 */
function bestPlace(places: readonly CutPlace[], most: number): CutPlace | undefined {
  const allowed = places.filter(({ size }) => size > 0 && size <= most);
  const best = allowed.at(-1)?.work ?? 0;
  const near = allowed.filter(({ work }) => work >= (1 - NEGLIGIBLE) * best);
  const least = Math.min(...near.map(({ size }) => size));
  const equal = near.filter(({ size }) => size === least);
  const last = equal.at(-1)?.work ?? 0;
  const first = equal.find(({ work }) => last - work <= FEW_STEPS * ROWS * least);
  // Copies are free.
  return equal.findLast(({ work }) => work === first?.work);
}

/** @throws UsageError for a graph that leaves the size open */
function declaredImage(graph: Graph, input: string): Shape {
  const lengths = graph.inputs.find(({ name }) => name === input)?.shape?.slice(1) ?? [];
  if (lengths.length > 0 && lengths.every((n): n is number => typeof n === "number" && n > 0)) return lengths;
  throw new UsageError(
    `The graph "${graph.name}" does not say how large its images are. Give the shape of one (image).`,
  );
}

/** A shape for a batch of {@link ROWS} as one for any number of images. */
const batchShape = (shape: Shape, axis: number | undefined): BatchShape => ({
  lengths: shape.map((length, i) => (i === axis ? length / ROWS : length)),
  axis: axis ?? null,
});

function unusedName(graph: Graph, stem: string): string {
  const taken = new Set(graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  let name = stem;
  while (taken.has(name) || graph.initializers.has(name)) name += "'";
  return name;
}

const seeOneAnother = (node: GraphNode): string =>
  `the images of a batch may see one another in the ${describeNode(node)}`;

/** float32 numbers as kilobytes. */
const sizeInKB = (numbers: number): string =>
  Number.isFinite(numbers)
    ? `${((4 * numbers) / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`
    : "no float32";

const percent = (share: number): string => `${Math.round(100 * share)} %`;
