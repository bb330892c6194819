/** One's own model on the command line: inspect, train, evaluate. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../src/onnx/index.ts";
import { random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";
import { PYTORCH_FIXTURES } from "./pytorch-case.ts";

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
    expect(stdout).toMatch(/conv1\.weight +│ 4×3×3×3 +│ no/);
    expect(stdout).toMatch(/layer4\.1\.bn2\.bias +│ 32 +│ yes/);
    expect(stdout).toMatch(
      /6 of 64 parameters would train, [\d,]+ numbers\.\nNothing stands against training it\.\n$/,
    );
  });

  test("says what was folded", async () => {
    const { code, stdout } = await cliHere("inspect", exported("vgg-folded-opset17-batch1"));
    expect(code).toBe(0);
    expect(stdout).toContain("note: BatchNormalization was folded into 5 convolutions");
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
    expect(stderr).toContain("note: BatchNormalization was folded into 5 convolutions");
    const mnist = await cliHere("train", "--model", resnet, "--limit", "64", "--out", inFolder("mnist"));
    expect(mnist.code).toBe(1);
    expect(mnist.stderr).toContain("The model takes images [3,32,32]; the data's are [1,28,28]");
  });
});
