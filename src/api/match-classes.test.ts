import { describe, expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { parseClassMap } from "./load-class-map.ts";
import { type ClassQuestion, matchClasses } from "./match-classes.ts";

const ask = (question: Partial<ClassQuestion> & Pick<ClassQuestion, "data">) =>
  matchClasses({ dataName: "photos", model: undefined, modelName: "m.onnx", logits: null, ...question });

const colours = ["0", "180", "270", "90"];

describe("by name:", () => {
  test("the same names in the same order go without saying", () => {
    expect(ask({ data: colours, model: colours })).toMatchObject({
      logitOf: [0, 1, 2, 3],
      by: "name",
      notes: [],
    });
  });

  test("in another order", () => {
    const { logitOf, notes } = ask({ data: ["b", "a", "c"], model: ["a", "b", "c"] });
    expect(logitOf).toEqual([1, 0, 2]);
    expect(notes).toEqual([expect.stringMatching(/another order .* matched by name/)]);
  });

  test("a model without a file is named as its place in the sentence asks for", () => {
    const modelName = 'The model "net"';
    const [within] = ask({ data: ["b", "a"], model: ["a", "b"], modelName }).notes;
    expect(within).toContain('in another order than the model "net"');
    expect(ask({ data: ["b", "a"], modelName }).notes[0]).toMatch(/^The model "net" does not name/);
  });

  test("fewer than the model's", () => {
    const { logitOf, notes } = ask({ data: ["0", "270", "90"], model: colours });
    expect(logitOf).toEqual([0, 2, 3]);
    expect(notes.join(" ")).toContain(
      '3 of the 4 classes of m.onnx; an answer among the others ("180") counts as wrong',
    );
  });

  test("composed and decomposed letters are one name", () => {
    expect(ask({ data: ["cafe\u0301", "tea"], model: ["caf\u00e9", "tea"] })).toMatchObject({
      logitOf: [0, 1],
      notes: [],
    });
  });

  test("case and white space are not guessed", () => {
    expect(() => ask({ data: ["Cat", "dog"], model: ["cat", "dog"] })).toThrow(
      /"Cat" and m\.onnx "cat": they differ in case/,
    );
    expect(() => ask({ data: ["polar  bear", "dog"], model: ["polar bear", "dog"] })).toThrow(/white space/);
  });

  test("others are an error with both lists, cut when long", () => {
    const model = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    expect(() => ask({ data: ["class 1", "horse"], model })).toThrow(
      /"horse" is not among the model's\. Data: "class 1", "horse"\. Model: "class 0", .*, … \(1000 in all\)/,
    );
    expect(() => ask({ data: ["a", "b", "c"], model: ["a", "b"] })).toThrow(UsageError);
  });

  test("a name that the model has twice", () => {
    expect(() => ask({ data: ["crane", "owl"], model: ["crane", "owl", "crane"] })).toThrow(
      /more than one class "crane", its logits 0 and 2/,
    );
    expect(() => ask({ data: ["cafe\u0301", "caf\u00e9"] })).toThrow(/Unicode form only/);
  });

  test("numbers are names where they are the model's", () => {
    const digits = Array.from({ length: 10 }, (_, i) => String(i));
    expect(ask({ data: digits, model: digits }).notes).toEqual([]);
    expect(ask({ data: ["0", "7"], model: digits }).logitOf).toEqual([0, 7]);
    // "1" is not the model's "2" because it comes second.
    expect(() => ask({ data: ["0", "1", "2"], model: ["1", "2", "3"] })).toThrow(
      /"0" is not among the model's/,
    );
  });
});

describe("by order:", () => {
  test("a model without names is noted, with the mapping", () => {
    expect(ask({ data: ["cat", "dog"], logits: 2 })).toMatchObject({
      logitOf: [0, 1],
      by: "order",
      notes: [expect.stringMatching(/does not name its classes.*logit 0 is "cat", logit 1 is "dog"/)],
    });
    expect(ask({ data: ["cat", "dog"], logits: 2, isFresh: true }).notes).toEqual([]);
  });

  test("more logits than classes is said, of a fresh model too", () => {
    for (const isFresh of [false, true]) {
      const [note] = ask({ data: ["cat", "dog"], logits: 1000, isFresh }).notes;
      expect(note).toMatch(/gives 1000 logits .* has 2 classes.*the first 2 are taken .*counts as wrong/);
      const [only] = ask({ data: ["cat"], logits: 2, isFresh }).notes;
      expect(only).toMatch(/has 1 class\. Which logit is its own nobody has said: the first is taken/);
    }
  });

  test("an order of text that is not that of numbers", () => {
    const { notes } = ask({ data: ["1", "10", "2"], logits: 3 });
    expect(notes.join(" ")).toMatch(/order of text \("1", "10", "2"\)/);
    expect(ask({ data: ["class1", "class10", "class2"], logits: 3 }).notes).toHaveLength(2);
    expect(ask({ data: ["class1", "class2", "class3"], logits: 3 }).notes).toHaveLength(1);
  });

  test("numbered data have no names; the numbers of a model are what it was trained on", () => {
    const { notes, classNames } = ask({ data: ["0", "1"], model: ["shirt", "shoe"], logits: 2 });
    expect(notes).toEqual([expect.stringMatching(/numbers its classes .* label 0 is the model's "shirt"/)]);
    expect(classNames).toEqual(["shirt", "shoe"]);
    expect(() => ask({ data: ["shirt", "shoe"], model: ["0", "1"], logits: 2 })).toThrow(
      /Data: "shirt", "shoe"\. Model: "0", "1"/,
    );
  });
});

describe("by a map:", () => {
  test("a list names the logits", () => {
    expect(ask({ data: ["cat", "dog"], logits: 2, classMap: ["dog", "cat"] })).toMatchObject({
      logitOf: [1, 0],
      by: "map",
      classNames: ["dog", "cat"],
    });
    expect(() => ask({ data: ["cat", "dog"], logits: 3, classMap: ["dog", "cat"] })).toThrow(
      /names 2 classes; m\.onnx gives 3 logits/,
    );
  });

  test("an object gives each class a logit, or the model's name", () => {
    expect(
      ask({ data: ["Cat", "Dog"], model: ["dog", "cat"], logits: 2, classMap: { Cat: "cat", Dog: 0 } })
        .logitOf,
    ).toEqual([1, 0]);
    expect(ask({ data: ["a", "b"], logits: 1000, classMap: { a: 281, b: 207 } })).toMatchObject({
      logitOf: [281, 207],
      classNames: [],
    });
    const many = ask({ data: ["a", "b"], logits: 2, classMap: { a: 0, b: 0, c: 1 } });
    expect(many.notes).toEqual([expect.stringContaining('"c"'), expect.stringMatching(/joins "b"/)]);
  });

  test("what is said twice is not guessed", () => {
    const classMap = { "caf\u00e9": 0, "cafe\u0301": 2, tea: 1 };
    expect(() => ask({ data: ["caf\u00e9", "tea"], classMap })).toThrow(/two entries "café"/);
    const model = ["crane", "owl", "crane"];
    expect(() => ask({ data: ["a", "b"], model, classMap: { a: "crane", b: "owl" } })).toThrow(
      /more than one class of that name, its logits 0 and 2/,
    );
    expect(ask({ data: ["a", "b"], model, classMap: { a: 2, b: "owl" } }).logitOf).toEqual([2, 1]);
  });

  test("what does not fit is named", () => {
    expect(() => ask({ data: ["a", "b"], classMap: { a: 0 } })).toThrow(/no entry for "b"/);
    expect(() => ask({ data: ["a"], logits: 2, classMap: { a: 2 } })).toThrow(
      /logit 2 for "a"; m\.onnx has the logits 0 to 1/,
    );
    expect(() => ask({ data: ["a"], classMap: { a: "x" } })).toThrow(/does not name its classes/);
    expect(() => ask({ data: ["a"], model: ["y"], classMap: { a: "x" } })).toThrow(
      /has no such class\. It has: "y"/,
    );
  });
});

describe("a class map's file:", () => {
  test.each<[string, string, unknown]>([
    ["a JSON list", '["dog", "cat"]', ["dog", "cat"]],
    ["a JSON object", '{"cat": 281, "dog": "Labrador"}', { cat: 281, dog: "Labrador" }],
    [
      "names of an object's own",
      '{"constructor": 2, "__proto__": 0}',
      JSON.parse('{"constructor": 2, "__proto__": 0}'),
    ],
    ["a name per line", "dog\n\nbig cat\r\n", ["dog", "big cat"]],
    ["counted lines", "0 dog\n1: big cat\n", ["dog", "big cat"]],
    ["ImageNet's synsets", "n01440764 tench, Tinca tinca\nn01443537 goldfish\n", ["n01440764", "n01443537"]],
  ])("%s", (_, text, expected) => expect(parseClassMap(text, "map.txt")).toEqual(expected));

  test.each([
    ["", /map\.json is empty/],
    ['["a"', /is no JSON/],
    ['["a", 3]', /entry 1/],
    ['{"a": -1}', /entry "a"/],
    ['{"a": 1.5}', /entry "a"/],
    ['{"a": 1, "b": "a", "\\u0061" : 2}', /two entries "\\u0061"/],
  ])("%s", (text, message) => {
    expect(() => parseClassMap(text, "map.json")).toThrow(UsageError);
    expect(() => parseClassMap(text, "map.json")).toThrow(message);
  });
});
