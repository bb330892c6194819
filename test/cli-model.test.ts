/** One's own model on the command line: inspect, train, evaluate. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../src/onnx/index.ts";
import { random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";
import { PYTORCH_FIXTURES } from "./pytorch-case.ts";
import { type Ends, greyFile } from "./small-classifier.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-model-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const exported = (name: string) => join(PYTORCH_FIXTURES, `${name}.onnx`);
const resnet = exported("resnet18-training-opset17-dynamic");

/** Two classes of 32×32 colour images, six each. */
beforeAll(async () => {
  const rng = random(0, "photos");
  for (const split of ["train", "test"]) {
    for (const [c, name] of ["red", "blue"].entries()) {
      mkdirSync(inFolder("photos", split, name), { recursive: true });
      for (let i = 0; i < 6; i++) {
        const pixels = Uint8Array.from(
          { length: 3072 },
          (_, at) => rng.integer(60) + (at % 3 === 2 * c ? 150 : 0),
        );
        const image = sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } });
        await image.png().toFile(inFolder("photos", split, name, `${i}.png`));
      }
    }
  }
});

describe("inspect", () => {
  test("lists parameters and which of them train", async () => {
    const { code, stdout } = await cliHere("inspect", resnet, "--trainable", "linear.*,layer4.1.bn2.*");
    expect(code).toBe(0);
    expect(stdout).toContain("images  images [batch, 3, 32, 32]\nlogits  logits [batch, 10]\nopset   17\n");
    expect(stdout).toMatch(/conv1\.weight +│ 4×3×3×3 +│ no +│ weight of Conv; not chosen/);
    expect(stdout).toMatch(/layer4\.1\.bn2\.bias +│ 32 +│ yes +│ bias of BatchNormalization/);
    expect(stdout).toMatch(/bn1\.running_mean +│ 4 +│ moves +│ running statistics of BatchNormalization/);
    expect(stdout).toMatch(/4 of 62 parameters would train, [\d,]+ of 44,622 numbers\.\n/);
    expect(stdout).toMatch(/Nothing stands against training it: a step on 3×32×32 images was tried\.\n$/);
  });

  test("says what was folded", async () => {
    const { code, stdout } = await cliHere("inspect", exported("vgg-folded-opset17-batch1"));
    expect(code).toBe(0);
    expect(stdout).toContain("note: BatchNormalization was folded into 5 layers");
  });
});

describe("what a file expects", () => {
  const photos = ["--data", inFolder("photos")];
  const file = (name: string, ends: Ends, metadata: Record<string, string> = {}) => {
    writeFileSync(inFolder(name), greyFile({ ...ends, channels: 3, size: 32 }, metadata));
    return inFolder(name);
  };

  test("of pixels: bytes are refused with the flag to give, and shown by inspect", async () => {
    const bytes = file("bytes.onnx", { begin: (g, x) => g.div(x, g.scalar(255)) });
    const inspected = await cliHere("inspect", bytes);
    expect(inspected.stdout).toContain(
      "pixels  its graph divides by 255 first: it takes bytes (--input-range 255)",
    );
    const refused = await cliHere("evaluate", bytes, ...photos);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/takes pixels in \[0, 255\].*--input-range 255/);
    const said = await cliHere("evaluate", bytes, ...photos, "--input-range", "255", "--json", "-");
    expect(said.code, said.stderr).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({ manifest: { config: { inputRange: 255 } } });
    const ours = await cliHere("train", ...photos, "--input-range", "255", "--out", inFolder("ours"));
    expect(ours.stderr).toContain('--input-range is for models of files; "lenet" is one of ours');
  });

  test("of pixels: a second normalisation is refused", async () => {
    const out = inFolder("twice");
    const flags = ["--mean", "0.49,0.48,0.45", "--std", "0.25,0.24,0.26"];
    const rest = [...flags, "--method", "base", "--epochs", "1", "--out", out];
    const trained = await cliHere("train", "--model", "cifarCnn", "--width", "4", ...photos, ...rest);
    expect(trained.code, trained.stderr).toBe(0);
    const model = join(out, "model.onnx");
    const again = await cliHere("evaluate", model, ...photos, ...flags);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/normalises its images by itself .*Leave them out/);
    const tested = await cliHere("evaluate", model, ...photos);
    expect(tested.code, tested.stderr).toBe(0);
    expect(tested.stderr).not.toMatch(/note: .*(normalis|order|names)/);
  });

  test("of sizes: a folder's images are read as the model takes them, and the page shows them", async () => {
    const [plain, odd] = [file("plain.onnx", {}), inFolder("odd", "test")];
    for (const [i, name] of ["blue", "red"].entries()) {
      mkdirSync(join(odd, name), { recursive: true });
      for (const side of [40, 50 + i]) {
        const image = sharp({ create: { width: side, height: 20, channels: 3, background: name } });
        await image.jpeg().toFile(join(odd, name, `${side}.jpg`));
      }
    }
    const page = inFolder("pages", "test.html");
    const flags = ["--data", inFolder("odd"), "--html", page, "--hardest", "3"];
    const tested = await cliHere("evaluate", plain, ...flags);
    expect(tested.code, tested.stderr).toBe(0);
    expect(tested.stderr).toMatch(/note: odd\/test: pictures are stretched to 32×32 pixels/);
    expect(tested.stdout).toMatch(/│ mean of classes/);
    expect(tested.stdout).toContain(`Page: ${page}`);
    const markup = readFileSync(page, "utf8");
    expect(markup).toMatch(/<title>plain\.onnx on odd\/test<\/title>/);
    expect(markup.match(/<img\s/g)!.length).toBeGreaterThanOrEqual(3);
  });

  test("of classes: names are compared, and a class map says which is which", async () => {
    const named = file(
      "named.onnx",
      { end: (g, z) => g.slice(z, [{ axis: 1, start: 0, end: 2 }]) },
      { names: "red,green" },
    );
    const refused = await cliHere("evaluate", named, ...photos);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      '"blue" is not among the model\'s. Data: "blue", "red". Model: "red", "green"',
    );
    writeFileSync(inFolder("map.json"), '{"blue": "green", "red": 0}');
    const mapped = await cliHere(
      "evaluate",
      named,
      ...photos,
      "--class-map",
      inFolder("map.json"),
      "--json",
      "-",
    );
    expect(mapped.code, mapped.stderr).toBe(0);
    expect(JSON.parse(mapped.stdout)).toMatchObject({
      manifest: { config: { classes: { blue: 1, red: 0 } } },
    });
    const trained = await cliHere(
      "train",
      "--model",
      named,
      ...photos,
      "--class-map",
      inFolder("map.json"),
      "--epochs",
      "1",
      "--out",
      inFolder("mapped"),
    );
    expect(trained.code, trained.stderr).toBe(0);
    expect(readModel(readFileSync(inFolder("mapped", "model.onnx"))).metadata).toMatchObject({
      "alignreg.classNames": '["red","green"]',
    });
    const missing = await cliHere("evaluate", named, ...photos, "--class-map", inFolder("none.json"));
    expect(missing.stderr).toContain("Cannot read the class map");
  });
});

describe("train and evaluate", () => {
  const data = ["--data", inFolder("photos")];
  const out = inFolder("run");
  const run = ["train", "--model", resnet, ...data, "--mean", "0.49,0.48,0.45", "--std", "0.25,0.24,0.26"];
  const rest = ["--trainable", "last:2", "--epochs", "1", "--batch-size", "4", "--out", out];

  test("an exported model trains, keeps its names, and remembers its normalisation", async () => {
    const { code, stdout, stderr } = await cliHere(...run, ...rest);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(join(out, "weights.safetensors"));
    expect(readdirSync(out).sort()).toEqual([
      "MODEL_CARD.md",
      "classifier.json",
      "manifest.json",
      "metrics.jsonl",
      "model.onnx",
      "weights.safetensors",
    ]);
    const { graph, metadata } = readModel(readFileSync(join(out, "model.onnx")));
    const before = readModel(readFileSync(resnet)).graph;
    expect([...graph.initializers.keys()]).toEqual([...before.initializers.keys()]);
    expect(metadata).toMatchObject({
      "alignreg.std": "[0.25,0.24,0.26]",
      "alignreg.normalization": "before graph",
      "alignreg.classNames": '["blue","red"]',
      "alignreg.imageShape": "[3,32,32]",
    });
    expect(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))).toMatchObject({
      config: {
        trainable: { last: 2 },
        normalization: { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] },
      },
      options: { model: resnet, trainable: "last:2" },
    });

    const tested = await cliHere("evaluate", join(out, "model.onnx"), ...data, "--json", "-");
    expect(tested.code, tested.stderr).toBe(0);
    expect(JSON.parse(tested.stdout)).toMatchObject({
      samples: 12,
      manifest: { config: { normalization: { mean: [0.49, 0.48, 0.45] } } },
    });
  });

  test("the finished run is known again, and another choice is not it", async () => {
    const again = await cliHere(...run, ...rest, "--resume");
    expect(again.stdout).toContain("is finished already");
    const other = await cliHere(...run, ...rest, "--resume", "--trainable", "all");
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('trainable: "last:2" there, "all" now');
  });

  test("a classifier of ours is as wide as it is told", async () => {
    const narrow = inFolder("narrow");
    const args = ["train", "--model", "resnet18", "--width", "4", ...data, "--epochs", "1", "--out", narrow];
    const { code, stderr } = await cliHere(...args);
    expect(code, stderr).toBe(0);
    const { graph } = readModel(readFileSync(join(narrow, "model.onnx")));
    expect(graph.initializers.get("conv1.weight")!.shape).toEqual([4, 3, 3, 3]);
    const wider = await cliHere(...args.map((arg) => (arg === "4" ? "5" : arg)), "--resume");
    expect(wider.stderr).toContain("width: 4 there, 5 now");
  });

  test("LeNet with mean and std has them in the graph", async () => {
    const lenet = inFolder("lenet");
    const { code, stderr } = await cliHere(
      ...[
        "train",
        ...data,
        "--mean",
        "0.5,0.5,0.5",
        "--std",
        "0.25,0.25,0.25",
        "--epochs",
        "1",
        "--out",
        lenet,
      ],
    );
    expect(code, stderr).toBe(0);
    const { graph, metadata } = readModel(readFileSync(join(lenet, "model.onnx")));
    expect(graph.nodes.slice(0, 2).map((node) => node.opType)).toEqual(["Sub", "Div"]);
    expect(metadata["alignreg.mean"]).toBeUndefined();
    expect(metadata["alignreg.normalization"]).toBe("in graph");
  });

  test("notes of the export are told, and a model for other images is refused", async () => {
    const vgg = ["train", "--model", exported("vgg-folded-opset17-batch1"), ...data, "--epochs", "1"];
    const { code, stderr } = await cliHere(...vgg, "--out", inFolder("vgg"));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("note: BatchNormalization was folded into 5 layers");
    const mnist = await cliHere("train", "--model", resnet, "--limit", "64", "--out", inFolder("mnist"));
    expect(mnist.code).toBe(1);
    expect(mnist.stderr).toContain("The model takes images [3,32,32]; the data's are [1,28,28]");
  });
});
