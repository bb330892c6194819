/**
 * Runs the code blocks of README.md and docs/*.md as someone who installed the package: `tsx scripts/docs-blocks.ts FOLDER`, where
 * FOLDER/node_modules has the package, TypeScript, TensorFlow.js and small MNIST files; with names of pages (docs/cli.md) those of
 * them alone. Blocks in TypeScript are type-checked together, strictly, against the shipped declarations; then each runs by the
 * `node` of PATH. Shell lines run one by one, studies are planned. What a block takes for granted, and what does not run, is in
 * the tables below; an entry of theirs that meets no block is an error.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { zipSync } from "fflate";
import ts from "typescript";
import { teachableFiles } from "../test/teachable-case.ts";

interface Block {
  readonly page: string;
  /** Of the block's first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** Names that blocks of a page use without making them, and how they are made; "*" is for every page. */
const given: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "*": {
    data: 'const data = await (await import("alignreg")).mnist();',
    tf: 'const tf = await import("@tensorflow/tfjs");',
  },
  "README.md": {
    model:
      'const { layers, sequential } = await import("@tensorflow/tfjs");\n' +
      "const model = sequential({ layers: [layers.flatten({ inputShape: [28, 28, 1] }), " +
      'layers.dense({ units: 10, activation: "softmax" })] });',
  },
  "docs/models.md": {},
  "docs/study.md": { signal: "const { signal } = new AbortController();" },
  "docs/tensorflow.md": {
    images: "const images = tf.randomUniform<tf.Rank.R4>([4, 28, 28, 1]);",
    labels: 'const labels = tf.tensor1d([0, 1, 1, 0], "int32");',
    oneHot: "const oneHot = tf.oneHot(labels, 2);",
    views: "const views = [images, tf.mul(images, 0.5) as tf.Tensor4D];",
    optimizer:
      "const optimizer = tf.train.sgd(0.1);\n" +
      "const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [28, 28, 1] }), tf.layers.dense({ units: 2 })] });",
  },
};

/** What is not run, by page and a text of the block or of the shell line: why. */
const notRun: readonly (readonly [page: RegExp, text: RegExp, reason: string])[] = [
  [
    /cli|study/,
    /paper-mnist\.yaml --dry-run|^name: which-regularizer/,
    "asks for more digits than are kept here; test/study-docs.test.ts",
  ],
  [/README/, /^npm install --ignore-scripts/, "it is how the package was installed here"],
  [
    /README|cli|study/,
    /^(npx )?alignreg (demo|study run studies\/(paper-mnist|cifar10)\.yaml --out)/,
    "minutes to hours; the first is CI's main job",
  ],
  [/README|cli/, /studies\/smoke\.yaml --out/, "docs/study.md has the same line, and it is run there"],
  [/models/, /resnet18 --width 16 --data photos/, "a minute and more; the lines beside it are run"],
  [/README/, /^npm (ci|start|test)|^npm ci &&/, "of a clone; CI's own steps"],
  [
    /README|study|cli/,
    /runs\/paper|resume/,
    "goes on from a run that is not made here; test/cli-resume.test.ts",
  ],
  [
    /README/,
    /^npx alignreg \w+ .*flowers|efficientnet/,
    "with a package of its own; scripts/check-package.sh runs its like",
  ],
  [/README/, /mine\.onnx/, "a file of the reader's; the same line runs in docs/cli.md as resnet.onnx"],
  [/./, /net\.keras/, "needs a file of Keras; test/tfjs-docs.test.ts and test/cli-keras.test.ts run it"],
  [/./, /cifar10/, "a download of 139 MB; src/data/cifar10.test.ts"],
  [/bundlers/, /./, "scripts/check-bundlers.ts runs its every line"],
  [/browser/, /./, "of a page; test/web-*.test.ts and the browser example's tests run its like"],
  [/bench|photographs|shipped/, /./, "of a clone, and long"],
  [/performance/, /tools\/steps/, "of a clone, with a GPU; test/steps.long.test.ts runs its like"],
  [/contributing/, /./, "of a clone; CI's own steps"],
  [/install/, /\.tgz/, "it is how the package was installed here"],
  [
    /backbones/,
    /^npm install|efficientnet|--backbone/,
    "a package of its own; test/backbone.test.ts and scripts/check-package.sh",
  ],
  [/install|tensorflow|pytorch|ml5/, /^npm install /, "it is how the package was installed here"],
  [/pytorch/, /scripts\/check/, "of a clone, with PyTorch"],
  [/cli/, /COMMAND/, "the form of a command line"],
  [/cli/, /--image-size 224/, "a model for other images"],
  [/cli/, /jq/, "needs jq; the line without it is run"],
  [/tensorflow/, /^npx alignreg .*\bmobilenet\b/, "a folder of the reader's; test/graph-models.test.ts"],
  [/tensorflow/, /model\/model\.json/, "a file of the reader's; the tests of src/tfjs run its like"],
  [
    /./,
    /import torch|torch\.onnx|load_weights|onnx\.load|keras\.models|^model\.save/m,
    "Python; scripts/check-pytorch.ts and check-frameworks.sh",
  ],
  [
    /onnxruntime-training/,
    /CheckpointState/,
    "Python, with a package that is no longer published; by hand, with its 1.19.2",
  ],
  [/families/, /^- rotation$/m, "a list of families; src/augment/family-spec.test.ts reads it"],
];

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2]);
const installed = join(folder, "node_modules", "alignreg");
const run = promisify(execFile);
const env = {
  ...process.env,
  PATH: `${join(folder, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
};
const used = new Set<number>();
const skipped: string[] = [];
const failures: string[] = [];

const pages = [
  "README.md",
  ...readdirSync(join(installed, "docs"))
    // The tutorial begins in an empty folder: check-tutorial.ts.
    .filter((name) => name.endsWith(".md") && name !== "tutorial.md")
    .map((name) => `docs/${name}`),
];
const all = pages.flatMap(blocksOf);
await prepare();
const asked = process.argv.slice(3);
const blocks = all.filter(({ page }) => asked.length === 0 || asked.includes(page));
const scripts = blocks.filter(({ language }) => ["ts", "js"].includes(language));
bringRun(scripts);
await runScripts(scripts);
for (const page of pages) {
  // What one page has trained is not in another one's way.
  rmSync(join(folder, "runs"), { recursive: true, force: true });
  const shell = blocks.filter((one) => one.page === page && one.language === "sh");
  bringRun(shell);
  for (const block of shell) await runLines(block);
}
for (const block of blocks.filter(({ language }) => language === "yaml")) await planStudy(block);
for (const block of blocks.filter(({ language }) => language === "jsonc")) parseJson(block);
for (const block of blocks.filter(({ language }) => ["py", "python"].includes(language)))
  isSkipped(block, block.code);

notRun.forEach(([page, text], i) => {
  if (asked.length === 0 && !used.has(i))
    failures.push(`notRun's entry ${page} ${text} meets no block: take it out.`);
});
console.log(`${skipped.length} not run:\n  ${skipped.join("\n  ")}`);
if (failures.length > 0) console.error(`${failures.length} failed:\n\n${failures.join("\n\n")}`);
else console.log(`All other of the ${blocks.length} blocks work on Node ${await nodeVersion()}.`);
process.exitCode = failures.length > 0 ? 1 : 0;

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(installed, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: code, index }) => ({
    page,
    line: text.slice(0, index).split("\n").length + 1,
    language,
    code,
  }));
}

/** The files that the pages speak of: photographs, models, a study, a family. */
async function prepare(): Promise<void> {
  // The package's check may have left others of these names.
  for (const name of ["photos", "flowers"]) rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(join(folder, "blocks"), { recursive: true });
  cpSync(join(installed, "studies"), join(folder, "studies"), { recursive: true });
  cpSync(join(root, "examples/pytorch/net.onnx"), join(folder, "net.onnx"));
  for (const { code } of all) {
    const [, module] = /^\/\/ ([\w-]+\.mjs)\n/.exec(code) ?? [];
    if (module === undefined) continue;
    // Where shell lines and studies name it, and beside the scripts that import it.
    for (const place of [folder, join(folder, "blocks")]) writeFileSync(join(place, module), code);
  }
  writeFileSync(
    join(folder, "study.yaml"),
    "name: tiny\ndata: { name: mnist, train: 64, test: 32 }\nfamilies: [rotation]\nmethods: [base, rwa]\n",
  );
  const making = `
    import { mkdirSync } from "node:fs";
    import sharp from "sharp";
    import { cifarLenet, saveClassifier } from "alignreg";
    for (const split of ["train", "test"]) for (const [i, name] of ["ant", "bee"].entries()) {
      mkdirSync(\`photos/\${split}/\${name}\`, { recursive: true });
      for (let k = 0; k < 16; k++) {
        const bytes = Uint8Array.from({ length: 3 * 32 * 32 }, (_, j) => (97 * k + j * (5 + i)) % 256);
        await sharp(bytes, { raw: { width: 32, height: 32, channels: 3 } }).png().toFile(\`photos/\${split}/\${name}/\${k}.png\`);
      }
    }
    for (const name of ["rose", "tulip"]) {
      mkdirSync(\`flowers/\${name}\`, { recursive: true });
      for (let k = 0; k < 10; k++) {
        const noise = { type: "gaussian", mean: name === "rose" ? 90 : 160, sigma: 40 };
        const made = sharp({ create: { width: 32, height: 32, channels: 3, background: "black", noise } });
        await made.png().toFile(\`flowers/\${name}/\${k}.png\`);
      }
    }
    for (const [i, name] of ["paper", "stone"].entries()) {
      mkdirSync(\`desk/\${name}\`, { recursive: true });
      for (let k = 0; k < 10; k++) {
        const noise = { type: "gaussian", mean: i === 0 ? 170 : 90, sigma: 40 };
        const made = sharp({ create: { width: 40 + k, height: 40, channels: 3, background: "black", noise } });
        await made.jpeg().toFile(\`desk/\${name}/\${k}.jpg\`);
      }
    }
    mkdirSync("new", { recursive: true });
    for (const name of ["one", "two"]) {
      const background = name === "one" ? "crimson" : "gold";
      await sharp({ create: { width: 60, height: 50, channels: 3, background } }).jpeg().toFile(\`new/\${name}.jpg\`);
    }
    await saveClassifier(cifarLenet({ classes: 2 }), "resnet.onnx");`;
  writeFileSync(join(folder, "make.mjs"), making);
  await run("node", ["make.mjs"], { cwd: folder, env });
  const teachable = zipSync(Object.fromEntries(await teachableFiles()));
  writeFileSync(join(folder, "tm-my-image-model.zip"), teachable);
  const training = [
    "train",
    "--data",
    "flowers",
    "--model",
    "resnet.onnx",
    "--epochs",
    "1",
    "--out",
    "kept/flowers",
  ];
  await run("alignreg", training, { cwd: folder, env });
}

/** The run that a page speaks of, where the page does not make it. */
function bringRun(some: readonly Block[]): void {
  const text = some.map(({ code }) => code).join("\n");
  if (!text.includes("runs/flowers") || text.includes("--out runs/flowers")) return;
  cpSync(join(folder, "kept/flowers"), join(folder, "runs/flowers"), { recursive: true });
}

/** Whether the table says why it does not run. */
function isSkipped({ page, line }: Block, text: string): boolean {
  const index = notRun.findIndex(([pages, texts]) => pages.test(page) && texts.test(text));
  if (index < 0) return false;
  used.add(index);
  skipped.push(`${page}:${line} ${text.trim().split("\n")[0]} (${notRun[index][2]})`);
  return true;
}

async function runScripts(scripts: readonly Block[]): Promise<void> {
  const files = scripts.map((block) => {
    const name = `${block.page.replace(/\W/g, "-")}-${block.line}`;
    const code = `${preludeOf(block)}${block.code}\nexport {};\n`;
    writeFileSync(join(folder, "blocks", `${name}.${block.language}`), code);
    return { block, name };
  });
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom"],
    types: ["node"],
    noEmitOnError: false,
  };
  const typed = files.filter(({ block }) => block.language === "ts" && !/browser/.test(block.page));
  const project = {
    compilerOptions: { ...compilerOptions, skipLibCheck: true },
    files: typed.map(({ name }) => `blocks/${name}.ts`),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  try {
    await run("tsc", ["-p", "."], { cwd: folder, env });
  } catch (error) {
    failures.push(`Types:\n${(error as { stdout: string }).stdout}`);
  }
  for (const { block, name } of files) {
    if (isSkipped(block, block.code)) continue;
    await attempt(`${block.page}:${block.line}`, "node", [join("blocks", `${name}.js`)]);
  }
}

/** What makes the names that a block uses and does not declare. */
function preludeOf({ page, code }: Block): string {
  const known = { ...given["*"], ...given[page] };
  const declared = (name: string) => new RegExp(`(const|let|import)[^;=]*\\b${name}\\b`).test(code);
  const wanted = Object.keys(known).filter(
    (name) => new RegExp(`(?<![.\\w/"])${name}\\b(?!:)`).test(code) && !declared(name),
  );
  if (wanted.includes("images") && page.includes("tensorflow") && !wanted.includes("tf") && !declared("tf"))
    wanted.unshift("tf");
  const asType = (line: string) =>
    line.startsWith("const tf =") ? 'import * as tf from "@tensorflow/tfjs";' : line;
  return wanted
    .map((name) => `${asType(known[name])}\n`)
    .sort((a, b) => Number(b.startsWith("import")) - Number(a.startsWith("import")))
    .join("");
}

async function runLines(block: Block): Promise<void> {
  for (const line of block.code.split("\n").filter((text) => text.trim() !== "")) {
    const command = line.replace(/\s+#.*$/, "");
    if (!isSkipped(block, command))
      await attempt(`${block.page}:${block.line} ${command}`, "sh", ["-c", command]);
  }
}

async function planStudy(block: Block): Promise<void> {
  if (isSkipped(block, block.code)) return;
  // A list is one of families.
  const families = `name: listed\ndata: { name: mnist, train: 64, test: 32 }\nfamilies:\n${block.code}`;
  const study = block.code.startsWith("- ") ? families : block.code;
  writeFileSync(join(folder, "planned.yaml"), study);
  await attempt(`${block.page}:${block.line}`, "alignreg", ["study", "run", "planned.yaml", "--dry-run"]);
}

function parseJson({ page, line, code }: Block): void {
  const { error } = ts.parseConfigFileTextToJson(page, code);
  if (error) failures.push(`${page}:${line}: ${ts.flattenDiagnosticMessageText(error.messageText, "\n")}`);
}

async function attempt(what: string, program: string, args: readonly string[]): Promise<void> {
  try {
    await run(program, args, { cwd: folder, env, timeout: 300_000 });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout: string; stderr: string; message: string };
    failures.push(`${what}\n${`${stdout}${stderr}` || message}`.slice(0, 2000));
  }
}

async function nodeVersion(): Promise<string> {
  return (await run("node", ["--version"], { env })).stdout.trim();
}
