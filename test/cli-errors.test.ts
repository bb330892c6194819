import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Command } from "commander";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram } from "../src/cli/program.ts";
import { lenet } from "../src/models/index.ts";
import { modelOf, writeModel } from "../src/onnx/index.ts";
import { cli, cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-errors-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);

beforeAll(async () => {
  const model = writeModel(modelOf(lenet().graph));
  writeFileSync(inFolder("good.onnx"), model);
  writeFileSync(inFolder("truncated.onnx"), model.subarray(0, model.length / 2));
  writeFileSync(inFolder("text.onnx"), "This is not a model.\n");
  writeFileSync(inFolder("empty.onnx"), "");

  const [images, labels] = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];
  mkdirSync(inFolder("corrupt"));
  const packed = gzipSync(
    Buffer.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, ...Array<number>(784)]),
  );
  writeFileSync(inFolder("corrupt", images), packed.fill(0x55, 12));
  writeFileSync(inFolder("corrupt", labels), gzipSync(Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 3])));
  mkdirSync(inFolder("empty"));
  for (const name of ["cat", "dog"]) {
    mkdirSync(inFolder("wide", name), { recursive: true });
    const image = sharp({ create: { width: 40, height: 20, channels: 3, background: "#888" } });
    await image.png().toFile(inFolder("wide", name, "0.png"));
  }
});

interface BadInput {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: 1 | 2;
  /** What the message must tell. */
  readonly tells: readonly string[];
}

const train = (...args: readonly string[]) => ["train", "--limit", "64", "--out", inFolder("out"), ...args];
const evaluate = (...args: readonly string[]) => [
  ...["evaluate", "--limit", "10", "--json", inFolder("out", "scores.json")],
  ...args,
];
const badOption = (option: string, value: string, tells: string): BadInput => ({
  what: `${option} ${value}`,
  args: train(option, value),
  code: 2,
  tells: [option, `'${value}'`, tells],
});

const badInputs: readonly BadInput[] = [
  badOption("--method", "adversarial", "base, va, rva, vwa, rwa"),
  badOption("--regularizer", "l7", "squaredL2"),
  badOption("--transforms", "spin", "rotation"),
  badOption("--model", "resnet1000", "lenet"),
  badOption("--mean", "0.5,x", "one number per channel"),
  badOption("--trainable", "last:0", "last:2"),
  badOption("--trainable", "fc.*,", "names with commas between"),
  {
    what: "the logits of a classifier of ours",
    args: train("--output", "fc2"),
    code: 1,
    tells: ['"lenet" is one of ours'],
  },
  badOption("--width", "0", "whole number of at least 1"),
  {
    what: "a width for a classifier that has none",
    args: train("--width", "8"),
    code: 1,
    tells: ['"lenet" has no width', "resnet18"],
  },
  {
    what: "a width for an ONNX file",
    args: train("--model", inFolder("good.onnx"), "--width", "8"),
    code: 1,
    tells: ["--width is for classifiers of ours", "good.onnx"],
  },
  {
    what: "a name that no weight has",
    args: train("--trainable", "conv9.*"),
    code: 1,
    tells: ['called "conv9.*"', "conv1.weight"],
  },
  {
    what: "text as a model to train",
    args: train("--model", inFolder("text.onnx")),
    code: 1,
    tells: ["is not an ONNX file"],
  },
  badOption("--optimizer", "rprop", "sgd, adam, adamw"),
  badOption("--schedule", "linear", "constant, step, cosine"),
  badOption("--provider", "tpu", "cpu, webgpu, cuda"),
  badOption("--epochs", "0", "whole number of at least 1"),
  badOption("--epochs", "1.5", "whole number of at least 1"),
  badOption("--batch-size", "-8", "whole number of at least 1"),
  badOption("--limit", "ten", "whole number of at least 1"),
  badOption("--lr", "abc", "number of at least 0"),
  badOption("--lr", "-0.1", "number of at least 0"),
  badOption("--lr", "NaN", "number of at least 0"),
  badOption("--lr", "Infinity", "number of at least 0"),
  badOption("--lambda", "-1", "number of at least 0"),
  badOption("--seed", "0x10", "whole number of at least 0"),
  badOption("--image-size", "32*32", "height x width"),
  { what: "unknown option", args: train("--epohcs", "3"), code: 2, tells: ["--epohcs", "--epochs"] },
  { what: "unknown command", args: ["trian"], code: 2, tells: ["trian", "train"] },
  { what: "no --out", args: ["train"], code: 2, tells: ["--out"] },
  { what: "no pictures", args: ["predict", inFolder("good.onnx")], code: 2, tells: ["'pictures'"] },
  {
    what: "a model that is none, asked about a picture",
    args: ["predict", inFolder("text.onnx"), inFolder("wide", "cat", "0.png")],
    code: 1,
    tells: ["cannot load", "text.onnx"],
  },
  {
    what: "two results on stdout",
    args: ["predict", inFolder("good.onnx"), inFolder("wide"), "--json", "-", "--csv", "-"],
    code: 1,
    tells: ["--json -", "--csv -"],
  },
  {
    what: "a folder as the CSV file",
    args: ["predict", inFolder("good.onnx"), inFolder("wide"), "--csv", folder],
    code: 1,
    tells: ["it is a folder"],
  },
  { what: "no model to test", args: ["evaluate"], code: 2, tells: ["'model'"] },
  {
    what: "unknown data",
    args: train("--data", "cifar99"),
    code: 1,
    tells: ['no data set "cifar99"', "mnist"],
  },
  { what: "empty data folder", args: train("--data", inFolder("empty")), code: 1, tells: ["is empty"] },
  {
    what: "images smaller than the model takes",
    args: train("--data", inFolder("wide"), "--image-size", "8"),
    code: 1,
    tells: ["at least 12×12", "8×8"],
  },
  {
    what: "image options with MNIST",
    args: train("--image-size", "32"),
    code: 1,
    tells: ['"mnist" has no option size'],
  },
  {
    what: "an option of another optimizer",
    args: train("--momentum", "0.9"),
    code: 1,
    tells: ['"adam" takes no "momentum"'],
  },
  {
    what: "Nesterov without momentum",
    args: train("--optimizer", "sgd", "--nesterov"),
    code: 1,
    tells: ["momentum above 0"],
  },
  {
    what: "a tensor to align that is not there",
    args: train("--align", "embedding"),
    code: 1,
    tells: ['no tensor "embedding"', "logits"],
  },
  {
    what: "an option of a critic where there is none",
    args: train("--critic-steps", "2", "--regularizer", "kl"),
    code: 1,
    tells: ["--critic-steps", "wasserstein or discriminator", "kl"],
  },
  {
    what: "an option of another critic",
    args: train("--lipschitz", "clipping", "--regularizer", "discriminator"),
    code: 1,
    tells: ["--lipschitz", "--regularizer wasserstein"],
  },
  {
    what: "views by distance for a method without",
    args: train("--method", "vwa", "--select-by", "distance"),
    code: 1,
    tells: ["vwa", "--select-by"],
  },
  {
    what: "an option of another schedule",
    args: train("--step-every", "2"),
    code: 1,
    tells: ["--step-every", "--schedule step"],
  },
  {
    what: "an option that the method does not use",
    args: train("--method", "base", "--align", "softmax"),
    code: 1,
    tells: ['"base"', "--align"],
  },
  {
    what: "two options that contradict",
    args: train("--compat", "alignreg-1.0", "--selection", "sample"),
    code: 1,
    tells: ["--selection", "--compat"],
  },
  {
    what: "a file in the way of --out",
    args: ["train", "--out", inFolder("text.onnx", "run")],
    code: 1,
    tells: ["is a file"],
  },
  {
    what: "nothing to go on with",
    args: train("--resume", "--model", inFolder("text.onnx")),
    code: 1,
    tells: ["out holds no run to go on with: one starts", "is not an ONNX file"],
  },
  {
    what: "a run among the class folders",
    args: ["train", "--data", inFolder("wide"), "--out", inFolder("wide", "runs", "a")],
    code: 1,
    tells: ["--out", "lies among the class folders", "outside"],
  },
  {
    what: "a cache in a class folder",
    args: [...train("--data", inFolder("wide")), "--cache", inFolder("wide", "cat")],
    code: 1,
    tells: ["--cache", "lies among the class folders"],
  },
  {
    what: "a test's cache that is the data's folder",
    args: [...evaluate(inFolder("good.onnx"), "--data", inFolder("wide")), "--cache", inFolder("wide")],
    code: 1,
    tells: ["--cache", "lies among the class folders"],
  },
  {
    what: "draws of images that are the same in each step",
    args: train("--trainable", "fc2.*", "--draws", "3"),
    code: 1,
    tells: ["nothing to draw", "--draws", "crop, flip"],
  },
  {
    what: "draws that nothing keeps",
    args: train("--flip", "--draws", "3", "--no-cache"),
    code: 1,
    tells: ["--draws", "--no-cache"],
  },
  {
    what: "a bound of a cache that is not wanted",
    args: train("--no-cache", "--cache-limit", "3"),
    code: 1,
    tells: ["--cache-limit", "--no-cache"],
  },
  {
    what: "a folder without a model, whatever the data",
    args: evaluate(inFolder("empty"), "--data", inFolder("wide")),
    code: 1,
    tells: ["Cannot read the model", "it is a folder"],
  },
  {
    what: "no such model",
    args: evaluate(inFolder("none.onnx")),
    code: 1,
    tells: ["none.onnx", "no such file"],
  },
  { what: "a truncated model", args: evaluate(inFolder("truncated.onnx")), code: 1, tells: ["load"] },
  { what: "text as a model", args: evaluate(inFolder("text.onnx")), code: 1, tells: ["load"] },
  { what: "an empty model", args: evaluate(inFolder("empty.onnx")), code: 1, tells: [] },
  {
    what: "a model of another image size",
    args: evaluate(inFolder("good.onnx"), "--data", inFolder("wide"), "--image-size", "20x40"),
    code: 1,
    tells: ["1,28,28", "20,40"],
  },
  {
    what: "an output that is not there",
    args: evaluate(inFolder("good.onnx"), "--output", "embedding"),
    code: 1,
    tells: ['"embedding"', "logits"],
  },
  {
    what: "damaged gzip data",
    args: evaluate(inFolder("good.onnx"), "--data", inFolder("corrupt")),
    code: 1,
    tells: ["t10k-", "is damaged"],
  },
  {
    what: "a folder as the JSON file",
    args: ["evaluate", inFolder("good.onnx"), "--limit", "10", "--json", folder],
    code: 1,
    tells: ["it is a folder"],
  },
];

describe("bad input", () => {
  test.each(badInputs)("$what", async ({ args, code, tells }) => {
    const before = readdirSync(folder, { recursive: true }).sort();
    const ended = await cliHere(...args);
    expect(ended.code, ended.stderr).toBe(code);
    for (const part of tells) expect(ended.stderr).toContain(part);
    expect(ended.stderr.match(/^error: .{20,}$/gm)).toHaveLength(1);
    expect(ended.stderr, "no stack").not.toMatch(/^ +at /m);
    expect(ended.stdout).toBe("");
    expect(readdirSync(folder, { recursive: true }).sort(), "nothing written").toEqual(before);
  });

  test("an image that cannot be read leaves the file alone and nothing behind", async () => {
    writeFileSync(inFolder("wide", "dog", "1.png"), "no image");
    const { code, stderr } = await cliHere(...train("--data", inFolder("wide")));
    rmSync(inFolder("wide", "dog", "1.png"));
    expect(code).toBe(1);
    expect(stderr).toContain("1.png");
    expect(existsSync(inFolder("out"))).toBe(false);
  });
});

test("--verbose shows where an error came from", async () => {
  const { code, stderr } = await cliHere(...evaluate(inFolder("none.onnx"), "--verbose"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ +at .*evaluate/m);
});

describe("as a process", () => {
  test("passes exit codes on, and keeps stdout for results", async () => {
    const [usage, failure, version, help] = await Promise.all([
      cli("train", "--epochs", "0"),
      cli("evaluate", inFolder("none.onnx")),
      cli("--version"),
      cli("train", "--help"),
    ]);
    expect([usage.code, failure.code, version.code, help.code]).toEqual([2, 1, 0, 0]);
    expect(usage.stdout + failure.stdout).toBe("");
    const { version: expected } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(version.stdout).toBe(`${expected}\n`);
    expect(help.stdout).toMatch(/^Usage: alignreg train \[options\]/);
  });
});

/** Names of all commands, those of a group with the group's. */
const commandsOf = ({ commands }: Command, group = ""): string[] =>
  commands.flatMap((command) => {
    const name = group + command.name();
    return command.commands.length > 0 ? commandsOf(command, `${name} `) : [name];
  });

describe("help", () => {
  test.each(commandsOf(buildProgram()))(
    "of %s shows every option with its default, and examples",
    async (name) => {
      const { code, stdout } = await cliHere(...name.split(" "), "--help");
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: alignreg ${name}`);
      expect(stdout).toMatch(new RegExp(`Examples:\n  alignreg ${name}`));
      expect(
        stdout,
        "If the help is meant to be so: npx vitest run test/cli-errors.test.ts --update, and look at the difference",
      ).toMatchSnapshot();
    },
  );
});
