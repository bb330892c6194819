/** Whether an image's logits depend on nothing but the image. */
import type { Predict } from "../evaluate/index.ts";
import { type Graph, type GraphNode, describeNode } from "../onnx/index.ts";
import type { ImageSource } from "../data/index.ts";
import { type Preprocessing, preprocessImages } from "../models/index.ts";
import { innerTensors } from "../runtime/index.ts";
import { AlignregError, type ImageBatch, type Tensor, UsageError, sizeOf } from "../tensor/index.ts";

/** Images of the batch that are looked at in another order too. */
const IMAGES = 4;
/** Images in the batch of the comparison, at most: so many, and of so many bytes, for a network makes far more of each. */
const MOST_IMAGES = 128;
const MOST_BYTES = 8 * 2 ** 20;
/** A difference of this share of the greatest logit is no rounding. */
const TOLERANCE = 1e-4;
/** Tensors that are looked at in one run, while the first that differs is sought. */
const TENSORS_PER_RUN = 24;

/** What is compared: a model, and what messages and the search need to know of it. */
export interface RowCheck {
  readonly predict: Predict;
  /** What messages call the model. */
  readonly title: string;
  /** The graph that is run, where it is known. */
  readonly graph: Graph | null;
  readonly preprocessing: Preprocessing;
  /** It was trained here, on what it gives as logits. */
  readonly isTrainedHere?: boolean;
  /** Its numbers may be drawn at random: it is a user's own function. */
  readonly mayDraw?: boolean;
}

/** Images to compare rows on; how many there are, their labels say. */
type Images = Pick<ImageSource, "shape" | "labels" | "read">;

export interface CheckedRows {
  /** Of a few images, row by row. */
  readonly logits: Float32Array;
  /** Logits of an image. */
  readonly width: number;
  readonly notes: readonly string[];
}

/**
 * Predicts one image alone, in a batch as large as those to come, or as large as is quick, and at another place in a small
 * one, and compares.
 *
 * @param batchSize  images in a batch to come
 * @throws UsageError that names the first node at which the image's values part
 */
export async function checkRows(check: RowCheck, data: Images, batchSize: number): Promise<CheckedRows> {
  const { predict, title, isTrainedHere = false, mayDraw = false } = check;
  const most = Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / (4 * sizeOf(data.shape))));
  const batch = await sampleImages(data, Math.min(batchSize, most));
  const [count] = batch.shape;
  const alone = await predict(rowsOf(batch, [0]));
  const width = alone.length;
  // The first and the last image, and some between them.
  const few = Math.min(IMAGES, count);
  const places = Array.from({ length: few }, (_, i) => Math.floor((i * (count - 1)) / (few - 1)));
  const together = await predict(batch);
  const turned = await predict(rowsOf(batch, places.toReversed()));
  // Functions that return too little are told so where their rows are read.
  const isWhole = together.length === count * width && turned.length === few * width;
  const largest = [alone, together, turned].flatMap((rows) => [...rows]).reduce(greatest, 0);
  const differs = (a: Float32Array, b: Float32Array) => !isNear(a, b, TOLERANCE * largest);
  const row = (rows: Float32Array, i: number) => rows.subarray(i * width, (i + 1) * width);
  const parts =
    isWhole &&
    (differs(alone, row(together, 0)) ||
      places.some((place, i) => differs(row(together, place), row(turned, few - 1 - i))));
  const result = { logits: together, width, notes: probabilityNotes(together, width, title, isTrainedHere) };
  if (!parts) return result;
  const again = await predict(rowsOf(batch, [0]));
  const isDrawn = differs(alone, again);
  if (isDrawn && mayDraw) {
    return {
      ...result,
      notes: [
        ...result.notes,
        `${title} gives other logits for the same image each time: it draws at random.`,
      ],
    };
  }
  const small = rowsOf(batch, places);
  const node = (await firstNode(check, small, isDrawn)) ?? (await firstNode(check, batch, isDrawn));
  const where = node ? ` The first node that does is the ${node}.` : "";
  throw new UsageError(
    isDrawn
      ? `${title} gives other logits for the same image each time: it draws at random.${where} Export it in evaluation ` +
          `mode (model.eval()), without what draws.`
      : `${title} gives an image other logits in a batch than alone: its images see one another.${where} Export it so that ` +
          `the batch stays the first axis and nothing is computed over it; one image at a time (batchSize 1, ` +
          `--batch-size 1) can be tested as it is.`,
  );
}

/** Images from all over the data; a single one has a dark one beside it. */
async function sampleImages(data: Images, most: number): Promise<ImageBatch> {
  const count = data.labels.length;
  const taken = Math.min(Math.max(most, IMAGES), count);
  const indices = Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
  const size = sizeOf(data.shape);
  const rows = Math.max(taken, 2);
  const images = new Float32Array(rows * size);
  await data.read(indices, images.subarray(0, taken * size));
  return { data: images, shape: [rows, ...data.shape] };
}

function rowsOf({ data, shape: [count, ...image] }: ImageBatch, rows: readonly number[]): ImageBatch {
  const size = data.length / count;
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, i) => picked.set(data.subarray(row * size, (row + 1) * size), i * size));
  return { data: picked, shape: [rows.length, ...image] };
}

const greatest = (most: number, value: number) =>
  Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most;

/** Equal within a tolerance; NaN and infinity are told elsewhere. */
const isNear = (a: Float32Array, b: Float32Array, tolerance: number) =>
  a.every((value, i) => !(Math.abs(value - b[i]) > tolerance));

/** Logits that look like what comes out of a softmax or of sigmoids. */
function probabilityNotes(
  rows: Float32Array,
  width: number,
  title: string,
  isTrainedHere: boolean,
): string[] {
  if (width < 2 || rows.length === 0 || !rows.every((value) => value >= 0 && value <= 1)) return [];
  if (rows.every((value) => value === rows[0])) return [];
  const sums = Array.from({ length: rows.length / width }, (_, i) =>
    rows.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b, 0),
  );
  const isDistribution = sums.every((sum) => Math.abs(sum - 1) < 1e-3);
  // The logits of a net that has learnt little are small, and may all be positive.
  if (isTrainedHere && !isDistribution) return [];
  return [
    `All logits of the first images that ${title} was given are in [0, 1]${isDistribution ? " and sum to 1" : ""}: they look ` +
      `like probabilities. Losses, distances and the alignment gap need logits; name the tensor before the softmax or ` +
      `sigmoid as output (--output).`,
  ];
}

/** The first node of whose output an image's part is another in a batch than alone, or in a second run. */
async function firstNode(
  { graph, preprocessing }: RowCheck,
  batch: ImageBatch,
  isDrawn: boolean,
): Promise<string | null> {
  if (!graph) return null;
  const images = preprocessImages(batch, preprocessing);
  const one = rowsOf(images, [0]);
  const [count] = images.shape;
  const turned = rowsOf(
    images,
    Array.from({ length: count }, (_, i) => count - 1 - i),
  );
  // The first image in the first place and in the last one: a running sum leaves the first place as it is.
  const batches = isDrawn ? [one, one] : [one, images, turned];
  const declared = graph.inputs[0]?.shape?.[0];
  const fixed = typeof declared === "number" && declared > 0 ? declared : null;
  const counts = batches.map(({ shape }) => fixed ?? shape[0]);
  const nodes = graph.nodes.filter(({ outputs }) => outputs[0] !== "");
  for (let start = 0; start < nodes.length; start += TENSORS_PER_RUN) {
    const some = nodes.slice(start, start + TENSORS_PER_RUN);
    const made = await tensorsOf(graph, some, batches);
    const found = some.find(({ outputs: [name] }) => {
      const [x, ...others] = made.map((values, i) => {
        const value = values.get(name);
        return value && partOf(value, counts[i], i === 2 ? count - 1 : 0);
      });
      return others.some(
        (y) => x && y && x.length === y.length && !isNear(x, y, TOLERANCE * x.reduce(greatest, 0)),
      );
    });
    if (found) return describeNode(found);
  }
  return null;
}

/** The nodes' first outputs; those that hold no numbers are left out. */
async function tensorsOf(
  graph: Graph,
  nodes: readonly GraphNode[],
  batches: readonly ImageBatch[],
): Promise<ReadonlyMap<string, Tensor>[]> {
  const names = nodes.map(({ outputs }) => outputs[0]);
  try {
    return await innerTensors(graph, names, batches);
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
    if (nodes.length === 1) return batches.map(() => new Map());
  }
  const parts: ReadonlyMap<string, Tensor>[][] = [];
  for (const node of nodes) parts.push(await tensorsOf(graph, [node], batches));
  return batches.map((_, i) => new Map(parts.flatMap((part) => [...part[i]])));
}

/** What a tensor holds of one of so many images, where the batch is its outermost axis. */
function partOf({ shape, data }: Tensor, count: number, place: number): Float32Array | undefined {
  const axis = shape.findIndex((length) => length !== 1);
  const isOfRows = shape[0] === count || (axis > 0 && shape[axis] % count === 0);
  const size = data.length / count;
  return isOfRows ? (data as Float32Array).subarray(place * size, (place + 1) * size) : undefined;
}
