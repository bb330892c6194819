import { lines, literal, literals } from "./code-text.ts";
import { pixelsSnippet } from "./pixels-snippet.ts";
import type { SnippetPlan } from "./plan.ts";

/** `classify.mjs`: onnxruntime-node and sharp, and nothing of ours. */
export function nodeSnippet(plan: SnippetPlan): string {
  const { file, names, namesFile } = plan;
  return lines(
    `// npm install onnxruntime-node sharp`,
    namesFile !== null && `import { readFileSync } from "node:fs";`,
    `import { fileURLToPath } from "node:url";`,
    `import * as ort from "onnxruntime-node";`,
    `import sharp from "sharp";`,
    ``,
    names !== null && `const names = ${literals(names, "javascript")};`,
    namesFile !== null &&
      `const { classNames: names } = JSON.parse(readFileSync(new URL(${literal(encodeURI(namesFile), "javascript")}, import.meta.url), "utf8"));`,
    `const model = fileURLToPath(new URL(${literal(encodeURI(file), "javascript")}, import.meta.url));`,
    `const session = await ort.InferenceSession.create(model);`,
    ``,
    pixelsSnippet(plan),
    ``,
    `/** A file's picture, three bytes a pixel${plan.isUpright ? ", upright" : ""}. */`,
    `async function decoded(file) {`,
    `  const image = sharp(file, { ignoreIcc: true })${plan.isUpright ? ".rotate()" : ""};`,
    `  const isInk = (await image.metadata()).space === "cmyk";`,
    `  const plain = isInk`,
    `    ? image.pipelineColourspace("cmyk").toColourspace("cmyk")`,
    `    : image.toColourspace("srgb").removeAlpha();`,
    `  const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });`,
    `  const { width, height } = info;`,
    `  if (!isInk) return { data, width, height };`,
    `  // Inks, 255 for all of it, as Pillow makes colours of them.`,
    `  const times = (a, b) => ((n) => ((n >> 8) + n) >> 8)(a * b + 128);`,
    `  const colours = Uint8Array.from({ length: 3 * width * height }, (_, i) => {`,
    `    const at = 4 * Math.floor(i / 3);`,
    `    const light = 255 - data[at + 3];`,
    `    return Math.max(0, light - times(data[at + (i % 3)], light));`,
    `  });`,
    `  return { data: colours, width, height };`,
    `}`,
    ``,
    `/** The probability of each class. */`,
    `export async function classify(file) {`,
    running(plan, "decoded(file)"),
    `}`,
    ``,
    `for (const file of process.argv.slice(2)) {`,
    `  const probabilities = await classify(file);`,
    `  const best = probabilities.indexOf(Math.max(...probabilities));`,
    `  console.log(file, ${names === null && namesFile === null ? "best" : "names[best]"}, probabilities[best].toFixed(3));`,
    `}`,
    ``,
  );
}

/** From a decoded picture to the probabilities, as the body of an asynchronous function. */
export function running(plan: SnippetPlan, picture: string): string {
  const { input, output, image, channelsLast, temperature } = plan;
  const [channels, ...size] = image;
  const shape = channelsLast ? [1, ...size, channels] : [1, ...image];
  return lines(
    `  const input = new ort.Tensor("float32", pixels(await ${picture}), [${shape.join(", ")}]);`,
    `  const outputs = await session.run({ ${literal(input, "javascript")}: input });`,
    `  let z = Array.from(outputs[${literal(output.name, "javascript")}].data);`,
    output.gives === "softmax" && `  z = z.map((p) => Math.log(Math.max(p, 1e-45)));`,
    output.gives === "sigmoid" &&
      `  z = z.map((p) => Math.log(Math.max(p, 1e-45)) - Math.log(Math.max(1 - p, 1e-45)));`,
    `  if (z.length === 1) z = [0, z[0]]; // of the second of two classes`,
    `  const most = z.reduce((a, b) => Math.max(a, b));`,
    `  const odds = z.map((each) => Math.exp((each - most) / ${temperature}));`,
    `  const sum = odds.reduce((a, b) => a + b);`,
    `  return odds.map((odd) => odd / sum);`,
  );
}
