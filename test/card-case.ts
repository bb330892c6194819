/** Classifiers of every kind that a card has programs for, each with its card and the files beside it, in a folder. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exportClassifier, predict, saveClassifier } from "../src/api/index.ts";
import { type Classifier, buildClassifier } from "../src/models/index.ts";
import type { GraphBuilder, Value } from "../src/onnx/index.ts";
import { float32, random } from "../src/tensor/index.ts";
import { type Photograph, fiftyPhotographs } from "./fifty-photographs.ts";

/** Names as strangers have them. */
export const strangeNames = ["玫瑰|`x`", "</script><!--", 'a "b" \\ \n```', "\u202Eesrever", "${0} 😀"];

interface Kind extends Partial<Classifier> {
  readonly image: readonly [channels: number, height: number, width: number];
  readonly channelsLast?: boolean;
  readonly classes?: number;
  readonly end?: (g: GraphBuilder, z: Value) => Value;
}

export const kinds: Readonly<Record<string, Kind>> = {
  "colour, cropped, of strange names": {
    image: [3, 28, 28],
    classNames: strangeNames,
    temperature: 1.7,
    pictures: { resize: "crop", cropShare: 0.875, interpolation: "bicubic", exif: "apply" },
  },
  "grey, channels last, bytes, stretched": {
    image: [1, 20, 28],
    channelsLast: true,
    classNames: ["a", "b", "c", "d", "e"],
    inputRange: 255,
    normalization: { mean: [127.5], std: [60] },
    pictures: { resize: "stretch", interpolation: "bilinear" },
    end: (g, z) => g.op1("Softmax", [z], { axis: -1 }),
  },
  "blue first, padded, of two classes by one sigmoid": {
    image: [3, 24, 32],
    classes: 1,
    classNames: ["no", "yes"],
    channelOrder: "bgr",
    inputRange: 255,
    normalization: { mean: [104, 117, 124], std: [50, 60, 70] },
    temperature: 0.8,
    pictures: { resize: "pad", interpolation: "lanczos", exif: "apply" },
    end: (g, z) => g.op1("Sigmoid", [z]),
  },
  "a thousand classes, as stored, by the nearest pixel": {
    image: [3, 18, 18],
    classes: 1000,
    classNames: Array.from({ length: 1000 }, (_, i) => `class ${i}`),
    normalization: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] },
    pictures: { resize: "crop", interpolation: "nearest", exif: "ignore" },
    end: (g, z) => g.op1("LogSoftmax", [z], { axis: -1 }),
  },
};

/** Each of its pixels counts, by a weight of its own: another resize, turn or order of colours shows. */
export function pixelNet({ image, channelsLast = false, classes = 5, end, ...facts }: Kind): Classifier {
  const [channels, height, width] = image;
  const size = channels * height * width;
  const rng = random(7, "pixels");
  const net = buildClassifier("pixels", image, (g, images) => {
    const x = channelsLast ? g.op1("Transpose", [images], { perm: [0, 3, 1, 2] }) : images;
    const flat = g.op1("Flatten", [x], { axis: 1 });
    const scale = (facts.normalization ? 4 : 8) / Math.sqrt(size);
    const draws = Float32Array.from({ length: size * classes }, () => scale * (rng.uniform() - 0.5) * 3.46);
    const [z] = g.op(
      "MatMul",
      [flat, g.initializer("w", float32([size, classes], draws))],
      {},
      { outputs: ["z"] },
    );
    return end ? end(g, z) : z;
  });
  return {
    ...(channelsLast ? lastChannels(net, image) : net),
    ...(end && { logits: "z" }),
    imageShape: image,
    ...facts,
  };
}

/** The graph declares [N, H, W, C]; it was built for planes. */
function lastChannels(net: Classifier, [channels, height, width]: Kind["image"]): Classifier {
  const inputs = net.graph.inputs.map((info) => ({ ...info, shape: ["N", height, width, channels] }));
  return { ...net, graph: { ...net.graph, inputs }, channelsLast: true };
}

/** A folder with model.onnx, classifier.json, MODEL_CARD.md and the card's programs. */
export async function cardFolder(folder: string, net: Classifier): Promise<string> {
  mkdirSync(folder, { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "dir");
  const model = join(folder, "model.onnx");
  await saveClassifier(net, model);
  const card = join(folder, "MODEL_CARD.md");
  await exportClassifier(model, card, { to: "card", onNote: () => undefined });
  const text = readFileSync(card, "utf8");
  for (const [ending, language] of [
    ["mjs", "js"],
    ["html", "html"],
    ["py", "python"],
  ] as const) {
    writeFileSync(join(folder, `classify.${ending}`), snippet(text, language));
  }
  return text;
}

/** The last block of a language. */
export function snippet(card: string, language: string): string {
  const blocks = [...card.matchAll(/^(`{3,})(\w+)\n(.*?)^\1$/gms)].filter(([, , name]) => name === language);
  return blocks.at(-1)![3];
}

/** The photographs that every program decodes, as files of a folder. */
export async function photographFiles(folder: string): Promise<readonly (Photograph & { file: string })[]> {
  mkdirSync(folder, { recursive: true });
  return (await fiftyPhotographs()).map((photograph) => {
    const file = join(folder, photograph.name);
    writeFileSync(file, photograph.bytes);
    return { ...photograph, file };
  });
}

/** What `predict` says of files, [files][classes]. */
export async function expected(
  folder: string,
  files: readonly string[],
): Promise<readonly (readonly number[])[]> {
  const options = { transforms: null, onNote: () => undefined };
  const answers = await predict(join(folder, "model.onnx"), files, options);
  return answers.map(({ probabilities }) => probabilities);
}

/** The largest difference of two lists of probabilities, with the file's name. */
export function worst(
  given: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
  names: readonly string[],
): { readonly name: string; readonly difference: number } {
  const differences = wanted.map((row, i) => ({
    name: names[i],
    difference:
      given[i].length === row.length ? Math.max(...row.map((p, k) => Math.abs(p - given[i][k]))) : Infinity,
  }));
  return differences.reduce((a, b) => (b.difference > a.difference ? b : a));
}
