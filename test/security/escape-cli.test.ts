/** Texts of others on the terminal: each command is given names that would do harm wherever it takes or finds one. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";
import { type Model, writeModel } from "../../src/onnx/index.ts";
import { int64 } from "../../src/tensor/index.ts";
import { cli, cliHere } from "../cli-process.ts";
import { kerasFixture } from "../keras-case.ts";
import { greyModel } from "../small-classifier.ts";
import { expectHarmless, hostile, hostileName } from "./hostile-text.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-escape-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);

/** A folder and a class in it of hostile names. */
const photos = inFolder(`photos ${hostileName}`);
const classes = [`a ${hostileName}`, `b ${hostileName}`, "c"];
const families = inFolder("family.mjs");
const throwing = inFolder(`throws${hostileName}.mjs`);

/** Each name of a graph made hostile. */
function renamed({ graph, ...model }: Model, end: string): Model {
  const name = (text: string) => (text === "" ? "" : text + end);
  const info = <Info extends { name: string }>(value: Info): Info => ({ ...value, name: name(value.name) });
  return {
    ...model,
    graph: {
      ...graph,
      name: name(graph.name),
      inputs: graph.inputs.map(info),
      outputs: graph.outputs.map(info),
      initializers: new Map([...graph.initializers].map(([key, value]) => [name(key), value])),
      nodes: graph.nodes.map((node) => ({
        ...node,
        name: `${node.opType}${end}`,
        inputs: node.inputs.map(name),
        outputs: node.outputs.map(name),
      })),
    },
  };
}

const changed = (model: Model, opType: string, change: object): Model => ({
  ...model,
  graph: {
    ...model.graph,
    nodes: model.graph.nodes.map((node) => (node.opType === opType ? { ...node, ...change } : node)),
  },
});

beforeAll(async () => {
  for (const name of classes) {
    mkdirSync(join(photos, name), { recursive: true });
    const image = sharp({ create: { width: 12, height: 12, channels: 3, background: "#888" } });
    for (const n of [1, 2]) await image.png().toFile(join(photos, name, `${n}.png`));
  }
  mkdirSync(inFolder("broken", hostileName), { recursive: true });
  writeFileSync(inFolder("broken", hostileName, `${hostileName}.png`), "no picture");
  mkdirSync(inFolder("stray"));
  writeFileSync(inFolder("stray", `${hostileName}.txt`), "");

  const good = renamed(greyModel(), hostile);
  const names = classes;
  const write = (name: string, model: Model) => writeFileSync(inFolder(name), writeModel(model));
  write("good.onnx", good);
  write("named.onnx", {
    ...good,
    metadata: { "alignreg.classNames": JSON.stringify(names), [hostile]: hostile },
  });
  write("unknown.onnx", changed(good, "MatMul", { opType: `Wei${hostile}`, domain: `own.${hostile}` }));
  write("quantized.onnx", changed(good, "MatMul", { opType: "QLinearMatMul" }));
  write(
    "two.onnx",
    changed(changed(good, "MatMul", { opType: "QLinearMatMul" }), "Flatten", { opType: "Loop" }),
  );
  write("dangling.onnx", changed(good, "MatMul", { inputs: [`nothing${hostile}`, `none${hostile}`] }));
  write("shapes.onnx", changed(good, "Flatten", { attributes: {} }));
  write(
    "fails-at-run.onnx",
    renamed(
      greyModel({
        end: (g, z) => g.op1("Gather", [z, g.initializer("at", int64([0, 1, 7]))], { axis: 1 }),
      }),
      hostile,
    ),
  );
  writeFileSync(inFolder(`${hostileName}.onnx`), "text");

  const layers = inFolder("layers");
  cpSync(kerasFixture("sequential.keras2.tfjs"), layers, { recursive: true });
  const topology = readFileSync(join(layers, "model.json"), "utf8");
  const quoted = JSON.stringify(hostile).slice(1, -1);
  writeFileSync(
    join(layers, "model.json"),
    topology.replace(/"class_name": ?"(Dense|Conv2D)"/g, `"class_name":"$1${quoted}"`),
  );

  writeFileSync(
    families,
    `export default { ${JSON.stringify(hostile)}: ({ data }) => data.map((v) => v / 2) };`,
  );
  writeFileSync(throwing, `throw new Error(${JSON.stringify(hostile)});`);
  writeFileSync(inFolder("classes.json"), JSON.stringify({ [hostile]: 0, [`other ${hostile}`]: 1 }));
  writeFileSync(
    inFolder("study.yaml"),
    [
      `data: { name: ${JSON.stringify(photos)}, train: 2, validation: 1, test: 2 }`,
      "name: harmless",
      `families: [rotation, ${JSON.stringify(families)}]`,
      "methods: [base]",
      "seeds: [0]",
      "epochs: 1",
    ].join("\n"),
  );
  writeFileSync(
    inFolder(`bad${hostileName}.yaml`),
    [
      `${JSON.stringify(hostile)}: 1`,
      `families: [${JSON.stringify(hostile)}]`,
      `methods: [${JSON.stringify(hostile)}]`,
      `seeds: ${JSON.stringify(hostile)}`,
      `epochs: { ${JSON.stringify(hostile)}: 1 }`,
    ].join("\n"),
  );
  writeFileSync(inFolder("syntax.yaml"), `a: [${hostile}`);
});

const evaluate = (model: string, ...args: readonly string[]) => [
  ...["evaluate", inFolder(model), "--data", photos, "--channels", "1", "--image-size", "8"],
  ...args,
];

async function harmless(...args: readonly string[]) {
  const ended = await cliHere(...args);
  const what = JSON.stringify(args.map((arg) => arg.replace(folder, ""))).slice(0, 150);
  expectHarmless(ended.stdout, `${what}, stdout,`);
  expectHarmless(ended.stderr, `${what}, stderr,`);
  return ended;
}

/** Commands that get so far that they show a name. */
const succeeding: Record<string, readonly string[]> = {
  "a model whose every name is hostile is inspected": ["inspect", inFolder("good.onnx")],
  "and one with classes of such names": ["inspect", inFolder("named.onnx")],
  "and tested": evaluate("good.onnx"),
  "with names of classes, by a family of such a name": evaluate("named.onnx", "--transforms", families),
  "to JSON": evaluate("named.onnx", "--json", "-"),
  "to a file of such a name": evaluate("good.onnx", "--json", inFolder(`${hostileName}.json`)),
  "a family is drawn": ["transforms", families, "--data", photos, "--out", inFolder(`${hostileName}.png`)],
  "a study is looked through": ["study", "run", inFolder("study.yaml"), "--dry-run"],
  "a model is trained": [
    ...["train", "--data", photos, "--channels", "1", "--image-size", "8", "--model"],
    ...[inFolder("good.onnx"), "--epochs", "1"],
    ...["--transforms", families, "--out", inFolder(`run ${hostileName}`)],
  ],
};

const failing: Record<string, readonly string[]> = {
  "an operator that nobody knows": ["inspect", inFolder("unknown.onnx")],
  "one without a gradient": ["inspect", inFolder("quantized.onnx")],
  "several reasons, in lines": ["inspect", inFolder("two.onnx")],
  "names that nothing has": ["inspect", inFolder("dangling.onnx")],
  "what ONNX Runtime refuses": evaluate("dangling.onnx"),
  "an operator of theirs": evaluate("unknown.onnx"),
  "what fails at run": evaluate("fails-at-run.onnx"),
  "text for a model": ["inspect", inFolder(`${hostileName}.onnx`)],
  "layers of unknown classes": ["inspect", inFolder("layers")],
  "a picture that is none": evaluate("good.onnx", "--data", inFolder("broken")),
  "no layout of ours": evaluate("good.onnx", "--data", inFolder("stray")),
  "a module that throws": evaluate("good.onnx", "--transforms", throwing),
  "a class map": evaluate("good.onnx", "--class-map", inFolder("classes.json")),
  "a study of wrong settings": ["study", "run", inFolder(`bad${hostileName}.yaml`), "--dry-run"],
  "a study that is no YAML": ["study", "run", inFolder("syntax.yaml"), "--dry-run"],
  "a study's folder that is none": ["study", "status", inFolder(hostileName)],
  "the same, collected": ["study", "collect", inFolder(hostileName)],
  "a command of nobody": [hostile],
  "an option of nobody": ["train", `--${hostile}`],
};

describe("what would do harm on a terminal is shown as text", () => {
  test.each(Object.entries(succeeding))("%s", async (_, args) => {
    const { code, stdout, stderr } = await harmless(...args);
    expect(code, stderr).toBe(0);
    if (args.at(-1) === "-") expect(JSON.stringify(JSON.parse(stdout))).toContain("robustAccuracy");
  });

  test.each(Object.entries(failing))("%s", async (_, args) => {
    const { code, stderr } = await harmless(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^error: /m);
    expect((await harmless(...args, "--verbose")).code).not.toBe(0);
  });
});

test("every option and argument of every command", async () => {
  const needed = new Map([
    ["train", ["--out", inFolder("never")]],
    ["evaluate", [inFolder("none.onnx")]],
    ["inspect", [inFolder("none.onnx")]],
  ]);
  const tried: string[] = [];
  const around = readdirSync(".");
  for (const command of buildProgram().commands.flatMap((top) =>
    top.commands.length > 0 ? top.commands : [top],
  )) {
    const path = command.parent?.parent ? [command.parent.name(), command.name()] : [command.name()];
    for (const option of command.options.filter(({ flags }) => flags.includes("<"))) {
      // These would train on MNIST, as text is what they take.
      if (path[0] === "demo" && option.long === "--out") continue;
      const args = [
        ...path,
        ...(needed.get(path[0]) ?? []),
        option.long!,
        hostile,
        "--data",
        inFolder("nothing"),
      ];
      expect((await harmless(...args)).code, args.join(" ")).not.toBe(0);
      tried.push(option.long!);
    }
  }
  expect(tried.length).toBeGreaterThan(50);
  // Nor do folders stay that were made for what came to nothing.
  expect(readdirSync(".")).toEqual(around);
});

test("the streams of a process of its own, with ONNX Runtime's, hold nothing else", async () => {
  const { code, stdout, stderr } = await cli(...evaluate("fails-at-run.onnx"));
  expectHarmless(stdout, "stdout");
  expectHarmless(stderr, "stderr");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: ONNX Runtime failed while running .*fails-at-run\.onnx: .*Gather.*idx=7/m);
  expect(stderr).not.toContain("onnxruntime:");
});

test.each([
  ["a rejection", `Promise.reject(new Error(${JSON.stringify(hostile)}));`],
  ["an error of a timer", `setTimeout(() => { throw new TypeError(${JSON.stringify(hostile)}); });`],
  ["no error at all", `setTimeout(() => { throw ${JSON.stringify(hostile)}; });`],
])("what nothing catches is told in our words: %s", async (_, code) => {
  const module = inFolder("later.mjs");
  writeFileSync(module, `${code}\nexport default { dark: ({ data }) => data.map((v) => v / 2) };`);
  const ended = await cli(...evaluate("good.onnx", "--transforms", module));
  expectHarmless(ended.stdout, "stdout");
  expectHarmless(ended.stderr, "stderr");
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("error: this is a bug in alignreg; please report it with the lines below.");
});
