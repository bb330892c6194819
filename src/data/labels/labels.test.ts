import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataSplits, openData } from "../load.ts";
import { parseLabels } from "./read-labels.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-labels-"));
afterAll(() => rmSync(root, { recursive: true }));

const pairs = [
  ["a.jpg", "cat"],
  ["b.jpg", "dog"],
];
const text = (...lines: string[]) => lines.join("\n");

describe("labels are read from", () => {
  test.each<[string, string]>([
    ["a table with a head", text("filename,label", "a.jpg,cat", "b.jpg,dog")],
    [
      "another order, other columns and a split",
      text("split;Class Name;width;File", "train;cat;3;a.jpg", "test;dog;4;b.jpg"),
    ],
    ["tabs, \\r\\n, a mark and empty lines", "\ufeffimage_id\tbreed\r\na.jpg\tcat\r\n\r\nb.jpg\tdog\r\n"],
    ["a line that says the delimiter", text("sep=;", "file;label", "a.jpg;cat", "b.jpg;dog")],
    ["quotes", text('id,"label"', '"a.jpg","cat"', '"b.jpg",dog')],
    ["one column that is neither", text("id,planet", "a.jpg,cat", "b.jpg,dog")],
    ["pandas' index", text(",fname,label", "0,a.jpg,cat", "1,b.jpg,dog")],
    ["a column for each class", text("image,cat,dog", "a.jpg,1.0,0.0", "b.jpg,0,1")],
    ["no head", text("a.jpg,cat", "b.jpg,dog")],
    ["white space, as Caffe's lists, with remarks", text("# made by hand", "a.jpg cat", "b.jpg  dog")],
    ["a JSON object", '{"a.jpg": "cat", "b.jpg": "dog"}'],
    ["JSON by class", '{"cat": ["a.jpg"], "dog": ["b.jpg"]}'],
    ["JSON with lists of one", '{"a.jpg": ["cat"], "b.jpg": ["dog"]}'],
    ["a JSON list of pairs inside", '{"labels": [["a.jpg", "cat"], ["b.jpg", "dog"]]}'],
    ["a JSON list of records", '[{"file": "a.jpg", "label": "cat"}, {"label": "dog", "file": "b.jpg"}]'],
    [
      "JSON Lines",
      text('{"file_name": "a.jpg", "label": "cat"}', '{"file_name": "b.jpg", "label": "dog"}', ""),
    ],
  ])("%s", (_name, content) => {
    expect(parseLabels(content, "labels").labels.map(({ image, label }) => [image, label])).toEqual(pairs);
  });

  test("columns that are named, whatever they are called", () => {
    const content = text("who,what,when", "a.jpg,cat,1", "b.jpg,dog,2");
    expect(parseLabels(content, "labels", ["who", "what"]).labels[1]).toMatchObject({
      image: "b.jpg",
      label: "dog",
    });
    expect(() => parseLabels(content, "labels", ["who", "where"])).toThrow(
      'no column "where". It has who, what, when.',
    );
  });

  test("quotes with commas, quotes and lines in them, lines counted", () => {
    const { labels } = parseLabels(
      text("file,label", '"a, ""1"".jpg","tench,', 'Tinca"', "b.jpg,dog"),
      "labels",
    );
    expect(labels).toMatchObject([
      { image: 'a, "1".jpg', label: "tench,\nTinca", at: "line 2" },
      { image: "b.jpg", at: "line 4" },
    ]);
  });

  test("fastai's column for validation", () => {
    const { labels } = parseLabels(
      text("fname,label,is_valid", "a.jpg,cat,False", "b.jpg,dog,True"),
      "labels",
    );
    expect(labels.map(({ split }) => split)).toEqual(["train", "validation"]);
  });

  test("the columns are said", () => {
    expect(parseLabels(text("id,breed", "a,cat"), "x/labels.csv").notes).toEqual([
      'labels.csv: images are read from the column "id", classes from "breed".',
    ]);
    expect(parseLabels(text("a.jpg,cat", "b.jpg,dog"), "x/labels.csv").notes).toEqual([
      "labels.csv names no columns: images are read from its first, classes from its second.",
    ]);
    expect(parseLabels('{"a.jpg": "cat"}', "x/labels.json").notes).toEqual([]);
  });
});

test.each<[string, string, RegExp]>([
  ["nothing", "", /labels is empty/],
  ["a head alone", "file,label\n", /no line with a label/],
  [
    "a short line",
    text("file,label", "a.jpg,cat", "b.jpg"),
    /labels, line 3, has 1 column, the first line 2/,
  ],
  ["an open quote", text("file,label", '"a.jpg,cat'), /line 2: a quote is opened/],
  ["columns that cannot be told", text("a,b,c", "1,2,3"), /cannot be told.*\(a, b, c\).*--label-columns/],
  ["no image", text("file,label", ",cat"), /line 2, names no image/],
  [
    "a split that is none",
    text("file,label,split", "a.jpg,cat,fold1"),
    /line 2: "fold1" in the column split is no split/,
  ],
  ["COCO", '{"images": [{"id": 1}], "annotations": [{"image_id": 1}]}', /for detection \(COCO\)/],
  ["numbers", "[1, 2]", /entry 1 is none of what is known/],
  ["broken JSON", '{"a": ', /labels is no JSON/],
  ["broken JSON Lines", '{"a": 1}\n{"b"', /line 2, is no JSON/],
])("%s is an error", (_name, content, message) => {
  expect(() => parseLabels(content, "labels")).toThrow(message);
});

describe("a folder of images with a file of labels", () => {
  let photo: Buffer;
  beforeAll(async () => {
    photo = await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
      .png()
      .toBuffer();
  });
  let folders = 0;
  const folder = (files: readonly string[], labels: string, name = "labels.csv") => {
    const directory = join(root, String(folders++));
    for (const file of files) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), photo);
    }
    const labelsFile = join(directory, name);
    writeFileSync(labelsFile, labels);
    return [directory, { labels: labelsFile }] as const;
  };
  const namesIn = async (
    [directory, options]: ReturnType<typeof folder>,
    split: "train" | "test" = "train",
  ) => {
    const data = await openData(directory, split, options);
    return Object.fromEntries(
      data.files!.map((file, i) => [file.slice(directory.length + 1), data.classNames[data.labels[i]]]),
    );
  };

  test.each<[string, readonly string[], readonly string[]]>([
    ["names without extension", ["train/a1.png", "train/b2.png"], ["a1", "b2"]],
    ["names", ["x/a1.png", "y/b2.png"], ["a1.png", "b2.png"]],
    ["paths of another machine", ["x/1.png", "y/1.png"], ["/home/me/data/x/1.png", "C:\\data\\y\\1.png"]],
    ["another case", ["A1.PNG", "b2.png"], ["a1.png", "./B2.png"]],
    ["decomposed letters", ["\u00e9.png", "b.png"], ["e\u0301", "b"]],
  ])("finds %s", async (_name, files, images) => {
    const found = await namesIn(folder(files, text("id,label", `${images[0]},cat`, `${images[1]},dog`)));
    expect(found).toEqual({ [files[0]]: "cat", [files[1]]: "dog" });
  });

  test("says what has no label, and what is not there", async () => {
    const [directory, options] = folder(
      ["a.png", "b.png", "c.png"],
      text("id,label", "a,cat", "b,", "z,dog"),
    );
    const { notes, isUnsplit } = await openData(directory, "test", options);
    expect(isUnsplit).toBe(true);
    expect(notes!.slice(1)).toEqual([
      `${folders - 1}: 2 of 3 images have no label in ${options.labels} and are left out.`,
      `${options.labels}: 1 of 3 images is not in the folder, as z.`,
      `${options.labels}: 1 line has no class.`,
    ]);
  });

  test("numbers are in their order, __proto__ is a class", async () => {
    const [directory, options] = folder(["a.png", "b.png", "c.png"], text("a,10", "b,9", "c,0"));
    expect((await openData(directory, "train", options)).classNames).toEqual(["0", "9", "10"]);
    const [other, named] = folder(
      ["a.png", "b.png"],
      '{"a.png": "__proto__", "b.png": "constructor"}',
      "l.json",
    );
    expect((await openData(other, "train", named)).classNames).toEqual(["__proto__", "constructor"]);
  });

  test("has the splits of a column, or of folders", async () => {
    const byColumn = folder(["a.png", "b.png"], text("file,label,split", "a,cat,train", "b,cat,test"));
    expect(await dataSplits(...byColumn)).toEqual(["train", "test"]);
    expect(await namesIn(byColumn, "test")).toEqual({ "b.png": "cat" });
    const byFolder = folder(["train/a.png", "val/b.png"], text("a,cat", "b,cat"));
    expect(await dataSplits(...byFolder)).toEqual(["train", "validation"]);
    await expect(namesIn(byFolder, "test")).rejects.toThrow(/no test split by .*found train, validation/);
    expect(await dataSplits(...folder(["train/a.png", "test/b.png"], "id,label\na,cat"))).toEqual([]);
  });

  test.each<[string, readonly string[], string, RegExp]>([
    [
      "two classes",
      ["a.png"],
      text("a,cat", "a.png,dog"),
      /gives a\.png two classes: "cat" in line 1 and "dog" in line 2/,
    ],
    [
      "two files of a name",
      ["x/1.png", "y/1.png"],
      text("1.png,cat"),
      /line 1: "1\.png" may be x\/1\.png or y\/1\.png/,
    ],
    [
      "other images",
      ["x.png"],
      text("a,cat", "b,dog"),
      /No image in .* has a label .* names a, b; the folder has x\.png/,
    ],
    [
      "look-alike classes",
      ["a.png", "b.png"],
      text("a.png,Cat", "b.png,cat"),
      /"Cat" and "cat", which differ in case/,
    ],
  ])("%s are an error", async (_name, files, labels, message) => {
    await expect(namesIn(folder(files, labels))).rejects.toThrow(message);
  });

  test("is for folders of images alone", async () => {
    await expect(openData("mnist", "train", { labels: "x.csv" })).rejects.toThrow(/has no option labels/);
  });

  test.each<[string, Uint8Array, RegExp]>([
    [
      "a spreadsheet",
      Buffer.from("PK\u0003\u0004…"),
      /is a spreadsheet or an archive, no text\. Save it as CSV/,
    ],
    ["an old spreadsheet", Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0), /is a spreadsheet or an archive/],
    [
      "UTF-16 without a mark",
      Buffer.from("id,label\na,cat", "utf16le"),
      /it holds bytes of 0\. Save it as that/,
    ],
    ["Latin-1", Buffer.from("id,label\na,\u00e9t\u00e9", "latin1"), /is no text in UTF-8\. Save it as that/],
  ])("%s is an error that says what to do", async (_name, bytes, message) => {
    const [directory, options] = folder(["a.png"], "");
    writeFileSync(options.labels, bytes);
    await expect(namesIn([directory, options])).rejects.toThrow(message);
  });

  test("UTF-16, as spreadsheets save it", async () => {
    const [directory, options] = folder(["a.png", "b.png"], "");
    writeFileSync(options.labels, Buffer.from("\ufeffid\tlabel\r\na\tcat\r\nb\tdog\r\n", "utf16le"));
    expect(await namesIn([directory, options])).toEqual({ "a.png": "cat", "b.png": "dog" });
  });
});
