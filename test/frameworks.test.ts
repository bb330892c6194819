/** Files that alignreg_export.py wrote with four versions of PyTorch, beside PyTorch's own three steps (tools/frameworks/fixtures.py). */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FitOptions, fit } from "../src/api/index.ts";
import { datasetFromArrays, imagesAt } from "../src/data/index.ts";
import { normalizeImages } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { numbersOf } from "../src/tensor/index.ts";
import { frameworksPage } from "../tools/frameworks/frameworks-page.ts";
import { resultsFile } from "../tools/frameworks/results-file.ts";
import { normalization } from "./pytorch-case.ts";

const fixtures = join(import.meta.dirname, "fixtures", "frameworks");
const names = readdirSync(fixtures)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(/\.json$/, ""));
const isDropout = (name: string) => name.startsWith("dropout");

interface Case {
  readonly image: readonly [number, number, number];
  readonly classes: number;
  readonly labels: readonly number[];
  readonly pixels: string;
  readonly trains: readonly string[];
  /** The name in named_parameters() of each other name of a tied tensor. */
  readonly tied: Readonly<Record<string, string>>;
  readonly logits: readonly number[];
}

const caseOf = (name: string): Case =>
  JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8")) as Case;

async function threeSteps(name: string, options: FitOptions = {}) {
  const { image, labels, pixels, classes } = caseOf(name);
  const data = datasetFromArrays({
    name,
    shape: image,
    labels,
    pixels: new Uint8Array(Buffer.from(pixels, "base64")),
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
  });
  const result = await fit(join(fixtures, `${name}.onnx`), data, {
    ...normalization,
    method: "base",
    optimizer: "sgd",
    learningRate: 0.05,
    epochs: 3,
    batchSize: labels.length,
    threads: 1,
    onNote: () => undefined,
    ...options,
  });
  return {
    ...result,
    images: normalizeImages(imagesAt(data, Uint32Array.from(labels.keys())), normalization),
  };
}

test.each(names.filter((name) => !isDropout(name)))(
  "%s trains what PyTorch trains, by PyTorch's numbers",
  async (name) => {
    const { trains, tied, logits } = caseOf(name);
    const { model, trained, images } = await threeSteps(name);
    expect(trained.map((tensor) => tied[tensor] ?? tensor).sort()).toEqual(trains);
    const session = await openClassifier(model.graph, { output: model.logits });
    const got = [...(await session.predict(images))];
    await session.release();
    const largest = Math.max(...logits.map(Math.abs));
    expect(Math.max(...got.map((value, i) => Math.abs(value - logits[i]))) / largest).toBeLessThan(1e-5);
  },
);

test.each(names.filter(isDropout))("%s trains with masks, which follow from the seed", async (name) => {
  const { graph } = readModel(readFileSync(join(fixtures, `${name}.onnx`)), name);
  expect(graph.nodes.filter(({ opType }) => opType === "Dropout")).toHaveLength(2);
  const weights = async (seed: number) => {
    const { model, trained } = await threeSteps(name, { seed });
    return trained.flatMap((tensor) => numbersOf(model.graph.initializers.get(tensor)!));
  };
  const [one, again, other] = [await weights(1), await weights(1), await weights(2)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test("docs/frameworks.md is what the records give", async () => {
  expect(readFileSync("docs/frameworks.md", "utf8")).toBe(await frameworksPage(resultsFile));
});
