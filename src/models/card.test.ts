import { describe, expect, test } from "vitest";
import { greyClassifier, greyModel } from "../../test/small-classifier.ts";
import { modelOf } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type Classifier, cardMetadata, importClassifier, readCard } from "./index.ts";

const facts = {
  classNames: ["dark", "grey", "light"],
  normalization: { mean: [0.5], std: [0.25] },
  inputRange: 255,
  channelOrder: "rgb" as const,
  imageShape: [1, 8, 8] as const,
  pictures: { resize: "crop", cropShare: 0.875, interpolation: "bicubic", exif: "ignore" } as const,
  temperature: 1.25,
  transforms: { union: [{ rotation: { degrees: [15] } }, { blur: {} }] },
};

test("what is written is read again, and other keys are kept", () => {
  const classifier: Classifier = {
    ...greyClassifier(),
    ...facts,
    metadata: { author: "me", classNames: "[1" },
  };
  const metadata = cardMetadata(classifier);
  expect(metadata).toMatchObject({ author: "me", "alignreg.normalization": "before graph" });
  expect(metadata).not.toHaveProperty("classNames");
  expect(importClassifier(modelOf(classifier.graph, metadata))).toMatchObject({
    ...facts,
    normalizesItself: false,
  });
});

test("nothing is said of a classifier that nobody knows", () => {
  expect(cardMetadata(greyClassifier())).toEqual({});
  expect(cardMetadata({ ...greyClassifier(), imageShape: [1, 8, 8] })).toMatchObject({
    "alignreg.normalization": "none",
  });
});

test.each([
  ["alignreg.classNames", "dark, light", "a JSON list of names"],
  ["alignreg.classNames", "[1, 2]", "a JSON list of names"],
  ["alignreg.mean", '["0.5"]', "a list of numbers"],
  ["alignreg.normalization", "twice", '"in graph"'],
  ["alignreg.inputRange", "254", "1 or 255"],
  ["alignreg.channelOrder", "grb", "rgb or bgr"],
  ["alignreg.imageShape", "[28, 28]", "channels, height and width"],
  ["alignreg.resize", "squash", "stretch, crop, pad"],
  ["alignreg.temperature", "0", "a number above 0"],
  ["alignreg.temperature", "warm", "a number above 0"],
  ["alignreg.transforms", "rotation", "the JSON of a family"],
  ["alignreg.transforms", '["rotation"]', "the JSON of a family"],
  ["alignreg.interpolation", "spline", "bilinear, bicubic"],
  ["classNames", "[true]", "a JSON list of names"],
])("a damaged %s is named", (key, value, expected) => {
  const read = () => readCard({ "alignreg.std": "[1]", "alignreg.mean": "[0]", [key]: value }, "m.onnx");
  expect(read).toThrow(UsageError);
  expect(read).toThrow(new RegExp(`m\\.onnx: the metadata give .* for ${key.replace(".", "\\.")}; .*`));
  expect(read).toThrow(expected);
});

describe("names that others wrote:", () => {
  test.each([
    ["classNames", '["dark","grey","light"]'],
    ["names", "{0: 'dark', 1: 'grey', 2: 'light'}"],
    ["names", "['dark', 'grey', 'light']"],
    ["names", "('dark', 'grey', 'light')"],
    ["names", String.raw`{0: '\x64ark', 1: "gr\u0065y", 2: '\U0000006cight'}`],
    ["labels", "dark, grey,light"],
    ["classes", "dark\ngrey\r\nlight\n"],
    ["id2label", '{"0": "dark", "2": "light", "1": "grey"}'],
  ])("%s: %s", (key, text) => {
    expect(importClassifier(greyModel({}, { [key]: text })).classNames).toEqual(facts.classNames);
  });

  test("a name with quotes and a colon inside", () => {
    const names = `{0: "it's", 1: 'a "b"', 2: 'c: 3'}`;
    expect(importClassifier(greyModel({}, { names })).classNames).toEqual(["it's", 'a "b"', "c: 3"]);
  });

  test("too few or too many for the logits are not used, and neither is what is no list", () => {
    const few = importClassifier(greyModel({}, { names: "dark,light" }));
    expect(few.classNames).toBeUndefined();
    expect(few.notes).toEqual([expect.stringMatching(/names 2 classes in its metadata and gives 3 logits/)]);
    const odd = importClassifier(greyModel({}, { labels: "imagenet" }));
    expect(odd.notes).toEqual([expect.stringMatching(/have "labels", in which no list/)]);
  });

  test("our own may be of the first logits, not of more than there are", () => {
    const named = (names: string[]) =>
      importClassifier(greyModel({}, { "alignreg.classNames": JSON.stringify(names) }));
    expect(named(["a", "b"]).classNames).toEqual(["a", "b"]);
    expect(() => named(["a", "b", "c", "d"])).toThrow(/names 4 classes .* gives 3 logits/);
  });
});
