/** `alignreg predict`: answers about pictures of every kind, the same as those that `evaluate` counts. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate, loadClassifier, openData, predict } from "../src/index.ts";
import { picturePaths, pathsIn } from "../src/cli/picture-paths.ts";
import { familyFromSpec } from "../src/augment/index.ts";
import { argmax, predictMembers, withLabels } from "../src/evaluate/index.ts";
import { openTestable } from "../src/api/open-testable.ts";
import { cliHere, startCli } from "./cli-process.ts";
import { greyFile } from "./small-classifier.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-predict-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const kinds = join(import.meta.dirname, "fixtures", "picture-kinds");
const photos = inFolder("photos");
const run = inFolder("run");
const classNames = ["dark", "grey", "light"];
/** One under which answers about noise change. */
const transforms = {
  union: [
    { brightness: { factors: [0.8, 2.5] } },
    { contrast: { scales: [-1] } },
    { rotation: { degrees: [40] } },
  ],
};
const metadata = {
  "alignreg.classNames": JSON.stringify(classNames),
  "alignreg.imageShape": "[3,16,16]",
  "alignreg.resize": "crop",
  "alignreg.cropShare": "0.5",
  "alignreg.transformBeforeCrop": "true",
  "alignreg.interpolation": "bicubic",
  "alignreg.transforms": JSON.stringify(transforms),
  "alignreg.temperature": "1.75",
};
const silent = { onNote: () => undefined };

/** Of every kind and shape, by class only so that `evaluate` reads them. */
let files: string[];

beforeAll(() => {
  const pictures = readdirSync(kinds).filter((name) => !/\.(json|heic)$/.test(name));
  for (const name of classNames) mkdirSync(inFolder("photos", name), { recursive: true });
  files = pictures.map((name, i) => {
    const path = inFolder("photos", classNames[i % 3], name);
    copyFileSync(join(kinds, name), path);
    return path;
  });
  mkdirSync(run);
  writeFileSync(join(run, "model.onnx"), greyFile({ channels: 3, size: 16 }, metadata));
});

interface Json {
  readonly predictions: readonly {
    readonly file: string;
    readonly name: string;
    readonly classIndex: number;
    readonly probability: number;
    readonly stability: number | null;
    readonly top: readonly { readonly name: string; readonly probability: number }[];
  }[];
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  readonly notes: readonly string[];
  readonly transforms: { readonly views: readonly string[] } | null;
}

async function asked(...args: readonly string[]): Promise<Json> {
  const { code, stdout, stderr } = await cliHere("predict", ...args, "--json", "-");
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout) as Json;
}

test("answers are those of evaluate, and stability is the share of views that get the same", async () => {
  const { predictions, transforms: by } = await asked(run, photos);
  const data = await openData(photos, "test", { like: await loadClassifier(run) });
  const { hardest } = await evaluate(run, data, { hardest: files.length, ...silent });
  const counted = new Map(
    hardest.clean.map(({ file, answer, confidence }) => [file, { answer, confidence }]),
  );
  expect(counted.size).toBe(files.length);
  expect(predictions.map(({ file }) => file).sort()).toEqual([...files].sort());
  for (const { file, name, probability } of predictions) {
    expect([file, name]).toEqual([file, counted.get(file)!.answer]);
    expect(probability).toBeCloseTo(counted.get(file)!.confidence, 6);
  }

  const family = familyFromSpec(transforms);
  expect(by!.views).toEqual(family.members.slice(1).map(({ name }) => name));
  const { predict: answer, release } = await openTestable(run, data.shape, {});
  const { logits } = await predictMembers(answer, withLabels(data, data.labels, 3), family);
  await release();
  const stable = data.files!.map((_, i) => {
    const [clean, ...views] = logits.map((rows) => argmax(rows, 3 * i, 3));
    return views.filter((view) => view === clean).length / views.length;
  });
  const found = new Map(predictions.map(({ file, stability }) => [file, stability]));
  expect(data.files!.map((file) => found.get(file))).toEqual(stable);
  expect(new Set(stable).size, "some change, some do not").toBeGreaterThan(1);
});

test("batches, threads and the order of the pictures change nothing but rounding", async () => {
  const once = await asked(run, ...files);
  const otherwise = await asked(run, ...files.toReversed(), "--batch-size", "7", "--threads", "1");
  const [a, b] = [once.predictions, otherwise.predictions.toReversed()];
  for (const [i, { probability, top, ...rest }] of a.entries()) {
    expect(b[i]).toMatchObject(rest);
    expect(b[i].probability).toBeCloseTo(probability, 6);
    expect(top.map(({ name }) => name)).toEqual(b[i].top.map(({ name }) => name));
  }
});

describe("what cannot be read", () => {
  const broken = () => {
    const path = inFolder("broken.jpg");
    writeFileSync(path, readFileSync(join(kinds, "turned-1.jpg")).subarray(0, 400));
    return path;
  };

  test("is named in one message, the others are answered, and the exit code is 3", async () => {
    const none = inFolder("none.png");
    const heic = join(kinds, "phone.heic");
    const csv = inFolder("answers.csv");
    const given = [none, files[0], heic, broken(), files[1]];
    const { code, stdout, stderr } = await cliHere("predict", run, ...given, "--csv", csv);
    expect(code).toBe(3);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(stderr).toMatch(/^error: 3 of 5 pictures cannot be read: .*none\.png.*phone\.heic.*broken\.jpg/m);
    expect(stderr).toMatch(/it is HEIC, which cannot be decoded here: convert it to JPEG/);
    expect(stdout).toContain(files[0]);
    const rows = readFileSync(csv, "utf8").trimEnd().split("\n");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["file", files[0], files[1]]);
  });

  test("is listed in the JSON", async () => {
    const { code, stdout } = await cliHere("predict", run, broken(), files[0], "--json", "-");
    const { predictions, unreadable } = JSON.parse(stdout) as Json;
    expect(code).toBe(3);
    expect([predictions.length, unreadable.length]).toEqual([1, 1]);
    expect(unreadable[0].reason).toContain("broken.jpg");
  });

  test("alone, or a folder of nothing else, is a failure", async () => {
    const alone = await cliHere("predict", run, broken());
    expect([alone.code, alone.stdout]).toEqual([1, ""]);
    mkdirSync(inFolder("phone"));
    copyFileSync(join(kinds, "phone.heic"), inFolder("phone", "IMG_1.HEIC"));
    const { code, stderr } = await cliHere("predict", run, inFolder("phone"));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /There are no images in .*phone\. .*HEIC, which phones write, cannot be read: convert/,
    );
  });

  test("is an error of predict that names them all", async () => {
    await expect(predict(run, [files[0], broken(), inFolder("none.png")], silent)).rejects.toThrow(
      /2 of 3 pictures cannot be read: .*broken\.jpg.*none\.png/,
    );
    await expect(predict(run, Uint8Array.of(1, 2, 3), silent)).rejects.toThrow(/^picture 1 cannot be read/);
  });
});

describe("which views", () => {
  test("the command's go before the model's", async () => {
    const { transforms: by } = await asked(run, files[0], "--transforms", "rotation:90");
    expect(by!.views).toEqual(["rotation 90°"]);
  });

  test("none at all", async () => {
    const { transforms: by, predictions } = await asked(run, files[0], "--no-transforms");
    expect([by, predictions[0].stability]).toEqual([null, null]);
    const { stdout } = await cliHere("predict", run, files[0], "--no-transforms");
    expect(stdout).not.toContain("same answer");
  });

  test("a model that does not say is asked under rotations, which is noted", async () => {
    const silentOn = Object.fromEntries(
      Object.entries(metadata).filter(([key]) => key !== "alignreg.transforms"),
    );
    const path = inFolder("silent.onnx");
    writeFileSync(path, greyFile({ channels: 3, size: 16 }, silentOn));
    const { transforms: by, notes } = await asked(path, files[0]);
    expect(by!.views[0]).toBe("rotation 15°");
    expect(notes.join()).toContain("does not say for which shifts it was trained");
  });

  test("a module that a model names is not run", async () => {
    const path = inFolder("module.onnx");
    const named = { ...metadata, "alignreg.transforms": '{"./evil.mjs":{}}' };
    writeFileSync(path, greyFile({ channels: 3, size: 16 }, named));
    const { code, stderr } = await cliHere("predict", path, files[0]);
    expect(code).toBe(1);
    expect(stderr).toContain("it names the module ./evil.mjs, which is not run");
  });
});

describe("paths on standard input", () => {
  test.each([
    ["a line each", "a b.png\nü.png\n"],
    ["with Windows' line ends", "a b.png\r\nü.png"],
    ["ended by zero bytes", "a b.png\0ü.png\0"],
  ])("%s", (_, text) => {
    expect(pathsIn(Buffer.from(text))).toEqual(["a b.png", "ü.png"]);
  });

  test("an image itself is refused, nothing too", () => {
    expect(() => pathsIn(readFileSync(files[0]))).toThrow(/holds no text.*one a line/);
    expect(() => pathsIn(Buffer.from("\n"))).toThrow("is empty");
  });

  test("stand where - does", async () => {
    async function* lines() {
      yield await Promise.resolve(Buffer.from("b.p"));
      yield Buffer.from("ng\nc.png\n");
    }
    expect(await picturePaths(["a.png", "-", "d.png"], lines())).toEqual([
      "a.png",
      "b.png",
      "c.png",
      "d.png",
    ]);
  });

  test("reach the command", async () => {
    const { child, ended } = startCli(["predict", run, "-", "--csv", "-"]);
    child.stdin!.end(`${files[2]}\n${files[3]}\n`);
    const { code, stdout } = await ended;
    expect([code, stdout.split("\n")[0]]).toEqual([0, "file,class,probability,stability"]);
    expect(stdout).toContain(files[3]);
  });
});

describe("names and sizes", () => {
  test("a model that names no classes gives numbers, and a class map names them", async () => {
    const path = inFolder("nameless.onnx");
    writeFileSync(path, greyFile({ channels: 3, size: 16 }));
    const { predictions, notes } = await asked(path, files[0]);
    expect(predictions[0].name).toBe(String(predictions[0].classIndex));
    expect(notes.join()).toContain("names no classes");
    const map = inFolder("names.txt");
    writeFileSync(map, "=SUM(A1)\n=SUM(A2)\n=SUM(A3)\n");
    const { code, stdout } = await cliHere("predict", path, files[0], "--class-map", map, "--csv", "-");
    expect([code, stdout]).toEqual([0, expect.stringContaining(",'=SUM(A")]);
    writeFileSync(map, "one\ntwo\n");
    expect((await cliHere("predict", path, files[0], "--class-map", map)).stderr).toContain(
      "names 2 classes",
    );
  });

  test("an object maps names to logits", async () => {
    const { classIndex, name } = await predict(run, files[0], silent);
    const renamed = await predict(run, files[0], { classMap: { first: name }, ...silent });
    const numbered = await predict(run, files[0], { classMap: { second: classIndex }, ...silent });
    expect([renamed.name, numbered.name]).toEqual(["first", "second"]);
    await expect(predict(run, files[0], { classMap: { x: "pink" }, ...silent })).rejects.toThrow(
      /"pink" for "x", which the model has not. It has: dark, grey, light/,
    );
  });

  test("another rule than the model's is obeyed", async () => {
    const tall = files.find((file) => extname(file) === ".webp")!;
    const [own, stretched] = [await asked(run, tall), await asked(run, tall, "--resize", "stretch")];
    expect(stretched.predictions[0].probability).not.toBe(own.predictions[0].probability);
  });
});
