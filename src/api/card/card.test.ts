/** What a card says, of models as strangers have them. Its programs are run by test/card-snippets.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { kinds, pixelNet, strangeNames } from "../../../test/card-case.ts";
import { greyClassifier } from "../../../test/small-classifier.ts";
import { data, options, smallNet } from "../../../test/small-run.ts";
import type { Classifier } from "../../models/index.ts";
import { evaluate, exportClassifier, exportedFiles, fit, trainingRecord } from "../index.ts";
import { describeClassifier } from "../sidecar/describe.ts";
import { modelCard } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-cards-"));
afterAll(() => rmSync(folder, { recursive: true }));
const quiet = { onNote: () => undefined };

const cardOf = (net: Classifier): string =>
  new TextDecoder().decode(exportedFiles(net, { to: "card", ...quiet }).files.get("MODEL_CARD.md"));
const prose = (card: string): string => card.replaceAll(/^(`{3,}).*?^\1$/gms, "");

test("names of strangers are text, and change neither the tables nor the programs", () => {
  const card = cardOf(pixelNet(kinds["colour, cropped, of strange names"]));
  const text = prose(card);
  expect(text).toContain("玫瑰\\|\\`x\\`, &lt;/script>&lt;!--, ");
  expect(text).not.toMatch(/<\/script>|\u202E|\n```/);
  expect(card.match(/^`{3,}$/gm)).toHaveLength(4);
  // Right to left, unseen.
  expect(card).toContain('"\\u202eesrever"');
  expect(card.match(/<\/script>/g)!.length - card.match(/^<\/script>$/gm)!.length).toBe(2);
  for (const name of strangeNames) expect(card).not.toContain(`| ${name} |`);
});

test("a model of which nobody has said anything has a card that says so", () => {
  const net = greyClassifier();
  const text = cardOf(net);
  expect(text).toContain("classes that nobody has named");
  expect(text).toContain("Nothing is known of its training.");
  expect(text).toContain("It was not validated");
  expect(text).toContain("No temperature was fitted");
  expect(text).not.toMatch(/undefined|null(?! )|NaN/);
  // The size is what its input declares.
  expect(text).toContain("[1, 1, 8, 8]");
});

test("why there are no programs is said", () => {
  const net = greyClassifier();
  const withInput = (shape: readonly (string | number)[]): Classifier => ({
    ...net,
    graph: { ...net.graph, inputs: [{ ...net.graph.inputs[0], shape: [...shape] }] },
  });
  expect(cardOf(withInput(["N", 1, "height", "width"]))).toMatch(
    /because it does not say the size of its images \(--image-size\)/,
  );
  expect(cardOf(withInput([4, 1, 8, 8]))).toMatch(/because it takes 4 images at a time/);
  const hidden = greyClassifier({ end: (g, z) => g.op1("Relu", [z]) });
  expect(cardOf({ ...hidden, logits: "z" })).toMatch(/because its logits are inside the graph/);
});

test("a thousand classes are counted, their mistakes listed, and their names read from the file beside", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
  const net = pixelNet(kinds["a thousand classes, as stored, by the nearest pixel"]);
  const mistakes = [{ label: "class 7", answer: "a|b", images: 12 }];
  const interval = { value: 0.5, low: 0.4, high: 0.6 };
  const scores = { images: 5000, clean: interval, robust: interval, invariance: interval };
  const described = describeClassifier(net, {
    validation: {
      clean: 0.5,
      robust: 0.5,
      scores: { ...scores, confusions: { names: [], matrix: null, mistakes } },
    },
    training: {
      ...{ alignreg: "1.0.0", from: "net", method: "base", epochs: 1, batchSize: 8, optimizer: "adam" },
      ...{ learningRate: 0.1, seed: 0, trainedParameters: 5 },
      data: { name: "a|b", sha256: "00", images: 5000, classes: names.map((name) => [name, 5] as const) },
    },
  });
  const input = { title: "thousand", described, file: "model.onnx", sidecar: "classifier.json" };
  const card = modelCard({ ...input, batch: null, test: null });
  expect(card).toContain("5 to 5 of each of 1,000");
  expect(card).toContain("| class 7 | a\\|b | 12 |");
  expect(card).toContain('new URL("classifier.json", import.meta.url)');
  expect(card).not.toContain('"class 999"');
  expect(card.length).toBeLessThan(30_000);
});

test("of a training it has the validation's scores, of a test those too, and none of another model's", async () => {
  const result = await fit(smallNet(), data, {
    ...options,
    ...quiet,
    validation: data,
    transforms: "rotation:90",
  });
  const { validated, kept, model } = result;
  expect(validated!.clean.value).toBeCloseTo(kept!.validation.clean, 12);
  expect(validated!.robust.value).toBeCloseTo(kept!.validation.robust, 12);
  const record = trainingRecord(result, data, { from: "small", licence: "Apache-2.0", heldOut: null });
  const scores = await evaluate(model, data, { transforms: "rotation:90", ...quiet });
  expect(validated).toMatchObject({
    clean: scores.cleanAccuracy,
    robust: scores.robustAccuracy,
    invariance: scores.invarianceScore,
  });
  expect(validated!.perClass).toEqual(scores.perClass);

  const described = describeClassifier(model, record);
  const input = { title: "small", described, file: "model.onnx", sidecar: "classifier.json", batch: null };
  const text = modelCard({ ...input, test: null });
  const percent = (share: number) => (100 * share).toFixed(1);
  const { value, low, high } = scores.cleanAccuracy;
  expect(text).toContain(`| clean accuracy | ${percent(value)} % [${percent(low)}, ${percent(high)}] |`);
  expect(text).toContain(`sha256 \`${data.hash}\``);
  expect(text).toContain("The backbone's licence: Apache-2.0.");
  expect(text).toMatch(/^ {4}results:\n {6}- task:\n {10}type: image-classification$/m);

  const path = join(folder, "card.md");
  await exportClassifier(model, path, { to: "card", results: scores, ...quiet });
  expect(readFileSync(path, "utf8")).toMatch(/\| test, \d+ images \|[^]*Images of the test as they are/);
  const other = { ...scores, manifest: { ...scores.manifest, model: { name: "other", sha256: "ff" } } };
  writeFileSync(path, "mine");
  await expect(exportClassifier(model, path, { to: "card", results: other, ...quiet })).rejects.toThrow(
    /results are of another model, other/,
  );
  await expect(exportClassifier(model, path, { to: "onnx", results: scores, ...quiet })).rejects.toThrow(
    /results are for a card/,
  );
  expect(readFileSync(path, "utf8")).toBe("mine");
});
