/** Keras's models as Keras saves them, and Keras's own three steps on each; tools/frameworks makes the files. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type FitOptions, type FitResult, fit } from "../src/api/index.ts";
import { openTestable } from "../src/api/open-testable.ts";
import { type Dataset, datasetFromArrays, imagesAt } from "../src/data/index.ts";
import type { Classifier } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { numbersOf } from "../src/tensor/index.ts";
import { plainSteps } from "./plain-steps.ts";

export const KERAS_FIXTURES = join(import.meta.dirname, "fixtures", "keras");

/** What tools/frameworks/keras_files.py writes of a model. */
export interface KerasNet {
  readonly net: string;
  /** Height, width, channels. */
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** What Keras fed it: floats in [0, 1], or from 0 to 255. */
  readonly pixels: "unit" | "bytes";
  /** Other files of the same model; `places` in the order of `variables`. */
  readonly files: readonly { readonly file: string; readonly places: readonly string[] }[];
  readonly variables: readonly {
    /** Path in the `.keras` file. */
    readonly place: string;
    readonly path: string;
    readonly shape: readonly number[];
    /** It is one of Keras's trainable_weights. */
    readonly trainable: boolean;
  }[];
}

export interface KerasRow {
  readonly net: KerasNet;
  /** Name below KERAS_FIXTURES: a `.keras` or `.h5` file, or a TensorFlow.js folder. */
  readonly file: string;
  /** Paths in the file, in the order of `net.variables`. */
  readonly places: readonly string[];
}

export const kerasNets = (): KerasNet[] =>
  readdirSync(KERAS_FIXTURES)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(KERAS_FIXTURES, file), "utf8")) as KerasNet);

export const kerasRows = (): KerasRow[] =>
  kerasNets().flatMap((net) => [
    { net, file: `${net.net}.keras`, places: net.variables.map(({ place }) => place) },
    ...net.files.map(({ file, places }): KerasRow => ({ net, file, places })),
  ]);

export const pathOf = ({ file }: KerasRow): string => join(KERAS_FIXTURES, file);

/** Keras's numbers, in float64. */
export interface KerasReference {
  readonly data: Dataset;
  /** In evaluation mode, before the steps and after them, [N, K]. */
  readonly logits: readonly number[];
  readonly logitsAfter: readonly number[];
  /** Of each variable that the steps change, by its place in the `.keras` file. */
  readonly changes: ReadonlyMap<string, readonly number[]>;
}

export function referenceOf(net: KerasNet): KerasReference {
  const path = join(KERAS_FIXTURES, `${net.net}.step.onnx`);
  const { graph, metadata } = readModel(readFileSync(path), path);
  const scales = JSON.parse(metadata.scales) as Record<string, number>;
  const tensor = (name: string) => graph.initializers.get(name)!;
  return {
    data: datasetOf(net, tensor("images").data as Uint8Array, numbersOf(tensor("labels"))),
    logits: numbersOf(tensor("logits")),
    logitsAfter: numbersOf(tensor("logits-after")),
    changes: new Map(
      Object.entries(scales).map(([name, scale]) => [
        name.slice("change:".length),
        numbersOf(tensor(name)).map((v) => v * scale),
      ]),
    ),
  };
}

/** @param pixels  [N, H, W, C] */
export function datasetOf(
  { net, image: [height, width, channels], classes }: Pick<KerasNet, "net" | "image" | "classes">,
  pixels: Uint8Array,
  labels: number[],
): Dataset {
  const plane = height * width;
  const planar = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    const [n, place] = [Math.floor(pixel / plane), pixel % plane];
    planar[(n * channels + channel) * plane + place] = pixels[i];
  }
  return datasetFromArrays({
    name: net,
    shape: [channels, height, width],
    pixels: planar,
    labels,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
  });
}

/** Three plain steps of all images (tools/frameworks/keras_steps.py). */
export const threeSteps = (
  path: string,
  { pixels }: Pick<KerasNet, "pixels">,
  data: Dataset,
  options: FitOptions = {},
): Promise<FitResult> =>
  fit(path, data, {
    ...rangeOf(pixels),
    ...plainSteps(data),
    onNote: () => undefined,
    ...options,
  });

const rangeOf = (pixels: KerasNet["pixels"]) => (pixels === "bytes" ? { inputRange: 255 } : {});

/** Logits of all images, [N, K]. */
export async function logitsOf(
  model: Classifier | string,
  { pixels }: Pick<KerasNet, "pixels">,
  data: Dataset,
): Promise<Float32Array> {
  const { predict, release } = await openTestable(model, data.shape, { ...rangeOf(pixels), threads: 1 });
  try {
    return await predict(imagesAt(data, Uint32Array.from(data.labels.keys())));
  } finally {
    await release();
  }
}
