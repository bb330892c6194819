/**
 * Calls that plain JavaScript lets through: each must end in an error of ours, which says what was given and what to give.
 * Rows say the part of the message that helps; every option of every table is tried with values that none takes besides.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";
import * as autodiff from "../src/autodiff/index.ts";
import * as onnx from "../src/onnx/index.ts";
import * as alignreg from "../src/index.ts";
import {
  evaluateTable,
  exportStepTable,
  exportTable,
  fitTable,
  loadClassifierTable,
  predictTable,
} from "../src/api/index.ts";
import { familyOptions } from "../src/augment/index.ts";
import { datasetArrays, loadTable, splitTable } from "../src/data/index.ts";
import { invarianceTable } from "../src/evaluate/index.ts";
import { modelTables } from "../src/models/index.ts";
import type { AnyTable } from "../src/options/index.ts";
import { runStudyTable } from "../src/study/index.ts";
import { data, options, smallNet } from "./small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-wrong-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Call = (...values: unknown[]) => unknown;
/** The public functions as plain JavaScript has them. */
const js = alignreg as unknown as Record<string, Call>;
const ofOnnx = onnx as unknown as Record<string, Call>;
const ofAutodiff = autodiff as unknown as Record<string, Call>;

const model = smallNet();
const both = { train: data, test: data };
const result = { model, trained: [], notes: [], history: [], manifest: {} };
const arrays = {
  name: "d",
  shape: [1, 2, 2],
  pixels: new Uint8Array(8),
  labels: [0, 1],
  classNames: ["a", "b"],
};
const predictions = {
  labels: Int32Array.of(0, 1),
  classes: 2,
  memberNames: ["identity"],
  logits: [Float32Array.of(1, 0, 0, 1)],
};
const { rotation, blur } = alignreg;
const file = join(folder, "x.onnx");

const fit = (...values: unknown[]) => js.fit(...values);
const fitWith = (more: unknown) => fit(model, data, more);
const evaluateWith = (more: unknown) => js.evaluate(model, data, more);
const arraysWith = (more: object) => js.datasetFromArrays({ ...arrays, ...more });

/** What is called, and what its error tells. */
const calls: readonly (readonly [what: string, call: () => unknown, tells: RegExp])[] = [
  // Names.
  ["fit { epohcs }", () => fitWith({ epohcs: 3 }), /fit has no option "epohcs"\. Did you mean "epochs"\?/],
  ["fit { lambda }", () => fitWith({ lambda: 0.5 }), /no option "lambda"\. Did you mean "alignmentWeight"\?/],
  ["fit { lr }", () => fitWith({ lr: 0.1 }), /Did you mean "learningRate"\?/],
  ["fit { batch_size }", () => fitWith({ batch_size: 8 }), /Did you mean "batchSize"\?/],
  ["fit { family }", () => fitWith({ family: rotation() }), /Did you mean "transforms"\?/],
  [
    "fit { momentum }",
    () => fitWith({ momentum: 0.9 }),
    /Did you mean "optimizerOptions: \{ momentum: … \}"\?/,
  ],
  ["fit { warmUp }", () => fitWith({ warmUp: 5 }), /Did you mean "schedule: \{ warmUp: … \}"\?/],
  ["fit { criticSteps }", () => fitWith({ criticSteps: 2 }), /"regularizerOptions: \{ steps: … \}"/],
  ["fit { provider }", () => fitWith({ provider: "cpu" }), /Did you mean "executionProvider"\?/],
  ["fit { zzz }", () => fitWith({ zzz: 1 }), /no option "zzz"\. It takes: output, mean, std, inputRange/],
  [
    "fit's momentun",
    () => fitWith({ optimizerOptions: { momentun: 1 } }),
    /optimizerOptions of fit has no option "momentun"\. Did you mean "momentum"/,
  ],
  ["fit's schedule.kin", () => fitWith({ schedule: { kin: "cosine" } }), /Did you mean "kind"\?/],
  [
    "evaluate { lambda }",
    () => evaluateWith({ lambda: 1 }),
    /evaluate has no option "lambda"\. It takes: transforms/,
  ],
  ["evaluate { metric }", () => evaluateWith({ metric: "l1" }), /Did you mean "distance"\?/],
  ["evaluate { epochs }", () => evaluateWith({ epochs: 1 }), /evaluate has no option "epochs"/],
  ["loadClassifier { means }", () => js.loadClassifier(file, { means: [0] }), /Did you mean "mean"\?/],
  ["exportStep { epochs }", () => js.exportStep(model, { epochs: 1 }), /exportStep has no option "epochs"/],
  ["exportStep { lambda }", () => js.exportStep(model, { lambda: 1 }), /Did you mean "alignmentWeight"\?/],
  [
    "lenet { numClasses }",
    () => js.lenet({ numClasses: 3 }),
    /lenet has no option "numClasses"\. Did you mean "classes"\?/,
  ],
  ["lenet { width }", () => js.lenet({ width: 3 }), /lenet has no option "width"/],
  ["resnet18 { widht }", () => js.resnet18({ widht: 3 }), /Did you mean "width"\?/],
  [
    "rotation { angles }",
    () => js.rotation({ angles: [15] }),
    /rotation has no option "angles"\. It takes: degrees/,
  ],
  ["rotation { degree }", () => js.rotation({ degree: [15] }), /Did you mean "degrees"\?/],
  ["noise { sigmas }", () => js.noise({ sigmas: [0.1] }), /noise has no option "sigmas"/],
  [
    "datasetFromArrays { images }",
    () => arraysWith({ images: [] }),
    /no option "images"\. Did you mean "pixels"\?/,
  ],
  ["loadData { imageSize }", () => js.loadData("mnist", "test", { imageSize: 8 }), /Did you mean "size"\?/],
  ["familyByName rotatoin", () => js.familyByName("rotatoin"), /Did you mean "rotation"\?/],
  ["familyFromSpec rotatoin", () => js.familyFromSpec("rotatoin"), /Did you mean "rotation"\?/],
  [
    "scorePredictions { metric }",
    () => js.scorePredictions(predictions, { metric: "l1" }),
    /Did you mean "distance"\?/,
  ],
  ["runStudy { folder }", () => js.runStudy("s.yaml", { folder }), /Did you mean "out"\?/],

  // Kinds that are near to right.
  [
    'fit { schedule: "cosine" }',
    () => fitWith({ schedule: "cosine" }),
    /schedule must be an object .*not "cosine"\. Give \{ kind: "cosine" \}\./,
  ],
  ['fit { trainable: "fc.*" }', () => fitWith({ trainable: "fc.*" }), /Give \["fc\.\*"\] for a name/],
  ["fit { trainable: 2 }", () => fitWith({ trainable: 2 }), /trainable must be "all", \{ last: 2 \}/],
  [
    "fit { trainable: { last: NaN } }",
    () => fitWith({ trainable: { last: NaN } }),
    /last NaN layers cannot train/,
  ],
  ["fit { trainable: [] }", () => fitWith({ trainable: [] }), /no pattern is given/],
  [
    'fit { epochs: "3" }',
    () => fitWith({ epochs: "3" }),
    /epochs must be a whole number of at least 1, not "3"/,
  ],
  [
    "fit { method: rwaa }",
    () => fitWith({ method: "rwaa" }),
    /Unknown method "rwaa"\. Choose one of: .*Did you mean "rwa"\?/,
  ],
  [
    "fit { regularizer: function }",
    () => fitWith({ regularizer: alignreg.regularizers.l1 }),
    /regularizer must be one of "l1".*or what defineRegularizer makes, not the function l1/,
  ],
  [
    "fit { regularizer: half a definition }",
    () => fitWith({ regularizer: { name: "mine" } }),
    /The regularizer that defineRegularizer was given has no distance\. Give \{ name: …, distance: … \}/,
  ],
  [
    "fit { regularizer: a method }",
    () => fitWith({ regularizer: alignreg.methods.rwa }),
    /defineRegularizer makes a regularizer, and what it was given is a method already/,
  ],
  [
    "fit { regularizerOptions beside a definition }",
    () => fitWith({ regularizer: alignreg.regularizers.l1(), regularizerOptions: { steps: 2 } }),
    /"l1" is one as it is, and "steps" would be ignored/,
  ],
  [
    "fit { method: half a definition }",
    () => fitWith({ method: { name: "mine", views: "all" } }),
    /Unknown views "all"\. Choose one of: none, random, worst-case/,
  ],
  [
    "fit { method: aligned without views }",
    () => fitWith({ method: { name: "mine", views: "none", isRegularized: true } }),
    /The method "mine" is regularized and has no views to align/,
  ],
  [
    "fit { optimizer: half a definition }",
    () => fitWith({ optimizer: { name: "sgd" } }),
    /The optimizer that defineOptimizer was given has no update/,
  ],
  [
    "fit { optimizerOptions: number }",
    () => fitWith({ optimizerOptions: 0.9 }),
    /optimizerOptions must be an object of options/,
  ],
  [
    "fit { optimizerOptions of another }",
    () => fitWith({ optimizer: "adam", optimizerOptions: { momentum: 0.9 } }),
    /takes no "momentum"/,
  ],
  [
    'fit { optimizerOptions: { nesterov: "yes" } }',
    () => fitWith({ optimizer: "sgd", optimizerOptions: { nesterov: "yes" } }),
    /nesterov must be true or false/,
  ],
  ["fit { mean: number }", () => fitWith({ mean: 0.5 }), /mean must be a list of numbers, not 0\.5/],
  ["fit { mean of strings }", () => fitWith({ mean: ["0.5"] }), /mean must be a list of numbers/],
  ["fit { std with 0 }", () => fitWith({ std: [0] }), /std must be a list of numbers above 0, not \[0\]/],
  [
    "fit { mean of another length }",
    () => fitWith({ mean: [1, 2, 3] }),
    /one mean and one std for each of the 1 channels/,
  ],
  [
    "fit { signal: controller }",
    () => fitWith({ signal: new AbortController() }),
    /signal must be an AbortSignal.*Give its member signal/,
  ],
  [
    "fit { onProgress: true }",
    () => fitWith({ onProgress: true }),
    /onProgress must be a function, not true/,
  ],
  ["fit { resume } alone", () => fitWith({ resume: true }), /resume needs checkpoint/],
  ["fit { resume: path }", () => fitWith({ resume: file }), /resume must be true or false/],
  ["fit { transforms: unknown }", () => fitWith({ transforms: "spin" }), /Unknown transform family "spin"/],
  [
    "fit { transforms: module }",
    () => fitWith({ transforms: "./x.mjs" }),
    /name the module \.\/x\.mjs\. Load it first: await loadFamily/,
  ],
  [
    "fit { transforms: rotation }",
    () => fitWith({ transforms: rotation }),
    /not the function rotation\. Call it: rotation\(\)/,
  ],
  [
    "fit { transforms: list }",
    () => fitWith({ transforms: [rotation(), blur()] }),
    /Join several with union/,
  ],
  [
    "fit { transforms: Promise }",
    () => fitWith({ transforms: Promise.resolve(rotation()) }),
    /not a Promise\. Write await/,
  ],
  [
    "fit { transforms: null }",
    () => fitWith({ transforms: null }),
    /transforms must be a family of transforms, or a specification of one, not null/,
  ],
  ["fit { transforms: {} }", () => fitWith({ transforms: {} }), /record of one key; this one has: none/],
  [
    "fit { transforms: no members }",
    () => fitWith({ transforms: { name: "x", members: [] } }),
    /it has no members/,
  ],
  [
    "fit { transforms: half a family }",
    () => fitWith({ transforms: { name: "x", members: [{ name: "identity" }] } }),
    /member 0 has no name or no function apply/,
  ],
  [
    "evaluate { transforms: families }",
    () => evaluateWith({ transforms: alignreg.families.rotation }),
    /Call it: rotation\(\)/,
  ],
  ["evaluate { distance: L2 }", () => evaluateWith({ distance: "L2" }), /Did you mean "l2"\?/],
  [
    "exportStep { shape: number }",
    () => js.exportStep(model, { shape: 8 }),
    /shape must be \[channels, height, width\]/,
  ],
  [
    "exportStep { provider: cuda }",
    () => js.exportStep(model, { provider: "cuda" }),
    /Choose one of: wasm, webgpu/,
  ],
  [
    "exportStep { regularizer: with a critic }",
    () => js.exportStep(model, { regularizer: "wasserstein" }),
    /trains a critic/,
  ],
  [
    "feedsAt a string",
    () => (js.exportStep(model) as alignreg.ExportedStep).feedsAt("1" as never),
    /feedsAt takes a whole number/,
  ],
  [
    "feedsAt { lambda }",
    () => (js.exportStep(model) as alignreg.ExportedStep).feedsAt(0, { lambda: 1 } as never),
    /Did you mean "alignmentWeight"\?/,
  ],
  [
    "trained nothing",
    () => (js.exportStep(model) as alignreg.ExportedStep).trained(undefined as never),
    /trained takes an array for each input/,
  ],
  [
    "trained a list",
    () => (js.exportStep(model) as alignreg.ExportedStep).trained([] as never),
    /trained takes an array for each input/,
  ],

  // Options that are none.
  ["fit options: null", () => fitWith(null), /The options of fit must be an object, not null/],
  ["fit options: number", () => fitWith(3), /The options of fit must be an object, not 3/],
  ["fit options: string", () => fitWith("rwa"), /must be an object, not "rwa"/],
  ["fit options: family", () => fitWith(rotation()), /fit has no option "name"/],
  ["fit options: Promise", () => fitWith(Promise.resolve({})), /must be an object, not a Promise/],
  ["fit options: list", () => fitWith([]), /must be an object, not an empty list/],
  ["fit options: function", () => fitWith(() => ({})), /must be an object, not a function/],
  ["evaluate options: null", () => evaluateWith(null), /The options of evaluate must be an object/],
  ["evaluate options: family", () => evaluateWith(rotation()), /evaluate has no option "name"/],
  [
    "loadClassifier options: null",
    () => js.loadClassifier(file, null),
    /The options of loadClassifier must be/,
  ],
  [
    "loadClassifier options: name",
    () => js.loadClassifier(file, "logits"),
    /The options of loadClassifier must be/,
  ],
  ["exportStep options: null", () => js.exportStep(model, null), /The options of exportStep must be/],
  ["lenet options: null", () => js.lenet(null), /The options of lenet must be an object, not null/],
  ["lenet options: number", () => js.lenet(10), /The options of lenet must be an object, not 10/],
  ["vgg options: Promise", () => js.vgg(Promise.resolve()), /not a Promise/],
  ["rotation options: number", () => js.rotation(15), /The options of rotation must be an object, not 15/],
  ["rotation options: list", () => js.rotation([15, 30]), /must be an object, not \[15, 30\]/],
  ["noise options: null", () => js.noise(null), /The options of noise must be/],
  ["loadData options: null", () => js.loadData("mnist", "test", null), /The options of loadData must be/],
  [
    "scorePredictions options: null",
    () => js.scorePredictions(predictions, null),
    /options of scorePredictions|Cannot/,
  ],
  ["runStudy options: nothing", () => js.runStudy("s.yaml"), /The options of runStudy must be/],
  ["runStudy options: folder", () => js.runStudy("s.yaml", folder), /The options of runStudy must be/],
  ["runStudy options: {}", () => js.runStudy("s.yaml", {}), /runStudy needs out/],

  // The wrong model.
  ["fit()", () => fit(), /fit takes a classifier.*not undefined/],
  ["fit(null)", () => fit(null, data), /as its model, not null/],
  ["fit(lenet)", () => fit(alignreg.lenet, data), /not the function lenet\. Call it: lenet\(\)/],
  ["fit(Promise)", () => fit(Promise.resolve(model), data), /not a Promise\. Write await/],
  ["fit(result)", () => fit(result, data), /Give its member model/],
  ["fit(data, model)", () => fit(data, model), /The model comes first, then the data/],
  ["fit(graph)", () => fit(model.graph, data), /A graph needs the names of its input and logits/],
  ["fit(ONNX model)", () => fit(onnx.modelOf(model.graph), data), /by loadClassifier/],
  ["fit(empty path)", () => fit("", data), /as its model, not ""/],
  ["fit(no such file)", () => fit("nowhere.onnx", data), /Cannot read the model nowhere\.onnx/],
  ["fit(a folder)", () => fit(folder, data), /Cannot read the model/],
  ["fit(bytes of nothing)", () => fit(new Uint8Array(4), data), /./],
  ["fit(floats)", () => fit(new Float32Array(4), data), /not a Float32Array of 4/],
  ["fit(42)", () => fit(42, data), /not 42/],
  ["fit(Symbol)", () => fit(Symbol("m"), data), /Symbol\(m\)/],
  ["fit(tf model)", () => fit({ layers: [], predict() {} }, data), /from "alignreg\/tfjs"/],
  ["fit(ArrayBuffer)", () => fit(new ArrayBuffer(8), data), /not an ArrayBuffer/],
  ["fit(URL)", () => fit(new URL("file:///x.onnx"), data), /as its model, not an? /],
  ["predict()", () => js.predict(), /as its model, not undefined/],
  [
    "predict(picture, model)",
    () => js.predict("a.jpg", model),
    /takes the path of an image file.* as its picture/,
  ],
  ["predict(model)", () => js.predict(model), /as its picture, not undefined/],
  ["predict(data)", () => js.predict(model, data), /as its picture, not/],
  ["evaluate()", () => js.evaluate(), /or a function as its model, not undefined/],
  ["evaluate(null)", () => js.evaluate(null, data), /as its model, not null/],
  ["evaluate(result)", () => js.evaluate(result, data), /Give its member model/],
  ["evaluate(Promise)", () => js.evaluate(Promise.resolve(model), data), /Write await/],
  ["evaluate(data, model)", () => js.evaluate(data, model), /The model comes first, then the data/],
  ["evaluate(lenet)", () => js.evaluate(alignreg.lenet, data), /./],
  [
    "evaluate(predict of nothing)",
    () => js.evaluate(() => undefined, data),
    /predict gave undefined\. Return a Float32Array/,
  ],
  ["evaluate(predict of a list)", () => js.evaluate(() => [1, 2, 3], data), /predict gave \[1, 2, 3\]/],
  [
    "evaluate(predict of doubles)",
    () => js.evaluate(() => new Float64Array(3), data),
    /predict gave a Float64Array of 3/,
  ],
  [
    "evaluate(predict with output)",
    () => js.evaluate(() => new Float32Array(3), data, { output: "x" }),
    /A function has no tensor "x"/,
  ],
  ["loadClassifier()", () => js.loadClassifier(), /the path of an ONNX or Keras file, or its bytes/],
  ["loadClassifier(classifier)", () => js.loadClassifier(model), /It is a classifier already/],
  ["loadClassifier(Promise)", () => js.loadClassifier(Promise.resolve(file)), /Write await/],
  ["loadClassifier(URL)", () => js.loadClassifier(new URL("file:///x")), /fileURLToPath/],
  ["loadClassifier(ArrayBuffer)", () => js.loadClassifier(new ArrayBuffer(2)), /new Uint8Array\(buffer\)/],
  ["loadClassifier(3)", () => js.loadClassifier(3), /not 3/],
  ["saveClassifier()", () => js.saveClassifier(), /saveClassifier takes a classifier/],
  ["saveClassifier(result)", () => js.saveClassifier(result, file), /Give its member model/],
  ["saveClassifier(path, model)", () => js.saveClassifier(file, model), /not ".*x\.onnx"/],
  [
    "saveClassifier without a path",
    () => js.saveClassifier(model),
    /path of a file as its path, not undefined/,
  ],
  ["saveClassifier metadata: number", () => js.saveClassifier(model, file, { a: 1 }), /metadata a, not 1/],
  ["saveClassifier metadata: null", () => js.saveClassifier(model, file, null), /metadata, not null/],
  ["saveClassifier to a folder", () => js.saveClassifier(model, folder), /Cannot write/],
  ["saveClassifier nowhere", () => js.saveClassifier(model, join(folder, "a", "b")), /Cannot write/],
  ["saveWeights(result)", () => js.saveWeights(result, file), /Give its member model/],
  ["saveWeights(Promise)", () => js.saveWeights(Promise.resolve(result), file), /Write await/],
  ["saveWeights without a path", () => js.saveWeights(model), /as its path, not undefined/],
  ["saveWeights also: name", () => js.saveWeights(model, file, "fc"), /a list of names/],
  ["exportStep()", () => js.exportStep(), /exportStep takes a classifier/],
  ["exportStep(path)", () => js.exportStep("x.onnx"), /await loadClassifier\(path\)/],
  ["exportStep(bytes)", () => js.exportStep(new Uint8Array(3)), /await loadClassifier\(bytes\)/],
  ["exportStep(Promise)", () => js.exportStep(Promise.resolve(model)), /Write await/],

  // The wrong data.
  ["fit(model)", () => fit(model), /a data set as its data, not undefined/],
  ["fit(model, mnist)", () => fit(model, alignreg.mnist), /Give \(await mnist\(\)\)\.train/],
  ["fit(model, Promise)", () => fit(model, Promise.resolve(both)), /not a Promise\. Write await/],
  [
    "fit(model, { train, test })",
    () => fit(model, both),
    /object with train, test\. Give one of its parts: data\.train or data\.test/,
  ],
  ["fit(model, path)", () => fit(model, "photos"), /await loadData\("photos", "train"\)/],
  ["fit(model, arrays)", () => fit(model, arrays), /datasetFromArrays, from the same members/],
  ["fit(model, pixels)", () => fit(model, new Uint8Array(64)), /Make one of arrays by datasetFromArrays/],
  ["fit(model, list)", () => fit(model, [data]), /not a list of 1/],
  ["fit(model, tensor)", () => fit(model, { shape: [1, 8, 8, 1], dtype: "float32" }), /datasetFromTensors/],
  ["fit(model, null)", () => fit(model, null), /not null/],
  ["fit(model, model)", () => fit(model, model), /The model comes first/],
  [
    "fit(model, cut off)",
    () => fit(model, { ...data, pixels: data.pixels.subarray(1) }),
    /has 2687 pixel values for 42 images/,
  ],
  [
    "fit(model, labels as a list)",
    () => fit(model, { ...data, labels: [...data.labels] }),
    /datasetFromArrays/,
  ],
  ["evaluate(model, both)", () => js.evaluate(model, both), /data\.train or data\.test/],
  ["evaluate(model)", () => js.evaluate(model), /a data set as its data/],
  ["evaluate(model, Promise)", () => js.evaluate(model, Promise.resolve(data)), /Write await/],
  ["evaluate(model, path)", () => js.evaluate(model, "mnist"), /loadData\("mnist", "train"\)/],
  ["sampleCount()", () => js.sampleCount(), /sampleCount takes a data set/],
  ["sampleCount(both)", () => js.sampleCount(both), /data\.train/],
  ["take(both)", () => js.take(both, 3), /data\.train/],
  ["take(data)", () => js.take(data), /take takes a whole number as its count, not undefined/],
  ["take(data, string)", () => js.take(data, "3"), /not "3"/],
  ["take(data, NaN)", () => js.take(data, NaN), /Cannot take NaN samples/],
  ["take(data, 0)", () => js.take(data, 0), /Cannot take 0 samples/],
  ["take(3, data)", () => js.take(3, data), /a data set as its data, not 3/],
  ["split(Promise)", () => js.split(Promise.resolve(data), 0.2, 0), /Write await/],
  ["split(data)", () => js.split(data), /a number between 0 and 1 as its fraction/],
  ["split(data, 2)", () => js.split(data, 2, 0), /Cannot split 2 of/],
  ["split(data, NaN)", () => js.split(data, NaN, 0), /Cannot split NaN of/],
  ["split without a seed", () => js.split(data, 0.2), /a seed, or a stream of random numbers as its rng/],
  ["split by Math.random", () => js.split(data, 0.2, Math.random), /a seed, or a stream/],
  ["split by NaN", () => js.split(data, 0.2, NaN), /the seed NaN/],
  ["imagesAt()", () => js.imagesAt(), /imagesAt takes a data set as its data, not undefined/],
  ["imagesAt(both)", () => js.imagesAt(both, [0]), /data\.train/],
  ["imagesAt of one number", () => js.imagesAt(data, 0), /a list of sample indices as its indices, not 0/],
  ["imagesAt beyond", () => js.imagesAt(data, [99]), /has no sample 99/],
  ["imagesAt into a list", () => js.imagesAt(data, [0], []), /a Float32Array of one value for each pixel/],
  ["labelsAt(Promise)", () => js.labelsAt(Promise.resolve(data), [0]), /Write await/],
  ["labelsAt without indices", () => js.labelsAt(data), /a list of sample indices/],
  ["epochOrder()", () => js.epochOrder(), /a whole number from 0 as its length, not undefined/],
  ["epochOrder(10, seed)", () => js.epochOrder(10, 1), /a whole number from 0 as its epoch, not undefined/],
  ["random()", () => js.random(), /random takes a whole number as its seed, not undefined/],
  ["random(0.5)", () => js.random(0.5), /not 0\.5/],
  [
    "eagerViews(data)",
    () => js.eagerViews(data, rotation()),
    /imagesAt\(data, \[0, 1, 2\]\) gives such a batch/,
  ],
  [
    "eagerViews without a family",
    () => js.eagerViews(alignreg.imagesAt(data, [0])),
    /a family of transforms as its family/,
  ],
  ["lazyViews(both)", () => js.lazyViews(both, rotation()), /Give a data set, or \{ shape, read \}/],
  [
    "a member's apply of an array",
    () => rotation().members[1].apply(new Float32Array(4) as never),
    /takes \{ data, shape \}/,
  ],
  [
    "testClassifier(model)",
    () => js.testClassifier(model, data, rotation()),
    /takes a function as its predict/,
  ],
  [
    "testClassifier(predict, both)",
    () => js.testClassifier(() => 0, both, rotation()),
    /data\.train or data\.test/,
  ],
  ["testClassifier without a family", () => js.testClassifier(() => 0, data), /a family of transforms/],
  [
    "testClassifier with members of another kind",
    () => js.testClassifier(() => 0, data, { members: [rotation(), ["x"]] }),
    /The transform family cannot be used: member 0 has no name or no function apply/,
  ],
  [
    "testClassifier with a hole among the members",
    () => js.testClassifier(() => 0, data, { members: [...rotation().members, ...new Array<undefined>(1)] }),
    /member 5 has no name/,
  ],
  [
    "testClassifier of a list",
    () => js.testClassifier(() => 0, data, [rotation()]),
    /a family of transforms/,
  ],
  ["subset(both)", () => js.subset(both, [0], "x"), /data\.train/],
  ["subset without indices", () => js.subset(data), /a list of sample indices/],
  ["subset of 3", () => js.subset(data, 3, "x"), /a list of sample indices as its indices, not 3/],
  ["subset beyond", () => js.subset(data, [99], "x"), /has no sample 99/],
  ["subset of strings", () => js.subset(data, ["0"], "x"), /has no sample 0/],
  ["subset without a name", () => js.subset(data, [0]), /a string as its name/],
  ["datasetFromArrays()", () => js.datasetFromArrays(), /datasetFromArrays takes an object/],
  ["datasetFromArrays(null)", () => js.datasetFromArrays(null), /not null/],
  ["datasetFromArrays({})", () => js.datasetFromArrays({}), /needs name/],
  [
    "datasetFromArrays(pixels, labels)",
    () => js.datasetFromArrays(arrays.pixels, arrays.labels),
    /takes an object/,
  ],
  [
    "datasetFromArrays without labels",
    () => arraysWith({ labels: undefined }),
    /needs labels: an array of class indices/,
  ],
  ["pixels: string", () => arraysWith({ pixels: "00000000" }), /pixels must be an array/],
  [
    "pixels: Promise",
    () => arraysWith({ pixels: Promise.resolve() }),
    /pixels must be an array .*not a Promise/,
  ],
  [
    "pixels in [0, 1]",
    () => arraysWith({ pixels: new Float32Array(8).fill(0.5) }),
    /multiply values in \[0, 1\] by 255/,
  ],
  ["pixels: NaN", () => arraysWith({ pixels: new Float32Array(8).fill(NaN) }), /pixel value NaN/],
  ["pixels: bigints", () => arraysWith({ pixels: new BigInt64Array(8) }), /pixel value 0/],
  ["labels: strings", () => arraysWith({ labels: ["a", "b"] }), /label a at sample 0/],
  ["labels: one too many", () => arraysWith({ labels: [0, 2] }), /label 2 at sample 1/],
  ["labels: 3", () => arraysWith({ labels: 3 }), /labels must be an array of class indices, not 3/],
  ["labels: nested", () => arraysWith({ labels: [[0], [1]] }), /label 0 at sample 0/],
  ["classNames: 2", () => arraysWith({ classNames: 2 }), /classNames must be a list of strings, not 2/],
  ["classNames: numbers", () => arraysWith({ classNames: [0, 1] }), /Give \["0", "1"\]/],
  [
    "classNames: null",
    () => arraysWith({ classNames: null }),
    /classNames must be a list of strings, not null/,
  ],
  ["shape: 28", () => arraysWith({ shape: 28 }), /shape must be \[channels, height, width\], not 28/],
  ["shape: [2, 2]", () => arraysWith({ shape: [2, 2] }), /Give \[channels, height, width\]/],
  ["shape: NaN", () => arraysWith({ shape: [1, NaN, 2] }), /has image shape/],
  ["name: none", () => arraysWith({ name: undefined }), /needs name/],
  ["loadData()", () => js.loadData(), /a data set's name or the path of a folder as its data/],
  [
    "loadData(mnist)",
    () => js.loadData("mnist"),
    /"train", "validation" or "test" as its split, not undefined/,
  ],
  ["loadData a split", () => js.loadData("mnist", "validation"), /mnist has no images for validation/],
  ["loadData nowhere", () => js.loadData("nowhere", "train"), /no data set "nowhere"/],
  ["openData(3)", () => js.openData(3, "train"), /openData .*not 3/],
  ["openData a split", () => js.openData("mnist", "validation"), /mnist has no images for validation/],
  ["loadData(3)", () => js.loadData(3, "train"), /not 3/],
  [
    "loadData size: string",
    () => js.loadData("mnist", "test", { size: "28" }),
    /size must be a number of pixels/,
  ],

  // Families.
  ["compose()", () => js.compose(), /two families or more/],
  ["compose(one)", () => js.compose(rotation()), /two families or more/],
  [
    "compose names",
    () => js.compose("rotation", "blur"),
    /family 1, not "rotation"\. Make it of the name: familyFromSpec\("rotation"\)/,
  ],
  ["compose functions", () => js.compose(rotation, blur), /Call it: rotation\(\)/],
  ["compose a list", () => js.compose([rotation(), blur()]), /not a list of 2/],
  ["union Promises", () => js.union(Promise.resolve(rotation()), blur()), /Write await/],
  ["union null", () => js.union(null, null), /not null/],
  ["union twice the same", () => js.union(rotation(), rotation()), /two members named/],
  ["customFamily()", () => js.customFamily(), /customFamily takes a string as its name/],
  ["customFamily members: function", () => js.customFamily("x", () => 0), /a record of functions/],
  ["customFamily members: list", () => js.customFamily("x", [() => 0]), /a record of functions/],
  ["customFamily member: 3", () => js.customFamily("x", { a: 3 }), /a function as its member a, not 3/],
  ["customFamily unit: 3", () => js.customFamily("x", { a: () => 0 }, 3), /a string as its unit/],
  [
    "customFamily swapped",
    () => js.customFamily({ a: () => 0 }, "x"),
    /a string as its name, not an object with a/,
  ],
  ["family()", () => js.family(), /family takes a string as its name/],
  ["family members: record", () => js.family("x", "", { a: 1 }), /a list of members/],
  ["family member: function", () => js.family("x", "", [() => 0]), /\{ name, parameters, apply \}/],
  ["family member: nothing", () => js.family("x", "", [undefined]), /member 1, not undefined/],
  ["familyByName()", () => js.familyByName(), /the name of a family/],
  ["familyByName(rotation())", () => js.familyByName(rotation()), /the name of a family/],
  ["familyFromSpec()", () => js.familyFromSpec(), /undefined is no family/],
  ["familyFromSpec(rotation())", () => js.familyFromSpec(rotation()), /It is a family already/],
  ["familyFromSpec(rotation)", () => js.familyFromSpec(rotation), /Call it: rotation\(\)/],
  ["familyFromSpec(Promise)", () => js.familyFromSpec(Promise.resolve("rotation")), /Write await/],
  ["familyFromSpec(15)", () => js.familyFromSpec(15), /15 is no family/],
  [
    "familyFromSpec with a bigint",
    () => js.familyFromSpec({ rotation: { degrees: [15n] } }),
    /must be a list of numbers/,
  ],
  ["familyFromSpec modules: record", () => js.familyFromSpec("rotation", {}), /a Map of loaded modules/],
  ["loadFamily()", () => js.loadFamily(), /undefined is no family/],
  ["loadFamily(rotation())", () => js.loadFamily(rotation()), /It is a family already/],
  ["loadFamily nowhere", () => js.loadFamily("./nowhere.mjs"), /Cannot read the transforms/],
  ["loadFamily base: 3", () => js.loadFamily("rotation", 3), /the path of a folder as its base/],
  ["specName(null)", () => js.specName(null), /null is no family/],
  ["specName(rotation())", () => js.specName(rotation()), /It is a family already/],
  [
    "rotation { degrees: 15 }",
    () => js.rotation({ degrees: 15 }),
    /degrees must be a list of numbers, not 15\. Give \[15\]/,
  ],
  ["rotation { degrees: NaN }", () => js.rotation({ degrees: [NaN] }), /Cannot rotate by NaN/],
  ["rotation { degrees: [] }", () => js.rotation({ degrees: [] }), /no members beside the identity/],
  ["noise { seed: NaN }", () => js.noise({ seed: NaN }), /The seed of .* is NaN/],

  // Models.
  [
    "lenet { classes: 0 }",
    () => js.lenet({ classes: 0 }),
    /classes must be a whole number of at least 1, not 0/,
  ],
  ["lenet { classes: names }", () => js.lenet({ classes: ["a"] }), /classes must be a whole number/],
  ["lenet { shape: 28 }", () => js.lenet({ shape: 28 }), /shape must be \[channels, height, width\]/],
  ["lenet { shape: [28, 28] }", () => js.lenet({ shape: [28, 28] }), /shape must be/],
  ["lenet { shape: small }", () => js.lenet({ shape: [1, 4, 4] }), /at least 12×12/],
  ["lenet { seed: NaN }", () => js.lenet({ seed: NaN }), /seed must be a whole number/],
  ["lenet { mean: 3 numbers }", () => js.lenet({ mean: [1, 2, 3] }), /each of the 1 channels/],
  ["buildClassifier()", () => js.buildClassifier(), /buildClassifier takes a string as its name/],
  [
    "buildClassifier shape: 8",
    () => js.buildClassifier("x", 8, () => 0),
    /\[channels, height, width\] as its shape/,
  ],
  ["buildClassifier without a body", () => js.buildClassifier("x", [1, 8, 8]), /a function as its body/],

  // Predictions.
  ["scorePredictions()", () => js.scorePredictions(), /scorePredictions takes an object/],
  ["scorePredictions(logits)", () => js.scorePredictions([[1, 0]]), /takes an object/],
  [
    "labels: list",
    () => js.scorePredictions({ ...predictions, labels: [0, 1] }),
    /an Int32Array of class indices/,
  ],
  [
    "logits: nested lists",
    () => js.scorePredictions({ ...predictions, logits: [[1, 0]] }),
    /a list of Float32Arrays/,
  ],
  [
    "memberNames: none",
    () => js.scorePredictions({ ...predictions, memberNames: undefined }),
    /a list of names/,
  ],
  ["classes: NaN", () => js.scorePredictions({ ...predictions, classes: NaN }), /number of classes is NaN/],
  ["embeddings: list", () => js.scorePredictions({ ...predictions, embeddings: [] }), /values and dimension/],
  ["embeddings: {}", () => js.scorePredictions({ ...predictions, embeddings: {} }), /embeddings\.values/],

  // Studies.
  ["runStudy()", () => js.runStudy(), /the path of a study file as its file/],
  ["runStudy(object)", () => js.runStudy({ name: "x" }, { out: folder }), /the path of a study file/],
  [
    "runStudy nowhere",
    () => js.runStudy("nowhere.yaml", { out: folder }),
    /Cannot read the study nowhere\.yaml/,
  ],

  // alignreg/onnx and alignreg/autodiff.
  ["readModel(path)", () => ofOnnx.readModel("x.onnx"), /Read the file first: await readFile\(path\)/],
  ["readModel()", () => ofOnnx.readModel(), /the bytes of an ONNX file/],
  ["readModel(Promise)", () => ofOnnx.readModel(Promise.resolve(new Uint8Array())), /Write await/],
  ["readModel(empty)", () => ofOnnx.readModel(new Uint8Array()), /holds no ONNX graph/],
  ["writeModel(classifier)", () => ofOnnx.writeModel(model.graph), /a model, as modelOf makes it/],
  ["writeModel()", () => ofOnnx.writeModel(), /a model, as modelOf/],
  ["modelOf(classifier)", () => ofOnnx.modelOf(model), /Give its member graph/],
  ["modelOf()", () => ofOnnx.modelOf(), /modelOf takes a graph/],
  ["gradient(bytes)", () => ofAutodiff.gradient(new Uint8Array(3), "loss", []), /gradient takes a graph/],
  ["gradient(classifier)", () => ofAutodiff.gradient(model, "loss", []), /Give its member graph/],
  ["gradient without a loss", () => ofAutodiff.gradient(model.graph), /the name of a value as its loss/],
  ["gradient by a name", () => ofAutodiff.gradient(model.graph, "logits", "fc.weight"), /a list of names/],
];

/** What the call throws, or what its Promise is rejected with; undefined when nothing is wrong. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectOurs(error: unknown): asserts error is Error {
  expect(error, "nothing was thrown").toBeInstanceOf(Error);
  expect(error, (error as Error).stack).toBeInstanceOf(alignreg.AlignregError);
  expect((error as Error).message).not.toMatch(
    /is not a function|of undefined|of null|\[object Object\]|internal:/,
  );
}

test(`there are enough of them: ${calls.length}`, () => {
  expect(calls.length).toBeGreaterThanOrEqual(184);
  expect(new Set(calls.map(([what]) => what)).size).toBe(calls.length);
});

test.each(calls)("%s", async (_, call, tells) => {
  const error = await errorOf(call);
  expectOurs(error);
  expect(error.message).toMatch(tells);
});

test("a call that nobody awaits is rejected, not thrown: fit, evaluate, loadClassifier, saveClassifier, loadData, runStudy", async () => {
  for (const name of [
    "fit",
    "evaluate",
    "loadClassifier",
    "saveClassifier",
    "saveWeights",
    "loadData",
    "openData",
    "loadFamily",
    "runStudy",
  ]) {
    const promise = js[name](null, null, null);
    expect(promise, name).toBeInstanceOf(Promise);
    expectOurs(await errorOf(() => promise));
  }
});

/** Values that no option takes; and those that a kind of options takes, which are left out for it. */
const never: readonly unknown[] = [null, NaN, Symbol("x"), 10n, Promise.resolve(1), new Map(), -Infinity];

const tables: readonly (readonly [where: string, table: AnyTable, call: (options: object) => unknown])[] = [
  ["fit", fitTable, fitWith],
  ["evaluate", evaluateTable, evaluateWith],
  ["predict", predictTable, (more) => js.predict(model, file, more)],
  ["exportStep", exportStepTable, (more) => js.exportStep(model, more)],
  ["exportedFiles", exportTable, (more) => js.exportedFiles(model, { to: "tfjs", ...more })],
  ["exportClassifier", exportTable, (more) => js.exportClassifier(model, file, more)],
  ["loadClassifier", loadClassifierTable, (more) => js.loadClassifier(file, more)],
  ["runStudy", runStudyTable, (more) => js.runStudy("s.yaml", { out: folder, ...more })],
  ["datasetFromArrays", datasetArrays, arraysWith],
  ["loadData", loadTable, (more) => js.loadData("mnist", "test", more)],
  ["openData", loadTable, (more) => js.openData("mnist", "test", more)],
  ["splitSource", splitTable, (more) => js.splitSource(data, more)],
  ["scorePredictions", invarianceTable, (more) => js.scorePredictions(predictions, more)],
  ...Object.entries(modelTables).map(
    ([name, table]) => [name, table as AnyTable, (more: object) => js[name](more)] as const,
  ),
  ...Object.entries(familyOptions).map(
    ([name, table]) =>
      [name, table, (more: object) => (alignreg.families[name as "rotation"] as Call)(more)] as const,
  ),
];

describe.each(tables)("every option of %s", (where, table, call) => {
  test.each(Object.keys(table))("%s refuses what it cannot be", async (option) => {
    for (const value of never) {
      const error = await errorOf(() => call({ [option]: value }));
      expectOurs(error);
    }
  });

  test.each(Object.keys(table).filter((name) => name.length > 4))("%s misspelt is told", async (option) => {
    const misspelt = option.slice(0, 2) + option[3] + option[2] + option.slice(4);
    if (Object.hasOwn(table, misspelt)) return;
    const error = await errorOf(() => call({ [misspelt]: 1 }));
    expectOurs(error);
    expect(error.message).toContain(`has no option "${misspelt}". Did you mean "`);
  });

  test("members of nested options too", async () => {
    for (const [name, { members }] of Object.entries(table)) {
      for (const member of Object.keys(members ?? {})) {
        for (const value of never) expectOurs(await errorOf(() => call({ [name]: { [member]: value } })));
      }
    }
    expect(where).not.toBe("");
  });
});

describe("values of another realm are as good as ours", () => {
  const foreign = <Value>(code: string): Value => runInNewContext(code) as Value;

  test("arrays, lists, records and functions", async () => {
    const set = alignreg.datasetFromArrays({
      name: "foreign",
      shape: foreign("[1, 8, 8]"),
      pixels: foreign("new Uint8Array(192).map((_, i) => i)"),
      labels: foreign("Int32Array.of(0, 1, 2)"),
      classNames: foreign("['a', 'b', 'c']"),
    });
    expect(set.pixels).toBeInstanceOf(Uint8Array);
    expect(set.labels).toBeInstanceOf(Int32Array);
    const { model: trained } = await alignreg.fit(model, set, {
      ...options,
      ...foreign<object>(
        "({ epochs: 1, mean: [0.5], std: [0.5], optimizerOptions: {}, transforms: 'rotation:45' })",
      ),
    });
    const scores = await alignreg.evaluate(
      foreign<alignreg.Predict>("async ({ shape }) => new Float32Array(shape[0] * 3).fill(1)"),
      set,
      {
        transforms: alignreg.customFamily(
          "own",
          foreign("({ half: ({ data }) => new Float32Array(data).map((x) => x / 2) })"),
        ),
      },
    );
    expect(scores.samples).toBe(3);
    await alignreg.saveClassifier(trained, file);
    const { readFileSync } = await import("node:fs");
    const bytes = foreign<(list: number[]) => Uint8Array>("(list) => Uint8Array.from(list)")([
      ...readFileSync(file),
    ]);
    expect(bytes).not.toBeInstanceOf(Uint8Array);
    expect((await alignreg.evaluate(bytes, set, { transforms: "rotation:45" })).samples).toBe(3);
    expect((await alignreg.loadClassifier(bytes)).logits).toBe("logits");
  });
});
